package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What may be done to a claim that is held. Each change names what its caller saw, and the commit decides (law L5). */
final class Changes {
    private static final int ROUNDS = 256;

    private final LedgerStore store;
    private final CommitCombiner commits;
    private final KnownOwners known;
    private final Ids ids;
    private final Events events;

    Changes(LedgerStore store, CommitCombiner commits, KnownOwners known, Ids ids, Events events) {
        this.store = store;
        this.commits = commits;
        this.known = known;
        this.ids = ids;
        this.events = events;
    }

    // ------------------------------------------------------------------ by token

    Claim renew(Token token, Duration span) {
        Duration lease = Limits.span("lease", span);
        Claim before = current("renew", token);
        return touch("renew", before, new Commit.LeaseWrite.Run(lease), Optional.empty(), Map.of(), Set.of());
    }

    Claim relabel(Token token, Map<String, String> put, Set<String> drop) {
        Map<String, String> checked = Limits.labels(put);
        Set<String> dropped = Limits.set("dropped labels", drop);
        Claim before = current("relabel", token);
        if (checked.isEmpty() && dropped.isEmpty()) {
            return before;
        }
        var all = new HashMap<>(before.labels());
        all.keySet().removeAll(dropped);
        all.putAll(checked);
        Limits.labels(all);
        return touch("relabel", before, Commit.LeaseWrite.KEEP, Optional.empty(), checked, dropped);
    }

    private Claim touch(
            String what,
            Claim before,
            Commit.LeaseWrite lease,
            Optional<Duration> attempt,
            Map<String, String> put,
            Set<String> drop) {
        var write = new Commit.Touch(before.token(), lease, attempt, put, drop);
        if (commits.commit(Commit.of(write)) instanceof CommitResult.Done done) {
            Claim after = ClaimForms.touched(before, write, done.at());
            events.tell(
                    put.isEmpty() && drop.isEmpty() ? new LedgerEvent.Renewed(after) : new LedgerEvent.Noted(after));
            return after;
        }
        throw stale(what, before.token());
    }

    Claim confirm(Token token, String part) {
        Limits.text("part", part, Limits.PART);
        Claim before = current("confirm " + part, token);
        List<Holding> held = before.holdings().stream()
                .filter(holding -> holding.part().equals(part))
                .toList();
        if (held.isEmpty()) {
            throw InvalidInputException.of("part", part, "a part that the claim holds: " + before.holdings());
        }
        if (held.stream().allMatch(Holding::confirmed)) {
            return before;
        }
        var edit = new Edit(before);
        edit.confirms = Set.of(part);
        Claim after = change("confirm " + part, edit);
        events.tell(new LedgerEvent.Noted(after));
        return after;
    }

    Claim stop(Token token) {
        Claim before = current("stop", token);
        if (before.state() == ClaimState.STOPPED) {
            return before;
        }
        requireState(before, "stop", ClaimState.ACTIVE, ClaimState.FAILED);
        return become("stop", before, ClaimState.STOPPED, Optional.empty());
    }

    Claim fail(Token token, String reason) {
        Claim before = current("fail", token);
        requireState(before, "fail", ClaimState.PENDING, ClaimState.ACTIVE, ClaimState.STOPPED, ClaimState.FAILED);
        return become("fail", before, ClaimState.FAILED, noted(reason));
    }

    private Claim become(String what, Claim before, ClaimState state, Optional<String> reason) {
        var edit = new Edit(before);
        edit.state = state;
        edit.reason = reason;
        edit.attempt = Commit.AttemptWrite.END;
        Claim after = change(what, edit);
        events.tell(new LedgerEvent.StateChanged(after, before.state()));
        return after;
    }

    private static Optional<String> noted(String reason) {
        return Optional.of(Limits.note(reason)).filter(note -> !note.isBlank());
    }

    private static void requireState(Claim claim, String what, ClaimState... allowed) {
        if (!List.of(allowed).contains(claim.state())) {
            throw InvalidInputException.of(
                    what + " the claim of " + claim.owner(),
                    claim.state() + " since " + claim.stateSince(),
                    "a claim in state " + List.of(allowed) + "; a reservation becomes one by an attempt");
        }
    }

    Claim shrink(Token token, Set<String> parts) {
        if (parts.contains(Claim.INSTANCE_PART)) {
            throw InvalidInputException.of(
                    "part", Claim.INSTANCE_PART, "parts that were asked for; the instance goes with its claim");
        }
        Claim before = current("shrink", token);
        var edit = new Edit(before);
        edit.gives = before.holdings().stream()
                .filter(held -> parts.contains(held.part()))
                .map(held -> new Commit.Give(held.resource(), EndReason.SHRUNK, Optional.empty()))
                .toList();
        if (edit.gives.isEmpty()) {
            return before;
        }
        Claim after = change("shrink", edit);
        events.tellGiven(after, edit.gives);
        return after;
    }

    /** Gives parts back, some of it declined; a reservation that holds nothing else is released with it. */
    void decline(Token token, Set<String> parts, Set<Resource> declined, Commit.BlockTerms terms) {
        Claim before = current("give back " + parts, token);
        List<Holding> held = before.holdings().stream()
                .filter(holding -> parts.contains(holding.part()))
                .toList();
        if (before.isReservation() && held.size() == before.holdings().size()) {
            Map<Resource, Commit.BlockTerms> blocks = new HashMap<>();
            declined.forEach(resource -> blocks.put(resource, terms));
            release(before, blocks, EndReason.DECLINED);
            return;
        }
        var edit = new Edit(before);
        edit.gives = held.stream()
                .map(holding -> new Commit.Give(
                        holding.resource(),
                        EndReason.DECLINED,
                        declined.contains(holding.resource()) ? Optional.of(terms) : Optional.empty()))
                .toList();
        events.tellGiven(change("give back " + parts, edit), edit.gives);
    }

    /** Releases the claim if it is still as its token says; says whether this call did. */
    boolean release(Token token, EndReason reason, Quarantine quarantine) {
        Optional<Claim> seen = store.find(token.claim()).map(Snapshot::claim);
        if (seen.isPresent() && !seen.get().token().equals(token)) {
            throw new StaleTokenException("release", token, seen);
        }
        return seen.isPresent() && release(seen.get(), reason, quarantine);
    }

    /** Releases the claim if it is still as it was seen; says whether this call did. */
    boolean release(Claim seen, EndReason reason, Quarantine quarantine) {
        return release(seen, quarantine.blocks(seen.holdings()), reason);
    }

    private boolean release(Claim seen, Map<Resource, Commit.BlockTerms> blocks, EndReason reason) {
        var write = new Commit.Release(seen.token(), Commit.Guard.NONE, reason, blocks);
        if (commits.commit(Commit.of(write)) instanceof CommitResult.Done) {
            known.remove(seen.owner());
            events.tell(new LedgerEvent.Released(seen, reason));
            events.tellBlocked(blocks);
            return true;
        }
        Optional<Claim> now = store.find(seen.id()).map(Snapshot::claim);
        if (now.isPresent()) {
            throw new StaleTokenException("release", seen.token(), now);
        }
        return false;
    }

    // ------------------------------------------------------------------ by attempt

    Claim renew(Attempt attempt, Duration span) {
        InvalidInputException.requireNonNull("attempt", attempt);
        Duration longer = Limits.span("attempt", span);
        return retrying("renew attempt " + attempt.number(), attempt, before -> {
            requireCurrent("renew attempt " + attempt.number(), before, attempt);
            var write =
                    new Commit.Touch(before.token(), Commit.LeaseWrite.KEEP, Optional.of(longer), Map.of(), Set.of());
            if (!(commits.commit(Commit.of(write)) instanceof CommitResult.Done done)) {
                return null;
            }
            Claim after = ClaimForms.touched(before, write, done.at());
            events.tell(new LedgerEvent.Renewed(after));
            return after;
        });
    }

    Claim activate(Attempt attempt, String instance, Map<String, String> labels) {
        InvalidInputException.requireNonNull("attempt", attempt);
        Limits.text("instance", instance, Limits.VALUE);
        Map<String, String> checked = Limits.labels(labels);
        return retrying("activate " + instance, attempt, before -> {
            if (!isOf(before, attempt)) {
                throw stale("activate " + instance, before);
            }
            Scope home = before.home().orElseThrow();
            Resource wanted = ResourceKind.INSTANCE.in(home, instance);
            boolean same = before.instance().equals(Optional.of(wanted.value()));
            if (same && before.state() == ClaimState.ACTIVE) {
                return before;
            }
            requireCurrent("activate " + instance, before, attempt);
            var edit = new Edit(before);
            edit.state = ClaimState.ACTIVE;
            edit.reason = Optional.empty();
            edit.attempt = Commit.AttemptWrite.END;
            edit.label(checked);
            if (!same) {
                edit.gives = instances(before, EndReason.REASSIGNED);
                edit.takes = List.of(new Commit.Take(wanted, Claim.INSTANCE_PART, Claim.INSTANCE_PART, true));
            }
            return tryState(edit);
        });
    }

    private static List<Commit.Give> instances(Claim claim, EndReason reason) {
        return claim.holdings().stream()
                .filter(held -> held.part().equals(Claim.INSTANCE_PART))
                .map(held -> new Commit.Give(held.resource(), reason, Optional.empty()))
                .toList();
    }

    Claim detach(Attempt attempt) {
        InvalidInputException.requireNonNull("attempt", attempt);
        return retrying("detach the instance", attempt, before -> {
            requireCurrent("detach the instance", before, attempt);
            var edit = new Edit(before);
            edit.gives = instances(before, EndReason.SHRUNK);
            if (edit.gives.isEmpty()) {
                return before;
            }
            if (!(commits.commit(Commit.of(edit.write())) instanceof CommitResult.Done done)) {
                return null;
            }
            Claim after = ClaimForms.changed(before, edit.write(), done.at());
            events.tellGiven(after, edit.gives);
            return after;
        });
    }

    Claim fail(Attempt attempt, String reason) {
        InvalidInputException.requireNonNull("attempt", attempt);
        return retrying("fail attempt " + attempt.number(), attempt, before -> {
            if (before.state() == ClaimState.FAILED && isOf(before, attempt)) {
                return before;
            }
            requireCurrent("fail attempt " + attempt.number(), before, attempt);
            var edit = new Edit(before);
            edit.state = ClaimState.FAILED;
            edit.reason = noted(reason);
            edit.attempt = Commit.AttemptWrite.END;
            return tryState(edit);
        });
    }

    /** Releases the claim if the attempt is still its current one; says whether this call did. */
    boolean abandon(Attempt attempt) {
        for (int round = 0; round < ROUNDS; round++) {
            Optional<Claim> before = store.find(attempt.claim()).map(Snapshot::claim);
            if (before.isEmpty()) {
                return false;
            }
            requireCurrent("abandon attempt " + attempt.number(), before.get(), attempt);
            var write = new Commit.Release(before.get().token(), Commit.Guard.NONE, EndReason.FAILED, Map.of());
            if (commits.commit(Commit.of(write)) instanceof CommitResult.Done) {
                known.remove(before.get().owner());
                events.tell(new LedgerEvent.Released(before.get(), EndReason.FAILED));
                return true;
            }
        }
        throw new ContentionException("abandon attempt " + attempt.number(), ROUNDS);
    }

    /** Begins a new attempt whatever the state, unless one is under way. */
    AttemptOutcome restart(Token token, Scope home, Duration span) {
        Duration lease = Limits.span("attempt", span);
        for (int round = 0; round < ROUNDS; round++) {
            AttemptOutcome outcome = tryRestart(token, home, lease);
            if (outcome != null) {
                return outcome;
            }
        }
        throw new ContentionException("begin an attempt", ROUNDS);
    }

    /** One round: null if the attempt that had run out was renewed after all, or the claim has moved on. */
    private @Nullable AttemptOutcome tryRestart(Token token, Scope home, Duration lease) {
        Snapshot seen = store.find(token.claim())
                .filter(found -> found.claim().token().equals(token))
                .orElseThrow(() -> stale("begin an attempt", token));
        Claim before = seen.claim();
        if (!before.home().orElse(home).equals(home)) {
            var refusal = new Refusal(before.owner(), List.of(new Obstacle.Elsewhere(before, home)));
            events.tell(new LedgerEvent.Refused(refusal));
            return new AttemptOutcome.Refused(refusal);
        }
        if (seen.isAttempted()) {
            return new AttemptOutcome.Joined(before, before.attempt().orElseThrow());
        }
        var edit = new Edit(before);
        edit.guard = before.state() == ClaimState.PENDING ? Commit.Guard.ATTEMPT_LAPSED : Commit.Guard.NONE;
        edit.state = ClaimState.PENDING;
        edit.home = Optional.of(home);
        edit.reason = Optional.empty();
        edit.attempt = new Commit.AttemptWrite.Begin(new Commit.NewAttempt(ids.nonce(), lease));
        edit.lease = before.isReservation() ? Commit.LeaseWrite.LIFT : Commit.LeaseWrite.KEEP;
        if (!(commits.commit(Commit.of(edit.write())) instanceof CommitResult.Done done)) {
            return null;
        }
        Claim after = ClaimForms.changed(before, edit.write(), done.at());
        Attempt attempt = after.attempt().orElseThrow();
        events.tell(new LedgerEvent.Attempted(after, attempt));
        return new AttemptOutcome.Granted(after, attempt);
    }

    private @Nullable Claim tryState(Edit edit) {
        CommitResult result = commits.commit(Commit.of(edit.write()));
        if (result instanceof CommitResult.Done done) {
            Claim after = ClaimForms.changed(edit.before, edit.write(), done.at());
            events.tellGiven(after, edit.gives);
            events.tell(new LedgerEvent.StateChanged(after, edit.before.state()));
            return after;
        }
        List<Obstacle> obstacles = new ArrayList<>();
        for (Violation violation : ((CommitResult.Refused) result).violations()) {
            if (violation instanceof Violation.Stale) {
                return null;
            }
            if (violation instanceof Violation.Occupied occupied) {
                obstacles.add(new Obstacle.Taken(Claim.INSTANCE_PART, occupied.occupant()));
            }
        }
        var refusal = new Refusal(edit.before.owner(), obstacles);
        events.tell(new LedgerEvent.Refused(refusal));
        throw new ClaimRefusedException(refusal);
    }

    private Claim retrying(String what, Attempt attempt, Function<Claim, @Nullable Claim> step) {
        for (int round = 0; round < ROUNDS; round++) {
            Claim before = store.find(attempt.claim())
                    .map(Snapshot::claim)
                    .orElseThrow(() -> new StaleTokenException(what, new Token(attempt.claim(), 1), Optional.empty()));
            Claim after = step.apply(before);
            if (after != null) {
                return after;
            }
        }
        throw new ContentionException(what, ROUNDS);
    }

    private static boolean isOf(Claim claim, Attempt attempt) {
        return claim.attempt().map(now -> now.nonce().equals(attempt.nonce())).orElse(false);
    }

    private static void requireCurrent(String what, Claim claim, Attempt attempt) {
        if (claim.state() != ClaimState.PENDING || !isOf(claim, attempt)) {
            throw stale(what, claim);
        }
    }

    private static StaleTokenException stale(String what, Claim now) {
        return new StaleTokenException(what, now.token(), Optional.of(now));
    }

    // ------------------------------------------------------------------ by owner

    Claim rename(Owner from, Owner to) {
        for (int round = 0; round < ROUNDS; round++) {
            Optional<Claim> source = store.find(from).map(Snapshot::claim);
            Optional<Claim> target = store.find(to).map(Snapshot::claim);
            if (source.isEmpty() || from.equals(to)) {
                return target.orElseThrow(() -> new ClaimNotFoundException(from, "rename to " + to));
            }
            var edit = new Edit(source.get());
            edit.owner = to;
            CommitResult result = commits.commit(Commit.of(edit.write()));
            if (result instanceof CommitResult.Done done) {
                Claim after = ClaimForms.changed(edit.before, edit.write(), done.at());
                known.remove(from);
                known.add(to);
                events.tell(new LedgerEvent.Renamed(after, from));
                return after;
            }
            boolean moved = ((CommitResult.Refused) result)
                    .violations().stream().anyMatch(violation -> violation instanceof Violation.Stale);
            if (!moved && target.isPresent()) {
                throw InvalidInputException.of(
                        "rename of " + from,
                        to + ", which holds a claim since " + target.get().createdAt(),
                        "an owner without a claim; release one of the two first");
            }
        }
        throw new ContentionException("rename " + from, ROUNDS);
    }

    // ------------------------------------------------------------------ common

    Claim current(String what, Token token) {
        InvalidInputException.requireNonNull("token", token);
        return store.find(token.claim())
                .map(Snapshot::claim)
                .filter(claim -> claim.token().equals(token))
                .orElseThrow(() -> stale(what, token));
    }

    private StaleTokenException stale(String what, Token token) {
        return new StaleTokenException(what, token, store.find(token.claim()).map(Snapshot::claim));
    }

    private Claim change(String what, Edit edit) {
        if (commits.commit(Commit.of(edit.write())) instanceof CommitResult.Done done) {
            return ClaimForms.changed(edit.before, edit.write(), done.at());
        }
        throw stale(what, edit.before.token());
    }

    /** A change in the making: what the claim is, unless said otherwise. */
    private static final class Edit {
        private final Claim before;
        private Commit.Guard guard = Commit.Guard.NONE;
        private Owner owner;
        private ClaimState state;
        private Optional<Scope> home;
        private Commit.LeaseWrite lease = Commit.LeaseWrite.KEEP;
        private Commit.AttemptWrite attempt = Commit.AttemptWrite.LEAVE;
        private Optional<String> reason;
        private List<Commit.Give> gives = List.of();
        private List<Commit.Take> takes = List.of();
        private Set<String> confirms = Set.of();
        private Map<String, String> labels = Map.of();

        Edit(Claim before) {
            this.before = before;
            this.owner = before.owner();
            this.state = before.state();
            this.home = before.home();
            this.reason = before.reason();
        }

        /** Sets labels, beside those that the claim has. */
        void label(Map<String, String> more) {
            var all = new HashMap<>(before.labels());
            all.putAll(more);
            Limits.labels(all);
            labels = more;
        }

        Commit.Change write() {
            boolean anew = state != before.state() || attempt instanceof Commit.AttemptWrite.Begin;
            return new Commit.Change(
                    before.token(),
                    guard,
                    owner,
                    state,
                    anew ? Commit.StateClock.RESTART : Commit.StateClock.KEEP,
                    home,
                    lease,
                    attempt,
                    reason,
                    gives,
                    takes,
                    confirms,
                    labels);
        }
    }
}
