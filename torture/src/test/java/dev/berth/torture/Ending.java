package dev.berth.torture;

import dev.berth.jdbc.EngineServer;
import dev.berth.jdbc.EngineWire;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Tombstone;
import dev.berth.reaper.GhostReaper;
import dev.berth.runtime.Provisioner;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.LedgerInvariants;
import dev.berth.torture.check.EndState;
import dev.berth.torture.check.Seen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What happens when all workers have stopped: the sweeps that a reaper's user is promised, and a look at everything. */
final class Ending {
    /** One observes; a dead attempt is failed; what is missing is seen twice; and errors are kept for an hour. */
    private static final int SWEEPS = 8;

    private static final Duration BETWEEN = Duration.ofMinutes(35);
    private static final int PAGE = 500;

    private final LedgerStore store;
    private final ResourceLedger ledger;
    private final EngineServer engine;
    private final Aging aging;
    private final List<String> said = new ArrayList<>();

    Ending(LedgerStore store, EngineServer engine, Aging aging) {
        this.store = store;
        this.ledger = ResourceLedger.on(store);
        this.engine = engine;
        this.aging = aging;
    }

    EndState end() throws Exception {
        long at = System.nanoTime();
        List<String> broken = new ArrayList<>();
        invariants(broken);
        List<EndState.Left> calm = claims();
        try (GhostReaper reaper = Sweeper.reaper(ledger, engine.runtime)) {
            sweep(reaper, SWEEPS);
            heal();
            sweep(reaper, 2);
        }
        invariants(broken);
        return new EndState(at, calm, claims(), stones(), things(), removed(), broken);
    }

    /** How the sweeps went. */
    List<String> said() {
        return said;
    }

    private void sweep(GhostReaper reaper, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            aging.pass(BETWEEN);
            said.add(reaper.run().toString());
        }
    }

    /** Owners ask again for what they have: the next call resolves what dead attempts have left, and so it is promised. */
    private void heal() {
        try (Provisioner<FakeSpec> provisioner =
                Hoster.builder(ledger, engine.runtime).build()) {
            for (Owner owner : World.LAB_OWNERS) {
                Optional<Claim> claim = ledger.find(owner);
                if (claim.isPresent() && claim.get().state() != ClaimState.STOPPED) {
                    said.add(provisioner
                            .tryProvision(World.instance(owner), granted -> EngineWire.SPEC)
                            .toString());
                }
            }
        }
    }

    private void invariants(List<String> broken) {
        try {
            LedgerInvariants.check(store);
        } catch (AssertionError disagrees) {
            broken.add(String.valueOf(disagrees.getMessage()));
        }
    }

    private List<EndState.Left> claims() {
        Instant now = ledger.now();
        return LedgerInvariants.claims(store).stream()
                .map(claim -> new EndState.Left(
                        claim.owner().toString(),
                        claim.state(),
                        claim.leaseUntil().map(until -> until.isBefore(now)).orElse(false),
                        Seen.of(claim)))
                .toList();
    }

    private List<EndState.Stone> stones() {
        List<EndState.Stone> all = new ArrayList<>();
        Optional<UUID> after = Optional.empty();
        List<Tombstone> page;
        do {
            page = store.tombstones(Optional.empty(), after, PAGE);
            for (Tombstone stone : page) {
                Claim claim = stone.claim();
                all.add(new EndState.Stone(
                        claim.id(),
                        claim.owner().toString(),
                        claim.instance(),
                        stone.at(),
                        stone.reason() == EndReason.REAPED));
                after = Optional.of(claim.id());
            }
        } while (!page.isEmpty());
        return all;
    }

    private List<EndState.Thing> things() {
        return engine.engine.instances().stream()
                .map(one -> new EndState.Thing(
                        one.id(),
                        one.mark().map(mark -> mark.claim()),
                        one.mark().map(mark -> mark.owner().toString()).orElse("nobody"),
                        one.state().isLiving()))
                .toList();
    }

    private Map<String, Instant> removed() {
        Map<String, Instant> gone = new HashMap<>();
        for (FakeEngine.Gone one : engine.engine.removed()) {
            gone.put(one.instance().id(), one.at());
        }
        return gone;
    }
}
