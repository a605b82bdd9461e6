package dev.berth.testkit.reaper;

import dev.berth.BerthException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.reaper.Verdict;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Mark;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.ManualPacing;
import dev.berth.testkit.Mishap;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * One history: apps come and go, the engine fails and lies, reapers run, sleep and die between any two of their calls. The
 * same seed gives the same history.
 */
final class Simulation {
    /** How long a reaper sleeps at most without losing its lease for it. */
    static final Duration LONGEST_NAP = Duration.ofMinutes(4);

    private static final int APPS = 14;
    private static final int STEPS = 70;
    private static final int DEEPEST = 2;

    final Random random;
    final ManualClock clock = ManualClock.at(Instant.parse("2026-01-05T08:00:00Z"));
    final ManualPacing pacing = ManualPacing.on(clock);
    final MemoryLedgerStore memory = new MemoryLedgerStore(clock, new UUID(7, 7));
    final FakeEngine engine = FakeEngine.of(clock);
    final ReaperPolicy policy;
    final Witness witness;

    private final FakeEngine other = FakeEngine.of(clock).named("engine-2");
    private final FakeRuntime runtime = FakeRuntime.on(engine, Town.NODE).pacing(pacing);
    private final ResourceLedger ledger;
    private final Provisioner<FakeSpec> provisioner;
    private final List<Host> hosts = new ArrayList<>();
    private final int wildness;
    private int depth;
    private int reaped;
    private boolean trusted = true;

    Simulation(long seed) {
        random = new Random(seed);
        policy = policy();
        wildness = random.nextInt(3) == 0 ? 0 : 40 + random.nextInt(400);
        witness = new Witness(memory, engine, policy);
        ledger = ResourceLedger.builder((LedgerStore) memory)
                .clock(clock)
                .random(random)
                .build();
        provisioner = Provisioner.of(ledger, runtime)
                .pacing(pacing)
                .callingOn(Runnable::run)
                .build();
        if (random.nextInt(4) == 0) {
            engine.withReusedIds();
        }
        other.stranger("elsewhere");
        // Who answers first is the one that the scope has.
        provisioner.trustRuntime();
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            hosts.add(new Host(this));
        }
    }

    private ReaperPolicy policy() {
        return ReaperPolicy.builder()
                .interval(Duration.ofMinutes(5 + random.nextInt(56)))
                .recheck(Duration.ofMinutes(1 + random.nextInt(5)))
                .absenceGrace(Duration.ofMinutes(10 + random.nextInt(20)))
                .confirmations(2 + random.nextInt(3))
                .creationGrace(Duration.ofMinutes(1 + random.nextInt(15)))
                .errorRetention(Duration.ofHours(1 + random.nextInt(3)))
                .stuckAfter(Duration.ofMinutes(10 + random.nextInt(60)))
                .ratio(10 + random.nextInt(41))
                .cap(1 + random.nextInt(5))
                .orphanCap(1 + random.nextInt(2))
                .breakerRest(Duration.ofHours(1 + random.nextInt(3)))
                .orphans(any(List.of(ReaperPolicy.Orphans.values())))
                .build();
    }

    private <T> T any(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    boolean isTrusted() {
        return trusted;
    }

    int reaped() {
        return reaped;
    }

    // ------------------------------------------------------------------ the history

    void run() {
        for (int step = 0; step < STEPS; step++) {
            step();
        }
    }

    private void step() {
        if (random.nextInt(5) < 2) {
            sweep(host());
        } else {
            deed();
        }
        clock.advance(pause());
    }

    private Host host() {
        int at = random.nextInt(hosts.size());
        if (hosts.get(at).isDead() || (!hosts.get(at).isSweeping() && random.nextInt(40) == 0)) {
            hosts.set(at, new Host(this));
        }
        return hosts.get(at);
    }

    private void sweep(Host host) {
        if (host.isSweeping()) {
            return;
        }
        if (random.nextInt(20) == 0) {
            host.faults.loseAnswers(1);
        }
        if (random.nextInt(20) == 0) {
            host.faults.failReads(1);
        }
        Optional<ReapReport> report;
        int how = random.nextInt(10);
        if (how == 0 && host.lastPlan().isPresent()) {
            report = host.run(reaper -> reaper.approve(host.lastPlan().get()), true);
        } else if (how < 3) {
            report = host.run(GhostReaper::plan, false);
        } else {
            report = host.run(GhostReaper::run, false);
        }
        report.filter(told -> told.occasion() != ReapReport.Occasion.DRY_RUN)
                .ifPresent(told -> reaped += told.totalRemoved());
    }

    /** Time passes: mostly as on the schedule, now and then nearly none, or very much. */
    private Duration pause() {
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> Duration.ofSeconds(random.nextInt(30));
            case 3 -> Duration.ofMinutes(30 + random.nextInt(200));
            case 4 -> Duration.ofSeconds(-random.nextInt(90));
            case 5, 6 -> policy.absenceGrace().plusSeconds(random.nextInt(100));
            default -> policy.recheck().multipliedBy(90 + random.nextInt(21)).dividedBy(100);
        };
    }

    /** Something happens between two calls of a reaper that sweeps. */
    void happens(Host host) {
        if (wildness == 0 || depth >= DEEPEST || random.nextInt(wildness) != 0) {
            return;
        }
        depth++;
        try {
            switch (random.nextInt(6)) {
                case 0 -> clock.advance(Duration.ofSeconds(1 + random.nextInt(200)));
                case 1 -> clock.advance(Duration.ofSeconds(240 + random.nextInt(2_000)));
                case 2 -> {
                    clock.advance(Duration.ofSeconds(random.nextInt(2_000)));
                    sweep(host());
                }
                case 3 -> host.die();
                default -> deed();
            }
        } finally {
            depth--;
        }
    }

    // ------------------------------------------------------------------ deeds

    private void deed() {
        try {
            does();
        } catch (BerthException refused) {
            // The engine is dead, or somebody was quicker: as in life.
        }
    }

    private void does() {
        int app = random.nextInt(APPS);
        Owner owner = Town.owner(app);
        Optional<Claim> claim = ledger.find(owner);
        switch (random.nextInt(24)) {
            case 0, 1, 2, 3, 4, 5 -> provision(app);
            case 6, 7 -> claim.flatMap(Claim::instance).ifPresent(engine::removeInstance);
            case 8 -> each(engine::removeInstance);
            case 9 -> provisioner.stop(owner);
            case 10 -> provisioner.remove(owner);
            case 11 -> claim.ifPresent(ledger::release);
            case 12 -> claim.ifPresent(one -> ledger.fail(one.token(), "it crashed"));
            case 13 ->
                claim.ifPresent(one -> ledger.relabel(
                        one.token(), Map.of(GhostReaper.KEEP, random.nextBoolean() ? "yes" : "false"), Set.of()));
            case 14 -> ledger.attempt(Town.wish(owner), Town.NODE, Duration.ofMinutes(2));
            case 15 -> engine.stranger("stranger-" + random.nextInt(1_000));
            case 16 ->
                engine.instances().stream()
                        .filter(one -> one.mark().isEmpty())
                        .findFirst()
                        .ifPresent(one -> provisioner.adopt(one.id(), Town.wish(owner)));
            case 17 -> engine.lie(any(List.of(FakeEngine.Lie.values())));
            case 18, 19 -> engine.lie(FakeEngine.Lie.NONE);
            case 20 -> chaos();
            case 21 -> calm();
            case 22 -> swap();
            default -> leave(app);
        }
    }

    private void provision(int app) {
        provisioner.tryProvision(
                ProvisionRequest.of(Town.wish(Town.owner(app)))
                        .named("container")
                        .publish("backend", 80)
                        .publish("frontend", 8_080),
                granted -> FakeSpec.of("app:1").withoutCheck());
    }

    /** An outage takes some at once. */
    private void each(java.util.function.Consumer<String> deed) {
        engine.instances().stream()
                .map(Instance::id)
                .filter(id -> random.nextInt(3) == 0)
                .forEach(deed);
    }

    private void chaos() {
        FakeRuntime client = random.nextBoolean()
                ? runtime
                : hosts.get(random.nextInt(hosts.size())).client();
        client.chaos(random.nextLong(), 0.3);
        if (random.nextInt(3) == 0) {
            runtime.next(RuntimeCall.CREATE, Mishap.late(Duration.ofMinutes(random.nextInt(10))));
        }
    }

    private void calm() {
        runtime.calm();
        hosts.forEach(host -> host.client().calm());
        engine.releaseLate();
    }

    private void swap() {
        switch (random.nextInt(5)) {
            case 0 -> hosts.get(random.nextInt(hosts.size())).connect(other);
            case 1 -> engine.die();
            case 2 -> {
                engine.die();
                engine.comeBack(FakeEngine.Revival.WITHOUT_DATA);
                trusted = false;
                if (random.nextBoolean()) {
                    engine.putBeacon();
                }
            }
            case 3 -> engine.loseBeacon();
            default -> recover();
        }
    }

    private void recover() {
        hosts.forEach(host -> host.connect(engine));
        engine.comeBack(random.nextBoolean() ? FakeEngine.Revival.STOPPED : FakeEngine.Revival.KEPT_RUNNING);
        engine.putBeacon();
        if (!trusted) {
            runtime.calm();
            provisioner.trustRuntime();
            trusted = true;
        }
    }

    /** Something that this ledger has made is left behind, or was copied. */
    private void leave(int app) {
        var nonce = ledger.find(Town.owner(app))
                .flatMap(Claim::attempt)
                .filter(attempt -> random.nextBoolean())
                .map(attempt -> attempt.nonce())
                .orElse("nonce-" + app);
        UUID maker = ledger.find(Town.owner(app)).map(Claim::id).orElse(new UUID(50, app));
        var mark = new Mark(memory.identity().ledger(), maker, nonce, Town.owner(app));
        try {
            runtime.create(new Deployment<>(
                    FakeSpec.of("app:1"),
                    Optional.of("left-" + random.nextInt(1_000)),
                    List.of(),
                    mark,
                    random.nextInt(4) == 0 ? Map.of(GhostReaper.KEEP, "yes") : Map.of()));
        } catch (Exception failed) {
            // The engine is dead, or the call has met its mishap.
        }
    }

    // ------------------------------------------------------------------ and then all is well

    /** Faults have ended: every true ghost goes in time, and whatever lives stays. */
    void settle() {
        recover();
        calm();
        engine.lie(FakeEngine.Lie.NONE);
        clock.advance(Duration.ofMinutes(15));
        Host host = new Host(this);
        depth = DEEPEST;
        // Whatever hangs in the middle becomes an error, and whatever came back is claimed again.
        host.run(GhostReaper::run, false);
        clock.advance(policy.stuckAfter());
        host.run(GhostReaper::run, false);
        clock.advance(Duration.ofHours(4));
        Map<UUID, Claim> ghosts = new HashMap<>();
        Map<UUID, Claim> living = new HashMap<>();
        for (Claim claim : witness.claims()) {
            if (isThere(claim)) {
                living.put(claim.id(), claim);
            } else if (isGhost(claim)) {
                ghosts.put(claim.id(), claim);
            }
        }
        List<String> told = new ArrayList<>();
        int sweeps = policy.sweepsUntilGone() + ghosts.size() / policy.cap() + 1;
        for (int sweep = 0; sweep < sweeps; sweep++) {
            ReapReport report = host.run(GhostReaper::run, false).orElseThrow();
            told.add(report.toString());
            if (report.outcome() == Outcome.HELD) {
                told.add(report.breaker().map(Breaker::cause) + " approved: "
                        + host.run(reaper -> reaper.approve(report.plan()), true)
                                .orElseThrow());
            }
            report.verdicts().stream()
                    .filter(verdict -> verdict.fate() == Verdict.Fate.DONE
                            && living.containsKey(verdict.claim().id()))
                    .forEach(verdict -> {
                        throw new AssertionError("it lives, and it was reaped: " + verdict);
                    });
            clock.advance(policy.recheck().multipliedBy(90 + random.nextInt(21)).dividedBy(100));
        }
        for (Claim ghost : ghosts.values()) {
            // Adopting another instance of its owner's makes a claim whole again, too.
            if (memory.find(ghost.id()).filter(found -> !isThere(found.claim())).isPresent()) {
                throw new AssertionError("after " + sweeps + " sweeps there is still "
                        + host.reaper.explain(ghost.owner()) + "\n" + String.join("\n", told));
            }
        }
        for (Claim claim : living.values()) {
            if (memory.find(claim.id()).isEmpty()) {
                throw new AssertionError("it lived: " + claim);
            }
        }
        reaped += ghosts.size();
    }

    private boolean isThere(Claim claim) {
        return claim.instance()
                .flatMap(engine::instance)
                .filter(one -> one.isOf(claim))
                .isPresent();
    }

    private boolean isGhost(Claim claim) {
        boolean judged = claim.state() == ClaimState.ACTIVE
                || claim.state() == ClaimState.STOPPED
                || claim.state() == ClaimState.FAILED;
        boolean twin = engine.instances().stream()
                .anyMatch(one -> one.mark()
                        .filter(mark -> mark.claim().equals(claim.id())
                                || mark.nonce().equals(claim.labels().get(Mark.NONCE)))
                        .isPresent());
        // Somebody else's under its id, made when the claim had hardly come up, cannot be told from its own without a
        // mark.
        boolean alike = claim.instance()
                .flatMap(engine::instance)
                .filter(one -> one.mark().isEmpty())
                .filter(one -> one.createdAt()
                        .map(made -> !made.isAfter(Instant.parse(claim.labels().get("dev.berth.made"))
                                .plus(Duration.ofMinutes(1))))
                        .orElse(true))
                .isPresent();
        return judged && !twin && !alike && !"yes".equals(claim.labels().get(GhostReaper.KEEP));
    }
}
