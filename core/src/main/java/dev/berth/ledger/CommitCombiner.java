package dev.berth.ledger;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Hands the commits of several threads to the store in one call where the store says that this is faster. While few are
 * under way each thread carries out its own; beyond that threads queue up, one of them becomes the leader, carries out
 * what waits, and hands the lead on. Every caller gets the outcome of its own unit, as if it had been alone: a unit
 * that makes the store throw is found out by handing over the units of its call one by one. Where the store could not
 * carry out a call, each caller carries out its own unit: one that must wait for somebody outside keeps no others
 * waiting.
 *
 * <p>All who wait in one call are there at the same time, so any order of their units is right. Those that only release go
 * first and those that create go last: what is given back in a call can be had in it.
 */
final class CommitCombiner {
    private final LedgerStore store;
    private final LedgerStore.Combining advice;
    /** All callers from their entry to their outcome, those that wait for another's call too. */
    private final AtomicInteger underWay = new AtomicInteger();

    private final AtomicInteger leaders = new AtomicInteger();
    private final Queue<Waiter> queue = new ConcurrentLinkedQueue<>();
    /** How many are in the queue, or about to be. */
    private final AtomicInteger queued = new AtomicInteger();

    CommitCombiner(LedgerStore store) {
        this.store = store;
        this.advice = store.combining();
    }

    CommitResult commit(Commit unit) {
        if (advice.direct() == Integer.MAX_VALUE) {
            return alone(unit);
        }
        try {
            boolean few = underWay.incrementAndGet() <= advice.direct() && queue.isEmpty();
            return few || (advice.units() == LedgerStore.Units.PLAIN && !unit.isPlain())
                    ? alone(unit)
                    : await(new Waiter(unit, Thread.currentThread()));
        } finally {
            underWay.decrementAndGet();
        }
    }

    private CommitResult alone(Commit unit) {
        List<CommitResult> results = store.commit(List.of(unit));
        check(results, 1);
        return results.get(0);
    }

    private static void check(List<CommitResult> results, int units) {
        if (results.size() != units) {
            throw new IllegalStateException("the store was given " + units + " units and answered " + results.size()
                    + ": it breaks the contract of LedgerStore");
        }
    }

    /**
     * Waits for the outcome, leading whenever a lead is free. Nobody is left behind: a waiter queues up before it looks
     * for a free lead, and a leader frees its lead before it looks for a waiter to wake, so one of the two sees the
     * other. An interrupt does not end the wait, because the outcome must be known; it is restored afterwards. A leader
     * leaves it aside too, or a medium that heeds it would fail the units of others.
     */
    private CommitResult await(Waiter own) {
        queued.incrementAndGet();
        queue.add(own);
        while (!own.done) {
            own.setInterruptAside();
            if (tryLead()) {
                try {
                    lead(own);
                } finally {
                    leaders.decrementAndGet();
                    wakeNext();
                }
            } else if (!own.done) {
                LockSupport.park(this);
            }
        }
        if (own.interrupted) {
            Thread.currentThread().interrupt();
        }
        return own.alone ? alone(own.unit) : own.outcome();
    }

    /** A second call goes out beside the first only when it would be a full one: a call costs more than a unit in it. */
    private boolean tryLead() {
        int leading = leaders.get();
        return (leading == 0 || queued.get() >= advice.most())
                && leading < advice.leaders()
                && leaders.compareAndSet(leading, leading + 1);
    }

    private void lead(Waiter leader) {
        List<Waiter> batch = nextBatch();
        if (batch.isEmpty()) {
            return;
        }
        List<CommitResult> results;
        try {
            results = store.commit(batch.stream().map(waiter -> waiter.unit).toList());
        } catch (StoreUnavailableException failure) {
            if (batch.size() > 1
                    && advice.units() == LedgerStore.Units.PLAIN
                    && failure.isRetryable()
                    && failure.outcome() == StoreUnavailableException.Outcome.NOT_DONE) {
                // One of them may have to wait for somebody outside; the others need not. Where all have one writer
                // they would.
                batch.forEach(Waiter::goAlone);
            } else {
                share(failure, batch);
            }
            return;
        } catch (RuntimeException | Error failure) {
            oneByOne(batch, failure, leader);
            return;
        }
        try {
            check(results, batch.size());
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).finish(results.get(i));
            }
        } catch (RuntimeException | Error broken) {
            // Something was carried out, and nobody knows what: to hand it over again would do it twice.
            share(broken, batch);
        }
    }

    private List<Waiter> nextBatch() {
        List<Waiter> batch = new ArrayList<>();
        for (Waiter next = queue.peek(); next != null && batch.size() < advice.most(); next = queue.peek()) {
            Waiter taken = queue.poll();
            if (taken != null) {
                queued.decrementAndGet();
                batch.add(taken);
            }
        }
        batch.sort(Comparator.comparingInt(waiter -> rank(waiter.unit)));
        return batch;
    }

    private static int rank(Commit unit) {
        if (unit.claims().stream().anyMatch(write -> write instanceof Commit.Create)) {
            return 2;
        }
        boolean releases = !unit.claims().isEmpty()
                && unit.claims().stream().allMatch(write -> write instanceof Commit.Release)
                && unit.blocks().isEmpty()
                && unit.records().isEmpty();
        return releases ? 0 : 1;
    }

    /**
     * Finds out which units the store throws at. By its contract not one of the call was carried out, so none is done
     * twice. Where the medium fails on the way, the rest is not handed over: each would wait for the medium in turn.
     */
    private void oneByOne(List<Waiter> batch, Throwable failure, Waiter leader) {
        if (batch.size() == 1) {
            batch.get(0).fail(failure);
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            Waiter waiter = batch.get(i);
            leader.setInterruptAside();
            try {
                waiter.finish(alone(waiter.unit));
            } catch (StoreUnavailableException gone) {
                waiter.fail(gone);
                share(notDone(gone), batch.subList(i + 1, batch.size()));
                return;
            } catch (RuntimeException | Error own) {
                waiter.fail(own);
            }
        }
    }

    /** Several callers fail alike; one alone gets what the store threw. */
    private static void share(Throwable failure, List<Waiter> batch) {
        if (batch.size() == 1) {
            batch.get(0).fail(failure);
        } else {
            batch.forEach(waiter -> waiter.failWithOthers(failure));
        }
    }

    private static StoreUnavailableException notDone(StoreUnavailableException gone) {
        return again(gone, StoreUnavailableException.Outcome.NOT_DONE);
    }

    private static StoreUnavailableException again(
            StoreUnavailableException gone, StoreUnavailableException.Outcome outcome) {
        return new StoreUnavailableException(
                String.valueOf(gone.getMessage()),
                outcome,
                gone.isRetryable() ? StoreUnavailableException.Retry.LATER : StoreUnavailableException.Retry.NEVER,
                gone);
    }

    private void wakeNext() {
        Waiter next = queue.peek();
        if (next != null) {
            LockSupport.unpark(next.thread);
        }
    }

    private static final class Waiter {
        private final Commit unit;
        private final Thread thread;
        private @Nullable CommitResult result;
        private @Nullable Throwable failure;
        /** Whether others failed by the same exception, so that each needs one of its own. */
        private boolean shared;

        /** Whether the call that this unit was in was not carried out, and its thread is to carry it out itself. */
        private boolean alone;

        private boolean interrupted;
        private volatile boolean done;

        Waiter(Commit unit, Thread thread) {
            this.unit = unit;
            this.thread = thread;
        }

        /** For the waiter's own thread: an interrupt is kept from the store, and restored when the wait is over. */
        void setInterruptAside() {
            interrupted |= Thread.interrupted();
        }

        void finish(CommitResult outcome) {
            result = outcome;
            wake();
        }

        void goAlone() {
            alone = true;
            wake();
        }

        void fail(Throwable own) {
            failure = own;
            wake();
        }

        void failWithOthers(Throwable common) {
            shared = true;
            fail(common);
        }

        private void wake() {
            done = true;
            LockSupport.unpark(thread);
        }

        CommitResult outcome() {
            if (result != null) {
                return result;
            }
            if (failure instanceof Error error) {
                throw error;
            }
            if (failure instanceof RuntimeException own && !shared) {
                throw own;
            }
            if (failure instanceof StoreUnavailableException gone) {
                throw again(gone, gone.outcome());
            }
            throw new IllegalStateException("a combined commit failed", failure);
        }
    }
}
