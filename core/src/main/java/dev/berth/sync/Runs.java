package dev.berth.sync;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The runs of one engine, one after the other. */
final class Runs {
    private final SyncStore local;
    private final SyncStore remote;
    private final List<SyncTable> tables;
    private final Rules rules;
    private final Duration waiting;
    private final Clock clock;
    private final Consumer<SyncReport.Table> listener;
    private final SyncHistory history;
    private final ReentrantLock turn = new ReentrantLock(true);

    Runs(SyncEngineBuilder builder, Rules rules) {
        local = builder.local;
        remote = builder.remote;
        tables = List.copyOf(builder.tables);
        this.rules = rules;
        waiting = builder.waiting;
        clock = builder.clock;
        listener = builder.listener;
        history = new SyncHistory(local, tables, this::where, builder.hearer);
    }

    SyncHistory history() {
        return history;
    }

    /** Where the remote store is; empty if that was not opened yet. */
    Optional<String> where() {
        return remote instanceof LateSyncStore late ? late.where() : Optional.of(remote.describe());
    }

    boolean isUnderWay() {
        return turn.isLocked();
    }

    /** Runs when no other run is under way. */
    SyncReport waited(List<Direction> directions, BooleanSupplier goesOn) {
        return alone(() -> recorded(directions, goesOn));
    }

    /** Runs if no other run is under way. */
    Optional<SyncReport> tried(List<Direction> directions, BooleanSupplier goesOn) {
        if (!turn.tryLock()) {
            return Optional.empty();
        }
        try {
            return Optional.of(recorded(directions, goesOn));
        } finally {
            turn.unlock();
        }
    }

    /** Does work while no run is under way. */
    <T> T alone(Supplier<T> work) {
        takeTurn();
        try {
            return work.get();
        } finally {
            turn.unlock();
        }
    }

    private void takeTurn() {
        boolean taken = false;
        try {
            taken = turn.tryLock(waiting.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!taken) {
            throw new SyncUnavailableException(
                    "another run of this engine is under way, and was not over within " + waiting
                            + ": wait longer, or leave it to that one",
                    SyncUnavailableException.Reason.BUSY,
                    SyncUnavailableException.Outcome.NOT_DONE,
                    null);
        }
    }

    private SyncReport recorded(List<Direction> directions, BooleanSupplier goesOn) {
        return history.recorded(clock, () -> run(directions, SyncRun.Kind.REAL, goesOn));
    }

    SyncReport run(List<Direction> directions, SyncRun.Kind kind, BooleanSupplier goesOn) {
        List<TablePlan> plans;
        try {
            plans = plans();
        } catch (SyncUnavailableException offline) {
            return SyncRun.unreached(offline, clock);
        }
        return new SyncRun(local, remote, plans, rules, kind, clock, new SyncRun.Watch(listener, goesOn))
                .run(directions);
    }

    /** What is to be done, checked against both databases. */
    List<TablePlan> plans() {
        if (local.identity().equals(remote.identity())) {
            throw new SyncRefusedException(List.of(
                    "local and remote store are one database, " + local.describe() + ": name another for one of them"));
        }
        return Planner.plan(tables, local, remote);
    }
}
