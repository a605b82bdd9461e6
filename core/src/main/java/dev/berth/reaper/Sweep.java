package dev.berth.reaper;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.LedgerLease;
import dev.berth.ledger.LedgerLease.Outcome;
import dev.berth.ledger.Quarantine;
import dev.berth.reaper.BreakerRules.Ruling;
import dev.berth.reaper.BreakerRules.View;
import dev.berth.reaper.ReaperRecords.Kept;
import dev.berth.reaper.Verdict.Fate;
import dev.berth.reaper.Verdict.Kind;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One sweep of one scope, under its lease: gates; ledger, runtime, ledger; marks; breaker; the last step. What it has found so
 * far can be reported at every point, so that a failure on the way hides nothing.
 */
final class Sweep {
    private static final int BATCH = 1_000;
    private static final int SPANS = 100;
    private static final int BUDGET = 80;

    private final ReaperKit kit;
    private final Optional<ReapPlan> approved;
    private final Memory memory;
    private final Grip grip;
    private final Consumer<ReaperEvent> events;
    private final BooleanSupplier goingOn;
    private final Findings found;
    /** How long deciding and doing may take, in nanoseconds; how long observing takes is not to be chosen. */
    private final long budget;
    /** Whether this sweep has opened the breaker before it decided. */
    private boolean justOpened;

    Sweep(
            ReaperKit kit,
            Optional<ReapPlan> approved,
            Memory memory,
            Grip grip,
            Consumer<ReaperEvent> events,
            BooleanSupplier goingOn,
            Findings found) {
        this.kit = kit;
        this.approved = approved;
        this.memory = memory;
        this.grip = grip;
        this.events = events;
        this.found = found;
        this.budget = kit.policy().interval().toNanos() / SPANS * BUDGET;
        this.goingOn = goingOn;
    }

    /** Carries it out. What it finds is in the findings. */
    void run() {
        observe().ifPresent(this::decide);
    }

    /**
     * What there is to know of a complete listing once every claim is judged by it.
     *
     * @param at when it was begun, by the ledger's clock
     * @param until when it was there
     * @param listed how many instances it had
     * @param warm whether the runtime was seen whole lately
     */
    private record Seen(Instant at, Instant until, int listed, boolean warm) {}

    /**
     * Judges every claim by one listing; gives nothing if the runtime could not be seen whole. The listing ends with this
     * call: the last step makes another one, and of very many instances there is no room for two.
     */
    private Optional<Seen> observe() {
        boolean home = kit.ledger().identity().isHome();
        if (home) {
            // What needs no look at the runtime.
            releaseLapsed(kit.ledger().now());
        }
        Optional<String> blind = gate();
        Roster roster = blind.isPresent() ? Roster.of(Stream.empty()) : roster();
        grip.tighten();
        // Not before the ledger is read, which takes its time: two sightings are as far apart as they say.
        Instant now = kit.ledger().now();
        Inventory listing = blind.isPresent()
                ? Inventory.unknown(kit.scope(), blind.get())
                : kit.runtime().inventory();
        Instant ended = kit.ledger().now();
        grip.tighten();
        // The one who answered in between is the one who was asked before and after, or nobody's word counts.
        Optional<String> gap = blind.or(listing::gap).or(kit.provisioner()::doubt);
        boolean warm = memory.isWarm(now, kit.policy());
        judge(Judge.counting(kit.policy(), now, ended), roster, listing, gap);
        if (home) {
            failStuck();
        }
        if (gap.isPresent()) {
            memory.sawLess();
            blind(gap.get());
            return Optional.empty();
        }
        memory.sawAll(now);
        return Optional.of(new Seen(now, ended, listing.instances().size(), warm));
    }

    private void blind(String gap) {
        Kept<RunState> state = kit.records().state();
        found.kept(
                kit.records().breaker().value(),
                state.value().orElse(RunState.NONE).totals());
        if (justOpened) {
            announce(null, kit.records().breaker().value().orElse(null));
        }
        found.error(gap);
        found.ends(ReapReport.Outcome.BLIND, gap);
    }

    // ------------------------------------------------------------------ gates and reading

    /** Why the runtime need not even be asked; empty if it can be. */
    private Optional<String> gate() {
        if (!kit.ledger().identity().isHome()) {
            return Optional.of("the ledger's database is not where it was made ("
                    + kit.ledger().identity() + "): say moved() or fork() first");
        }
        return kit.provisioner().doubt();
    }

    private Roster roster() {
        try (Stream<Claim> claims = kit.ledger().claims(query())) {
            return Roster.of(claims.map(claim -> {
                grip.tighten();
                return claim.token();
            }));
        }
    }

    private ClaimQuery query() {
        return ClaimQuery.all().home(kit.scope());
    }

    /** A reservation is free as soon as its lease has run out; this only tidies up, long after. */
    private void releaseLapsed(Instant now) {
        List<LedgerLease.Ending> endings = new ArrayList<>();
        kit.ledger()
                .claims(ClaimQuery.all().state(ClaimState.RESERVED))
                .filter(claim -> !claim.isKept())
                .filter(claim -> {
                    grip.tighten();
                    return claim.leaseUntil().isPresent();
                })
                .filter(claim -> claim.leaseUntil()
                        .map(until -> Duration.between(until, now)
                                        .compareTo(kit.policy().absenceGrace())
                                >= 0)
                        .orElse(false))
                .forEach(claim -> endings.add(new LedgerLease.Ending(
                        claim, EndReason.LAPSED, Commit.Guard.LEASE_LAPSED, Quarantine.NONE, Map.of(), List.of())));
        List<Outcome> outcomes = kit.policy().isDryRun()
                ? endings.stream().map(ending -> Outcome.DONE).toList()
                : released(endings);
        for (int i = 0; i < endings.size(); i++) {
            Claim claim = endings.get(i).seen();
            found.add(Verdict.of(
                            claim,
                            Kind.LAPSED,
                            "its lease ran out at "
                                    + claim.leaseUntil().map(Instant::toString).orElse(""))
                    .becomes(fate(outcomes.get(i))));
        }
    }

    private List<Outcome> released(List<LedgerLease.Ending> endings) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int from = 0; from < endings.size(); from += BATCH) {
            grip.tighten();
            outcomes.addAll(grip.lease().release(endings.subList(from, Math.min(endings.size(), from + BATCH))));
        }
        return outcomes;
    }

    private static Fate fate(Outcome outcome) {
        return switch (outcome) {
            case DONE -> Fate.DONE;
            case MOVED -> Fate.SPARED;
            case LOST -> throw new Grip.Lost();
        };
    }

    // ------------------------------------------------------------------ judging

    private void judge(Judge judge, Roster roster, Inventory listing, Optional<String> gap) {
        Map<String, Missing> before = kit.records().allMissing();
        var census = new Census(listing);
        List<Claim> suspects = new ArrayList<>();
        kit.ledger().claims(query()).forEach(claim -> {
            grip.tighten();
            Optional<Instance> seen = census.of(claim).filter(instance -> instance.isOf(claim));
            if (seen.isPresent()) {
                welcome(claim, seen.get(), before);
                settle(judge.judge(claim, new Sighting.Present(seen.get()), Optional.empty(), Optional.empty(), ""));
            } else {
                suspects.add(claim);
            }
        });
        Map<UUID, Instance> twins = census.twins(suspects);
        Map<UUID, String> remnants = census.remnants(suspects);
        var closer = new CloserLook(kit, budget);
        for (Claim claim : suspects) {
            String name = kit.records().missing(claim.id());
            Sighting sighting = gap.or(() -> Optional.ofNullable(remnants.get(claim.id())))
                    .<Sighting>map(Sighting.Unknown::new)
                    .orElseGet(() -> sighting(claim, roster, listing, closer));
            settle(judge.judge(
                    claim,
                    sighting,
                    Optional.ofNullable(twins.get(claim.id())),
                    Optional.ofNullable(before.get(name)),
                    name));
        }
        // Before the marks that are the evidence end.
        if (!found.back().isEmpty()) {
            open(judge.now());
        }
        // Marks of claims that are gone end with them, if the whole ledger was read; it was.
        found.marks(ReaperRecords.write(grip, before, found.marks()));
        found.unlisted(gap.isPresent() ? List.of() : census.unlisted());
    }

    /** Only what both readings of the ledger hold, and the complete listing between them lacks, is missing. */
    private Sighting sighting(Claim claim, Roster roster, Inventory listing, CloserLook closer) {
        if (!roster.has(claim.token())) {
            return new Sighting.Unknown("it changed while the runtime was asked");
        }
        return claim.instance()
                .map(id -> listing.find(id)
                        .map(other -> closer.at(other, claim, grip))
                        .orElseGet(() -> listing.sight(id)))
                .orElseGet(() -> new Sighting.Absent("it has no instance"));
    }

    /** One that was sure to be gone, and is seen under its id; another attempt's instance proves nothing. */
    private void welcome(Claim claim, Instance seen, Map<String, Missing> before) {
        Missing was = before.get(kit.records().missing(claim.id()));
        if (was != null && was.seen().equals(claim.token().toString()) && was.isDue(kit.policy())) {
            found.back(claim.owner() + ", missing since " + was.since() + ": " + seen + " is there");
        }
    }

    private void settle(Judge.Judgement judgement) {
        Verdict verdict = judgement.verdict();
        judgement.mark().ifPresent(found::mark);
        found.add(verdict);
    }

    // ------------------------------------------------------------------ deciding

    private void decide(Seen seen) {
        Instant now = seen.at();
        Map<String, Missing> marked = kit.records().allOrphans();
        long until = kit.pacing().nanos() + budget;
        BooleanSupplier mayGoOn = () ->
                goingOn.getAsBoolean() && (approved.isPresent() || kit.pacing().nanos() - until < 0);
        var orphans = new Orphans(kit, grip, now, seen.until(), memory, marked);
        List<Orphan> unclaimed = orphans.find(found.unlisted());
        orphans.mark(unclaimed);
        // Told once: one that cannot be restored must not keep the breaker open for good.
        unclaimed.stream()
                .filter(orphan -> orphan.kind() == Orphan.Kind.RETURNER)
                .filter(orphans::isNew)
                .forEach(orphan -> found.back(orphan.instance() + ": " + orphan.reason()));
        List<Verdict> due = found.due(kit.policy());
        List<Orphan> dueOrphans = unclaimed.stream().filter(orphans::isDue).toList();
        Kept<Breaker> kept = kit.records().breaker();
        Optional<Instant> returned =
                found.back().isEmpty() ? kept.value().flatMap(Breaker::returnedAt) : Optional.of(now);
        ReapPlan plan = found.plan(plan(due, dueOrphans, returned));
        Kept<RunState> state = kit.records().state();
        RunState last = state.value().orElse(RunState.NONE);

        // Whoever approved did not know of what has come back since.
        boolean agreed = approved.isPresent()
                && approved.get().hash().equals(plan.hash())
                && found.back().isEmpty();
        // Nothing is taken by a dry run, so it may tell at once what the next run would do.
        boolean observing = !seen.warm() && !kit.policy().isDryRun();
        boolean acting = !observing && (approved.isEmpty() || agreed);
        var rules = new BreakerRules(kit.policy(), now);
        View view = new View(
                seen.listed(), found.living(), found.missing(), found.staying(), last.lately(now), found.back());
        Ruling ruling = agreed && acting ? new Ruling(Optional.empty(), due) : rules.rule(kept.value(), view, due);

        List<Verdict> allowed = acting ? oldestFirst(ruling.allowed()) : List.of();
        boolean expected = agreed || ruling.breaker().isPresent();
        var tally = new Tally(kit, grip, state);
        found.hold(due, allowed, acting && holdsClaims(ruling.breaker()) ? Fate.HELD : Fate.POSTPONED);
        var reaping = new Reaping(kit, grip, found.marks(), mayGoOn);
        reaping.telling(() -> tally.count(reaping.results(), reaping.portsFreed(), expected, now));
        try {
            reaping.run(allowed, agreed ? Integer.MAX_VALUE : kit.policy().cap());
        } finally {
            found.reaped(reaping);
        }
        Optional<Breaker> breaker = reaping.back().isEmpty()
                ? ruling.breaker()
                : rules.rule(ruling.breaker(), view.coming(reaping.back()), due).breaker();
        boolean held = breaker.filter(Breaker::holdsOrphans).isPresent();
        found.orphans(handle(orphans, unclaimed, dueOrphans, acting && !held, acting, agreed, mayGoOn));
        if (breaker.isEmpty() && orphans.isFailing()) {
            breaker =
                    Optional.of(rules.opened(Breaker.Cause.FAILING, String.join("; ", orphans.errors()), view.hash()));
        }
        if (!reaping.errors().isEmpty()) {
            memory.sawLess();
            // What was approved could not be confirmed: it is not done, and the breaker is what it was.
            breaker = breaker.or(kept::value);
        }
        keep(kept, breaker, tally, now);
        // After the breaker: whoever dies in between counts a returner once more, and not never.
        keepOrphans(marked, orphans);
        end(observing, agreed, plan, breaker, reaping.errors());
    }

    private static boolean holdsClaims(Optional<Breaker> breaker) {
        return breaker.filter(Breaker::holdsClaims).isPresent();
    }

    private void end(
            boolean observing, boolean agreed, ReapPlan plan, Optional<Breaker> breaker, List<String> blinded) {
        if (observing) {
            found.ends(
                    ReapReport.Outcome.OBSERVED,
                    "the first complete sweep after a start, a long pause or one that saw less; the next one acts");
        } else if (approved.isPresent() && !agreed) {
            found.ends(
                    ReapReport.Outcome.SKIPPED,
                    "approved was " + approved.get() + ", and now there is " + plan
                            + (found.back().isEmpty() ? "" : ", and what was gone came back: " + found.back())
                            + ": look at it and approve it anew");
        } else if (holdsClaims(breaker)) {
            found.ends(
                    ReapReport.Outcome.HELD,
                    breaker.map(open -> open.cause() + ": " + open.detail()).orElse(""));
        } else if (!blinded.isEmpty()) {
            found.ends(ReapReport.Outcome.BLIND, String.join("; ", blinded));
        } else {
            found.ends(ReapReport.Outcome.SWEPT, "");
        }
    }

    private ReapPlan plan(List<Verdict> due, List<Orphan> orphans, Optional<Instant> returned) {
        List<ReapPlan.Item> items = new ArrayList<>();
        due.forEach(verdict -> items.add(new ReapPlan.Item(
                verdict.kind() == Kind.GHOST ? "ghost" : "error",
                verdict.claim().token().toString(),
                verdict.claim().owner().toString())));
        orphans.forEach(orphan -> items.add(new ReapPlan.Item(
                "orphan",
                orphan.instance().id(),
                orphan.instance().mark().map(mark -> mark.owner().toString()).orElse(""))));
        return ReapPlan.of(kit.scope(), items, returned);
    }

    private static List<Verdict> oldestFirst(List<Verdict> allowed) {
        return allowed.stream()
                .sorted(Comparator.comparing(
                        (Verdict verdict) -> verdict.missingSince().orElse(Instant.MAX)))
                .toList();
    }

    /** The container is not touched, and whatever an attempt has made is looked after by the next one. */
    private void failStuck() {
        for (Verdict verdict : found.of(Kind.STUCK)) {
            grip.tighten();
            Outcome outcome = kit.policy().isDryRun()
                    ? Outcome.DONE
                    : grip.lease().fail(verdict.claim(), "stuck: " + verdict.reason());
            found.replace(verdict.becomes(fate(outcome)));
        }
    }

    private List<Orphan> handle(
            Orphans orphans,
            List<Orphan> unclaimed,
            List<Orphan> due,
            boolean removing,
            boolean acting,
            boolean agreed,
            BooleanSupplier mayGoOn) {
        Set<String> ids = due.stream().map(orphan -> orphan.instance().id()).collect(Collectors.toSet());
        List<Orphan> handled = new ArrayList<>();
        int removed = 0;
        for (Orphan orphan : orphans.lastFailedLast(unclaimed)) {
            Orphan result = orphan;
            grip.tighten();
            if (ids.contains(orphan.instance().id())) {
                boolean may = removing
                        && !orphans.isFailing()
                        && mayGoOn.getAsBoolean()
                        && (agreed || removed < kit.policy().orphanCap());
                result = may ? orphans.remove(orphan) : orphan.becomes(Orphan.Fate.POSTPONED, orphan.reason());
                // Those that stay do not count, or some that can never be removed would keep all others for ever.
                removed += result.fate() == Orphan.Fate.REMOVED ? 1 : 0;
            } else if (acting && orphan.kind() == Orphan.Kind.RETURNER) {
                result = orphans.restore(orphan);
            } else if (acting
                    && orphan.kind() == Orphan.Kind.OURS
                    && kit.policy().orphans() == ReaperPolicy.Orphans.ADOPT) {
                result = orphans.adopt(orphan);
            }
            handled.add(result);
            tell(result);
        }
        orphans.errors().forEach(found::error);
        return handled;
    }

    private void tell(Orphan orphan) {
        // What a dry run would have met is not told of, so it is still to be told of.
        boolean quiet = kit.policy().isDryRun()
                || (orphan.fate() == Orphan.Fate.FAILED
                        && !memory.isFailure(orphan.instance().id()));
        if (orphan.fate() != Orphan.Fate.LEFT && orphan.fate() != Orphan.Fate.POSTPONED && !quiet) {
            events.accept(new ReaperEvent.OrphanHandled(orphan));
        } else if (orphan.isAnomaly() && memory.isNew(orphan.instance().id())) {
            events.accept(new ReaperEvent.Anomaly(orphan));
        }
    }

    // ------------------------------------------------------------------ keeping

    private void keepOrphans(Map<String, Missing> before, Orphans orphans) {
        var unused = ReaperRecords.write(grip, before, orphans.marks());
    }

    private void keep(Kept<Breaker> kept, Optional<Breaker> breaker, Tally tally, Instant now) {
        // A dry run does nothing, so it closes nothing and lets nothing go; what it sees may well hold others back.
        boolean moved = !breaker.equals(kept.value()) && (!kit.policy().isDryRun() || isNew(breaker, kept.value()));
        if (moved) {
            write(kept, breaker);
        }
        found.kept(breaker, tally.end(now));
        Optional<Breaker> before = justOpened ? Optional.empty() : kept.value();
        if (moved || justOpened) {
            announce(before.orElse(null), breaker.orElse(null));
        }
    }

    private static boolean isNew(Optional<Breaker> breaker, Optional<Breaker> before) {
        return breaker.map(Breaker::openedAt)
                .filter(at -> !before.map(Breaker::openedAt).equals(Optional.of(at)))
                .isPresent();
    }

    private void write(Kept<Breaker> kept, Optional<Breaker> breaker) {
        List<Commit.RecordWrite> writes = new ArrayList<>();
        breaker.ifPresentOrElse(
                open -> writes.add(kept.put(open.written())), () -> kept.end().ifPresent(writes::add));
        if (grip.lease().write(writes).isEmpty()) {
            throw new Grip.Lost();
        }
    }

    /** Opens the breaker, anew if it is open, because something came back: whatever becomes of this sweep. */
    private void open(Instant now) {
        Kept<Breaker> kept = kit.records().breaker();
        justOpened = true;
        write(kept, Optional.of(new BreakerRules(kit.policy(), now).returned(kept.value(), found.back(), "")));
    }

    private void announce(@Nullable Breaker before, @Nullable Breaker after) {
        if (after != null && (before == null || !before.openedAt().equals(after.openedAt()))) {
            events.accept(new ReaperEvent.BreakerOpened(after, found.plan()));
        } else if (before != null && after == null) {
            events.accept(new ReaperEvent.BreakerClosed(before));
        }
    }
}
