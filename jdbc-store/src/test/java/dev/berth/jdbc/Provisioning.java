package dev.berth.jdbc;

import dev.berth.ledger.ClaimNotFoundException;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ContentionException;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import dev.berth.runtime.Mine;
import dev.berth.runtime.ProvisionException;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.FakeSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** What a process does that provisions for a few owners, until it is killed. */
final class Provisioning {
    static final List<Owner> OWNERS = List.of(Owner.of("lab", "one"), Owner.of("lab", "two"), Owner.of("lab", "three"));
    private static final PortPool PORTS =
            PortPool.named("http").onHost(SqliteStores.NODE).range(7_000, 7_004).build();

    private final Provisioner<FakeSpec> keeping;
    private final Provisioner<FakeSpec> replacing;

    private Provisioning(ResourceLedger ledger, RemoteEngine engine) {
        this.keeping = builder(ledger, engine).build();
        this.replacing = builder(ledger, engine).whenMineLives(Mine.REPLACE).build();
    }

    private static Provisioner.Builder<FakeSpec> builder(ResourceLedger ledger, RemoteEngine engine) {
        return Provisioner.of(ledger, engine)
                .attemptsLive(Duration.ofSeconds(1))
                .patience(Duration.ofSeconds(20))
                .callingOn(Runnable::run);
    }

    private static ProvisionRequest request(Owner owner) {
        return ProvisionRequest.of(ClaimRequest.by(owner)
                        .in(SqliteStores.NODE)
                        .name("container", ResourceKind.CONTAINER_NAME, owner.tenant(), owner.name())
                        .choose("http", PORTS))
                .named("container")
                .publish("http", 6_901);
    }

    /** Provisions, stops, removes and replaces at random, without end. */
    static void churn(JdbcLedgerStore store, int port, String name, long seed) throws IOException {
        var random = new Random(seed);
        var work = new Provisioning(ResourceLedger.on(store), new RemoteEngine(port, name));
        while (true) {
            Owner owner = OWNERS.get(random.nextInt(OWNERS.size()));
            try {
                switch (random.nextInt(8)) {
                    case 0 -> work.keeping.stop(owner);
                    case 1, 2 -> work.keeping.remove(owner);
                    case 3, 4 -> work.replacing.provision(request(owner), granted -> EngineWire.SPEC);
                    default -> work.keeping.provision(request(owner), granted -> EngineWire.SPEC);
                }
            } catch (ProvisionException
                    | ClaimRefusedException
                    | ClaimNotFoundException
                    | ContentionException othersWereAtIt) {
                // Others work for the same owners.
            }
        }
    }

    /** Provisions every owner, waits for a line, and removes every owner. */
    static void finish(JdbcLedgerStore store, int port, String name) throws IOException {
        var work = new Provisioning(ResourceLedger.on(store), new RemoteEngine(port, name));
        for (Owner owner : OWNERS) {
            work.keeping.provision(request(owner), granted -> EngineWire.SPEC);
        }
        System.out.println("provisioned");
        if (System.in.read() < 0) {
            return;
        }
        for (Owner owner : OWNERS) {
            if (!work.keeping.remove(owner)) {
                throw new AssertionError(owner + " had nothing");
            }
        }
    }
}
