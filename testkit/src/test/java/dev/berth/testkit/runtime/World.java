package dev.berth.testkit.runtime;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.port.PortPool;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Grant;
import dev.berth.runtime.Instance;
import dev.berth.runtime.ProvisionOutcome;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.FaultyLedgerStore;
import dev.berth.testkit.LedgerInvariants;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.ManualPacing;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.assertj.core.api.Assertions;

/** A ledger in memory and an engine in memory, with nothing that really waits: what a host that provisions has. */
final class World {
    static final Scope NODE = Scope.of("node-1");
    static final Owner ANNA = Owner.of("anna", "desktop");
    static final Owner ANNA_TOO = Owner.of("anna", "desktop-2");
    static final Owner BEN = Owner.of("ben", "desktop");
    static final PortPool PORTS =
            PortPool.named("http").onHost(NODE).range(7_000, 7_002).build();
    static final FakeSpec SPEC = FakeSpec.of("desktop:1").withoutCheck();

    final ManualClock clock = ManualClock.at(Instant.parse("2026-01-05T08:00:00Z"));
    final ManualPacing pacing = ManualPacing.on(clock);
    final MemoryLedgerStore memory = new MemoryLedgerStore(clock, new UUID(7, 7));
    final FaultyLedgerStore store = new FaultyLedgerStore(memory);
    final ResourceLedger ledger = ResourceLedger.builder(store).clock(clock).build();
    final FakeEngine engine = FakeEngine.of(clock);
    final FakeRuntime runtime = FakeRuntime.on(engine, NODE).pacing(pacing);

    Provisioner.Builder<FakeSpec> builder() {
        return builder(ledger, runtime);
    }

    Provisioner.Builder<FakeSpec> builder(ResourceLedger host, ContainerRuntime<FakeSpec> client) {
        return Provisioner.of(host, client).pacing(pacing).callingOn(Runnable::run);
    }

    Provisioner<FakeSpec> provisioner() {
        return builder().build();
    }

    /** A name from the owner's, a port of three, and a proxy's path. */
    static ProvisionRequest request(Owner owner) {
        return ProvisionRequest.of(ClaimRequest.by(owner)
                        .in(NODE)
                        .name("container", ResourceKind.CONTAINER_NAME, "kasm", owner.tenant(), owner.name())
                        .choose("http", PORTS))
                .named("container")
                .publish("http", 6_901);
    }

    static Function<Grant, FakeSpec> spec() {
        return granted -> SPEC;
    }

    Provisioned provision(Owner owner) {
        return provisioner().provision(request(owner), spec());
    }

    static ProvisionOutcome.Failed failed(ProvisionOutcome outcome) {
        Assertions.assertThat(outcome).isInstanceOf(ProvisionOutcome.Failed.class);
        return (ProvisionOutcome.Failed) outcome;
    }

    Optional<Claim> claim(Owner owner) {
        return ledger.find(owner);
    }

    Instance instance(String id) {
        return engine.instance(id).orElseThrow();
    }

    /** What must be true whenever nobody is at work: the ledger is whole, and what runs of ours is what it says. */
    void check() {
        LedgerInvariants.check(memory);
        List<String> active = LedgerInvariants.claims(memory).stream()
                .flatMap(claim -> claim.instance().stream())
                .toList();
        Assertions.assertThat(engine.instances().stream()
                        .filter(one -> one.mark().isPresent())
                        .map(Instance::id))
                .as("instances of ours, beside those of claims")
                .allMatch(active::contains);
    }
}
