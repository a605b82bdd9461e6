package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The road of a request: look at what the owner holds, pick what is missing, commit, and begin again where others were
 * quicker. Whatever was seen, the commit decides (law L1).
 *
 * <p>Most requests are for owners that hold nothing. So where nothing speaks against it the first round saves the look,
 * assumes just that, and lets the commit find out. What such a round comes upon may be the owner's own, so it is no
 * ground for a refusal (laws L6 and L7): unless the commit itself gives the whole answer, the next round looks.
 */
final class Claiming {
    /** More than any race was ever seen to need; each round that is lost is a commit of somebody else. */
    private static final int ROUNDS = 256;
    /** After so many lost rounds a caller queues up with its like, so that not all of them race on. */
    private static final int PATIENCE = 16;

    private final LedgerStore store;
    private final CommitCombiner commits;
    private final Picks picks;
    private final KnownOwners known;
    private final Ids ids;
    private final Events events;
    private final ReentrantLock turn = new ReentrantLock(true);

    Claiming(LedgerStore store, CommitCombiner commits, Picks picks, KnownOwners known, Ids ids, Events events) {
        this.store = store;
        this.commits = commits;
        this.picks = picks;
        this.known = known;
        this.ids = ids;
        this.events = events;
    }

    /** That an instance is wanted too. */
    record Provision(Scope home, Duration span) {}

    /** How it ended; {@code Attempted} only where a provision was asked for. */
    sealed interface Result {
        record Reserved(ClaimOutcome.Granted granted) implements Result {}

        record Attempted(AttemptOutcome outcome) implements Result {}

        record Refused(Refusal refusal) implements Result {}
    }

    Result claim(ClaimRequest request, @Nullable Provision provision) {
        return run(request, provision, null);
    }

    /** Moves parts that are held: what the request says is taken, what the move says is given, in one commit. */
    Result move(ClaimRequest request, ClaimPlan.Move move) {
        return run(request, null, move);
    }

    private Result run(ClaimRequest request, @Nullable Provision provision, ClaimPlan.@Nullable Move move) {
        List<LedgerEvent> happened = new ArrayList<>();
        Result result = decide(request, provision, move, happened);
        happened.forEach(events::tell);
        return result;
    }

    /** Listeners must wait until notes and turn are given back: they may take long, or ask the ledger themselves. */
    private Result decide(
            ClaimRequest request,
            @Nullable Provision provision,
            ClaimPlan.@Nullable Move move,
            List<LedgerEvent> happened) {
        boolean queued = false;
        try (Picks.Session session = picks.begin(request.owner())) {
            var run = new Run(request, provision, move, session, happened);
            for (int round = 0; round < ROUNDS; round++) {
                if (round == PATIENCE) {
                    turn.lock();
                    queued = true;
                }
                Result result = run.round();
                if (result != null) {
                    if (result instanceof Result.Refused refused) {
                        happened.add(new LedgerEvent.Refused(refused.refusal()));
                    }
                    return result;
                }
            }
            throw new ContentionException(request.toString(), ROUNDS);
        } finally {
            if (queued) {
                turn.unlock();
            }
        }
    }

    private final class Run {
        private final ClaimRequest request;
        private final @Nullable Provision provision;
        private final ClaimPlan.@Nullable Move move;
        private final Picks.Session session;
        private final ClaimPlanner planner;
        private final List<LedgerEvent> happened;
        /** Whether the round to come assumes that the owner holds nothing. */
        private boolean assuming;

        Run(
                ClaimRequest request,
                @Nullable Provision provision,
                ClaimPlan.@Nullable Move move,
                Picks.Session session,
                List<LedgerEvent> happened) {
            this.request = request;
            this.provision = provision;
            this.move = move;
            this.session = session;
            this.happened = happened;
            this.planner = new ClaimPlanner(store, request, move, session);
            this.assuming = move == null && request.superseding().isEmpty() && !known.contains(request.owner());
        }

        /** One round: a result, or null to begin again. */
        @Nullable
        Result round() {
            if (assuming) {
                assuming = false;
                return venture();
            }
            return lookAndCommit();
        }

        /** A round that assumes that the owner holds nothing. */
        private @Nullable Result venture() {
            Step step;
            try {
                ClaimPlan plan = planner.venture();
                if (plan.isDoubtful()) {
                    return null;
                }
                step = step(null, plan, provision != null);
            } catch (StoreUnavailableException failure) {
                throw failure;
            } catch (RuntimeException mayNotMatter) {
                // What is wrong with today's candidates is nothing to an owner that holds its parts. To any other owner
                // it happens again in the next round.
                return null;
            }
            return commit(step);
        }

        private @Nullable Result lookAndCommit() {
            Snapshot seen = store.find(request.owner()).orElse(null);
            if (seen == null) {
                known.remove(request.owner());
            } else {
                known.add(request.owner());
            }
            Claim mine = seen == null ? null : seen.claim();
            if (move != null && (mine == null || !mine.token().equals(move.expected()))) {
                throw new StaleTokenException("move parts", move.expected(), current(move.expected()));
            }
            if (seen != null && provision != null) {
                Result decided = decideAttempt(seen, provision);
                if (decided != null) {
                    return decided;
                }
            }
            session.restart();
            ClaimPlan plan = planner.plan(mine);
            if (!plan.obstacles.isEmpty()) {
                return !plan.uncertain && isStill(mine) ? refused(plan.obstacles) : null;
            }
            boolean attempting = provision != null && (mine == null || mine.state() != ClaimState.ACTIVE);
            if (seen != null && plan.parts.isEmpty() && !attempting) {
                return settle(seen);
            }
            return commit(step(seen, plan, attempting));
        }

        private static @Nullable Result decideAttempt(Snapshot seen, Provision provision) {
            Claim mine = seen.claim();
            if (mine.home().isPresent() && !mine.home().get().equals(provision.home())) {
                return new Result.Refused(
                        new Refusal(mine.owner(), List.of(new Obstacle.Elsewhere(mine, provision.home()))));
            }
            return seen.isAttempted()
                    ? new Result.Attempted(
                            new AttemptOutcome.Joined(mine, mine.attempt().orElseThrow()))
                    : null;
        }

        /**
         * Whether the owner's claim is as it was when the round began. Obstacles were read after it, so without this
         * what another thread of this owner took meanwhile would look like somebody else's (law L7). A claim that came and
         * went in between is told by {@link ClaimPlan#notice}.
         */
        private boolean isStill(@Nullable Claim mine) {
            return store.find(request.owner())
                    .map(found -> found.claim().token())
                    .equals(Optional.ofNullable(mine).map(Claim::token));
        }

        private Result.Refused refused(List<Obstacle> obstacles) {
            return new Result.Refused(new Refusal(request.owner(), obstacles));
        }

        private Optional<Claim> current(Token token) {
            return store.find(token.claim()).map(Snapshot::claim);
        }

        /** All is held already: at most the lease and the labels are brought up to what was asked for. */
        private @Nullable Result settle(Snapshot seen) {
            Claim mine = seen.claim();
            Commit.LeaseWrite lease = lease(seen, false);
            Map<String, String> labels = new HashMap<>(request.labels());
            labels.entrySet()
                    .removeIf(label -> label.getValue().equals(mine.labels().get(label.getKey())));
            Claim settled = mine;
            if (!lease.equals(Commit.LeaseWrite.KEEP) || !labels.isEmpty()) {
                checkLabels(mine, labels);
                var touch = new Commit.Touch(mine.token(), lease, Optional.empty(), labels, Set.of());
                if (!(commits.commit(Commit.of(touch)) instanceof CommitResult.Done done)) {
                    return null;
                }
                settled = ClaimForms.touched(mine, touch, done.at());
                happened.add(labels.isEmpty() ? new LedgerEvent.Renewed(settled) : new LedgerEvent.Noted(settled));
            }
            return provision == null
                    ? granted(settled, Set.of(), ClaimOutcome.Origin.FOUND)
                    : new Result.Attempted(new AttemptOutcome.Held(settled));
        }

        private Commit.LeaseWrite lease(Snapshot seen, boolean attempting) {
            if (request.lease().isPresent()) {
                return new Commit.LeaseWrite.Run(request.lease().get());
            }
            // A lapsed reservation that is asked for again without a lease is held as a new one would be: without one.
            boolean anew = move == null && seen.isLapsed();
            return anew || (attempting && seen.claim().isReservation())
                    ? Commit.LeaseWrite.LIFT
                    : Commit.LeaseWrite.KEEP;
        }

        private void checkLabels(Claim mine, Map<String, String> more) {
            var all = new HashMap<>(mine.labels());
            all.putAll(more);
            Limits.labels(all);
        }

        /** What a round is about to commit. */
        private record Step(
                @Nullable Snapshot seen,
                ClaimPlan plan,
                boolean attempting,
                Commit.ClaimWrite write,
                List<Claim> lapsed,
                Commit unit) {}

        private Step step(@Nullable Snapshot seen, ClaimPlan plan, boolean attempting) {
            checkSize(seen, plan);
            Commit.ClaimWrite write = seen == null ? create(plan) : change(seen, plan, attempting);
            List<Claim> lapsed = planner.lapsedInTheWay(plan);
            List<Commit.ClaimWrite> writes = new ArrayList<>();
            writes.add(write);
            plan.superseded.forEach(claim ->
                    writes.add(new Commit.Release(claim.token(), Commit.Guard.NONE, EndReason.SUPERSEDED, Map.of())));
            lapsed.forEach(claim -> writes.add(
                    new Commit.Release(claim.token(), Commit.Guard.LEASE_LAPSED, EndReason.LAPSED, Map.of())));
            var unit = new Commit(writes, List.of(), plan.look.guards(), List.of());
            return new Step(seen, plan, attempting, write, lapsed, unit);
        }

        private @Nullable Result commit(Step step) {
            CommitResult result = commits.commit(step.unit());
            ClaimPlan plan = step.plan();
            if (result instanceof CommitResult.Refused refused) {
                return sort(refused.violations(), plan);
            }
            session.succeed();
            known.add(request.owner());
            plan.superseded.forEach(ended -> released(ended, EndReason.SUPERSEDED));
            step.lapsed().forEach(ended -> released(ended, EndReason.LAPSED));
            Instant at = ((CommitResult.Done) result).at();
            Snapshot seen = step.seen();
            Claim claim = seen == null
                    ? ClaimForms.created((Commit.Create) step.write(), at)
                    : ClaimForms.changed(seen.claim(), (Commit.Change) step.write(), at);
            return done(
                    claim,
                    plan,
                    seen == null ? ClaimOutcome.Origin.CREATED : ClaimOutcome.Origin.FOUND,
                    step.attempting());
        }

        private void released(Claim ended, EndReason reason) {
            known.remove(ended.owner());
            happened.add(new LedgerEvent.Released(ended, reason));
        }

        private void checkSize(@Nullable Snapshot seen, ClaimPlan plan) {
            int held = seen == null ? 0 : seen.claim().holdings().size();
            int given = move == null ? 0 : move.gives().size();
            // An instance comes on top, and a claim that takes nothing more must stay usable.
            if (!plan.takes.isEmpty() && held - given + plan.takes.size() > Limits.HOLDINGS) {
                throw InvalidInputException.of(
                        request.toString(),
                        held - given + plan.takes.size() + " resources",
                        "at most " + Limits.HOLDINGS + " resources in one claim");
            }
        }

        private Commit.Create create(ClaimPlan plan) {
            return new Commit.Create(
                    ids.claim(),
                    request.owner(),
                    provision == null ? ClaimState.RESERVED : ClaimState.PENDING,
                    Optional.ofNullable(provision).map(Provision::home),
                    request.lease(),
                    Optional.ofNullable(provision).map(wanted -> new Commit.NewAttempt(ids.nonce(), wanted.span())),
                    request.labels(),
                    plan.takes);
        }

        private Commit.Change change(Snapshot seen, ClaimPlan plan, boolean attempting) {
            Claim mine = seen.claim();
            checkLabels(mine, request.labels());
            Provision begun = attempting ? provision : null;
            return new Commit.Change(
                    mine.token(),
                    begun != null && mine.state() == ClaimState.PENDING
                            ? Commit.Guard.ATTEMPT_LAPSED
                            : Commit.Guard.NONE,
                    mine.owner(),
                    begun != null ? ClaimState.PENDING : mine.state(),
                    begun != null ? Commit.StateClock.RESTART : Commit.StateClock.KEEP,
                    provision == null ? mine.home() : Optional.of(provision.home()),
                    lease(seen, attempting),
                    begun != null
                            ? new Commit.AttemptWrite.Begin(new Commit.NewAttempt(ids.nonce(), begun.span()))
                            : Commit.AttemptWrite.LEAVE,
                    begun != null ? Optional.empty() : mine.reason(),
                    move == null ? List.of() : move.gives(),
                    plan.takes,
                    Set.of(),
                    request.labels());
        }

        private Result done(Claim claim, ClaimPlan plan, ClaimOutcome.Origin origin, boolean attempting) {
            if (move != null) {
                happened.addAll(Events.given(claim, move.gives()));
            }
            if (origin == ClaimOutcome.Origin.CREATED || !plan.parts.isEmpty()) {
                happened.add(new LedgerEvent.Claimed(claim, plan.parts, origin));
            }
            if (provision == null) {
                return granted(claim, plan.parts, origin);
            }
            if (!attempting) {
                return new Result.Attempted(new AttemptOutcome.Held(claim));
            }
            Attempt attempt = claim.attempt().orElseThrow();
            happened.add(new LedgerEvent.Attempted(claim, attempt));
            return new Result.Attempted(new AttemptOutcome.Granted(claim, attempt));
        }

        private Result.Reserved granted(Claim claim, Set<String> acquired, ClaimOutcome.Origin origin) {
            var kept = new LinkedHashSet<>(request.parts());
            kept.removeAll(acquired);
            return new Result.Reserved(new ClaimOutcome.Granted(claim, acquired, kept, origin));
        }

        /**
         * Sorts what the store refused into obstacles and reasons to begin again. Only where nothing but fixed resources
         * was taken is that the whole answer. Else the next round looks at everything anew, the fixed resources
         * included: its refusal names all (law L6), and what seems taken may by now be taken by this owner itself (law
         * L7).
         */
        private @Nullable Result sort(List<Violation> violations, ClaimPlan plan) {
            List<Obstacle> obstacles = new ArrayList<>();
            boolean again = false;
            for (Violation violation : violations) {
                Obstacle obstacle = null;
                if (violation instanceof Violation.Occupied occupied) {
                    obstacle = planner.sort(occupied.occupant(), plan);
                } else if (violation instanceof Violation.Stale stale) {
                    planner.forgetLapsed(stale.expected().claim());
                } else if (violation instanceof Violation.NotLapsed beating) {
                    planner.forgetLapsed(beating.expected().claim());
                }
                if (obstacle == null) {
                    again = true;
                } else {
                    obstacles.add(obstacle);
                }
            }
            return again ? null : refused(obstacles);
        }
    }
}
