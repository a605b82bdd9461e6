package dev.berth.testkit.reaper;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.port.PortPool;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.FaultyLedgerStore;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.ManualPacing;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** A ledger in memory, an engine in memory, and a clock that tests move: what a host with a reaper has. */
final class Town {
    static final Scope NODE = Scope.of("node-1");
    static final PortPool PAIRS = PortPool.named("apps")
            .onHost(NODE)
            .role("backend", 30_000)
            .role("frontend", 40_000)
            .slots(2_000)
            .build();

    final ManualClock clock = ManualClock.at(Instant.parse("2026-01-05T08:00:00Z"));
    final ManualPacing pacing = ManualPacing.on(clock);
    final MemoryLedgerStore memory = new MemoryLedgerStore(clock, new UUID(7, 7));
    final FaultyLedgerStore store = new FaultyLedgerStore(memory);
    final ResourceLedger ledger = ResourceLedger.builder(store).clock(clock).build();
    final FakeEngine engine = FakeEngine.of(clock);
    final FakeRuntime runtime = FakeRuntime.on(engine, NODE).pacing(pacing);
    final Provisioner<FakeSpec> provisioner = Provisioner.of(ledger, runtime)
            .pacing(pacing)
            .callingOn(Runnable::run)
            .build();

    static Owner owner(int number) {
        return Owner.of("lab", "app-" + number);
    }

    GhostReaper reaper(ReaperPolicy policy) {
        return builder(policy).build();
    }

    GhostReaper.Builder builder(ReaperPolicy policy) {
        return builder(policy, runtime);
    }

    GhostReaper.Builder builder(ReaperPolicy policy, ContainerRuntime<FakeSpec> client) {
        return GhostReaper.builder(ledger, client).policy(policy).pacing(pacing).callingOn(Runnable::run);
    }

    static ClaimRequest wish(Owner owner) {
        return ClaimRequest.by(owner)
                .in(NODE)
                .name("container", ResourceKind.CONTAINER_NAME, owner.name())
                .choose("ports", PAIRS);
    }

    /** An app with a container, a name and a pair of ports, running. */
    Claim app(int number) {
        return provisioner
                .provision(
                        ProvisionRequest.of(wish(owner(number)))
                                .named("container")
                                .publish("backend", 80)
                                .publish("frontend", 8_080),
                        granted -> FakeSpec.of("app:1").withoutCheck())
                .claim();
    }

    List<Claim> apps(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(this::app).toList();
    }

    /** An app whose deployment failed before anything was made; its claim keeps a name and a pair of ports. */
    Claim error(int number) {
        var granted = (dev.berth.ledger.AttemptOutcome.Granted)
                ledger.attempt(wish(owner(number)), NODE, Duration.ofMinutes(5));
        return ledger.fail(granted.attempt(), "the image is missing");
    }

    /** The container goes behind everybody's back. */
    void vanish(Claim claim) {
        engine.removeInstance(claim.instance().orElseThrow());
    }

    /** Sweeps until what is missing now is due, and gives the report of the sweep that finds it so. */
    ReapReport sweepUntilDue(GhostReaper reaper) {
        confirm(reaper);
        return reaper.run();
    }

    /** Lets five minutes pass, and sweeps. */
    ReapReport next(GhostReaper reaper) {
        clock.advance(Duration.ofMinutes(5));
        return reaper.run();
    }

    /** Sweeps until what is missing now is due, and not once more. */
    void confirm(GhostReaper reaper) {
        reaper.run();
        next(reaper);
        next(reaper);
        clock.advance(Duration.ofMinutes(5));
    }

    boolean lives(Claim claim) {
        return ledger.find(claim.id()).isPresent();
    }

    boolean isHeld(Resource resource) {
        return ledger.holder(resource).isPresent();
    }

    long count(ClaimState state) {
        return ledger.claims(dev.berth.ledger.ClaimQuery.all().state(state)).count();
    }
}
