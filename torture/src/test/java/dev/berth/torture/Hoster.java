package dev.berth.torture;

import dev.berth.jdbc.EngineWire;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Mine;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.FakeSpec;
import dev.berth.torture.HistoryFile.Ask;
import dev.berth.torture.HistoryFile.Told;
import dev.berth.torture.check.Deed;
import java.time.Duration;
import java.util.Random;

/** A thread that provisions, stops, removes and replaces instances of owners for whom others do so, too. */
final class Hoster implements Runnable {
    private final HistoryFile history;
    private final Random random;
    private final Provisioner<FakeSpec> keeping;
    private final Provisioner<FakeSpec> replacing;

    Hoster(ResourceLedger ledger, ContainerRuntime<FakeSpec> engine, HistoryFile history, Random random) {
        this.history = history;
        this.random = random;
        keeping = builder(ledger, engine).build();
        replacing = builder(ledger, engine).whenMineLives(Mine.REPLACE).build();
    }

    static Provisioner.Builder<FakeSpec> builder(ResourceLedger ledger, ContainerRuntime<FakeSpec> engine) {
        return Provisioner.of(ledger, engine)
                .attemptsLive(Duration.ofSeconds(2))
                .patience(Duration.ofSeconds(5))
                .callingOn(Runnable::run);
    }

    @Override
    public void run() {
        Owner owner = World.LAB_OWNERS.get(random.nextInt(World.LAB_OWNERS.size()));
        switch (random.nextInt(8)) {
            case 0 -> history.tell(Ask.of(Deed.STOP, owner), () -> Told.of(keeping.stop(owner)));
            case 1, 2 -> history.tell(Ask.of(Deed.REMOVE, owner), () -> Told.done(keeping.remove(owner)));
            case 3 -> provision(history, replacing, owner);
            default -> provision(history, keeping, owner);
        }
    }

    static void provision(HistoryFile history, Provisioner<FakeSpec> provisioner, Owner owner) {
        history.tell(
                Ask.of(Deed.PROVISION, owner),
                () -> Told.of(provisioner
                        .provision(World.instance(owner), granted -> EngineWire.SPEC)
                        .claim()));
    }
}
