package dev.berth.testkit.reaper;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Snapshot;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReapPlan;
import dev.berth.reaper.ReapReport;
import dev.berth.reaper.ReapReport.Outcome;
import dev.berth.runtime.Inventory;
import dev.berth.testkit.FakeEngine;
import dev.berth.testkit.FakeRuntime;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.FaultyLedgerStore;
import dev.berth.testkit.ForwardingLedgerStore;
import dev.berth.testkit.ForwardingRuntime;
import dev.berth.testkit.RuntimeCall;
import dev.berth.testkit.StoreCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;

/** A process with a reaper. Between any two of its calls something may happen, and it may die. */
final class Host {
    /** It reaches nothing any more. An error, so that no handler of failures keeps it alive. */
    static final class Died extends Error {
        private static final long serialVersionUID = 1L;
    }

    private final Simulation world;
    private final FakeRuntime client;
    final FaultyLedgerStore faults;
    final GhostReaper reaper;
    private final ResourceLedger ledger;
    private FakeEngine connected;
    private boolean dead;
    private boolean sweeping;
    private Witness.Listing listing;
    private Optional<ReapPlan> lastPlan = Optional.empty();

    boolean approving;
    int freed;
    int removed;

    Host(Simulation world) {
        this.world = world;
        this.client = FakeRuntime.on(world.engine, Town.NODE).pacing(world.pacing);
        this.connected = world.engine;
        this.faults = new FaultyLedgerStore(new Store());
        this.ledger = ResourceLedger.builder(faults)
                .clock(world.clock)
                .random(world.random)
                .build();
        this.reaper = GhostReaper.builder(ledger, new Client())
                .policy(world.policy)
                .pacing(world.pacing)
                .callingOn(Runnable::run)
                .build();
    }

    void connect(FakeEngine engine) {
        connected = engine;
        client.connect(engine);
    }

    FakeRuntime client() {
        return client;
    }

    boolean isSweeping() {
        return sweeping;
    }

    boolean isDead() {
        return dead;
    }

    void die() {
        dead = true;
        throw new Died();
    }

    Optional<ReapPlan> lastPlan() {
        return lastPlan;
    }

    /** One run; empty if the process died in it. */
    Optional<ReapReport> run(Function<GhostReaper, ReapReport> how, boolean approves) {
        sweeping = true;
        approving = approves;
        freed = 0;
        removed = 0;
        listing = null;
        try {
            ReapReport report = how.apply(reaper);
            lastPlan = Optional.of(report.plan());
            if (listing != null && report.outcome() != Outcome.FAILED) {
                listing.remember();
            }
            return Optional.of(report);
        } catch (Died end) {
            return Optional.empty();
        } finally {
            sweeping = false;
            approving = false;
        }
    }

    private void happen() {
        if (dead) {
            throw new Died();
        }
        if (sweeping) {
            world.happens(this);
        }
    }

    private final class Store extends ForwardingLedgerStore {
        Store() {
            super(world.memory);
        }

        @Override
        protected <T> T around(StoreCall call, Supplier<T> work) {
            happen();
            T answer = work.get();
            happen();
            return answer;
        }

        @Override
        public List<CommitResult> commit(List<Commit> units) {
            happen();
            List<Optional<Claim>> ending = new ArrayList<>();
            for (Commit unit : units) {
                ending.add(unit.claims().stream()
                        .filter(Commit.Release.class::isInstance)
                        .map(Commit.Release.class::cast)
                        .filter(release -> release.reason() == EndReason.REAPED)
                        .findFirst()
                        .flatMap(release -> world.memory.find(release.claim()))
                        .map(Snapshot::claim));
            }
            List<CommitResult> results = world.memory.commit(units);
            for (int i = 0; i < units.size(); i++) {
                if (results.get(i) instanceof CommitResult.Done) {
                    ending.get(i).ifPresent(claim -> world.witness.reaped(Host.this, claim));
                    boolean leases = units.get(i).records().stream()
                            .anyMatch(write -> write instanceof Commit.PutRecord put
                                    && put.name().endsWith("/lease"));
                    if (leases) {
                        world.witness.leased(Host.this);
                    }
                }
            }
            happen();
            return results;
        }
    }

    private final class Client extends ForwardingRuntime<FakeSpec> {
        Client() {
            super(client);
        }

        @Override
        protected <T> T around(RuntimeCall call, Callable<T> work) throws Exception {
            happen();
            world.witness.checkRemovals(null);
            T answer = work.call();
            world.witness.checkRemovals(Host.this);
            if (answer instanceof Inventory told && sweeping && listing == null) {
                listing = world.witness.listed(told, connected == world.engine && world.isTrusted());
            }
            happen();
            return answer;
        }

        @Override
        public void close() {}
    }
}
