package dev.berth.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Hands the commits of several threads to the store in one call where the store says that this is faster. While few are
 * under way each thread carries out its own; beyond that threads queue up, one of them becomes the leader, carries out
 * what waits, and hands the lead on. Every caller gets the outcome of its own unit, as if it had been alone.
 */
final class CommitCombiner {
    private final LedgerStore store;
    private final LedgerStore.Combining advice;
    private final AtomicInteger direct = new AtomicInteger();
    private final AtomicInteger leaders = new AtomicInteger();
    private final Queue<Waiter> queue = new ConcurrentLinkedQueue<>();

    CommitCombiner(LedgerStore store) {
        this.store = store;
        this.advice = store.combining();
    }

    CommitResult commit(Commit unit) {
        if (advice.direct() == Integer.MAX_VALUE) {
            return store.commit(List.of(unit)).get(0);
        }
        if (direct.incrementAndGet() <= advice.direct() && queue.isEmpty()) {
            try {
                return store.commit(List.of(unit)).get(0);
            } finally {
                direct.decrementAndGet();
            }
        }
        direct.decrementAndGet();
        return await(new Waiter(unit, Thread.currentThread()));
    }

    /**
     * Waits for the outcome, leading whenever a lead is free. Nobody is left behind: a waiter queues up before it looks
     * for a free lead, and a leader frees its lead before it looks for a waiter to wake, so one of the two sees the
     * other. An interrupt does not end the wait, because the outcome must be known; it is restored afterwards. A leader
     * leaves it aside too, or a medium that heeds it would fail the units of others.
     */
    private CommitResult await(Waiter own) {
        boolean interrupted = false;
        queue.add(own);
        while (!own.done) {
            interrupted |= Thread.interrupted();
            if (tryLead()) {
                try {
                    leadOnce();
                } finally {
                    leaders.decrementAndGet();
                    wakeNext();
                }
            } else if (!own.done) {
                LockSupport.park(this);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return own.outcome();
    }

    private boolean tryLead() {
        int leading = leaders.get();
        return leading < advice.leaders() && leaders.compareAndSet(leading, leading + 1);
    }

    private void leadOnce() {
        List<Waiter> batch = new ArrayList<>();
        for (Waiter next = queue.peek(); next != null && batch.size() < advice.most(); next = queue.peek()) {
            Waiter taken = queue.poll();
            if (taken != null) {
                batch.add(taken);
            }
        }
        if (batch.isEmpty()) {
            return;
        }
        try {
            List<CommitResult> results =
                    store.commit(batch.stream().map(waiter -> waiter.unit).toList());
            if (results.size() != batch.size()) {
                throw new IllegalStateException("the store was given " + batch.size() + " units and answered "
                        + results.size() + ": it breaks the contract of LedgerStore");
            }
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).finish(results.get(i), null);
            }
        } catch (RuntimeException | Error failure) {
            batch.forEach(waiter -> waiter.finish(null, failure));
        }
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
        private volatile boolean done;

        Waiter(Commit unit, Thread thread) {
            this.unit = unit;
            this.thread = thread;
        }

        void finish(@Nullable CommitResult outcome, @Nullable Throwable cause) {
            result = outcome;
            failure = cause;
            done = true;
            LockSupport.unpark(thread);
        }

        CommitResult outcome() {
            if (result != null) {
                return result;
            }
            if (failure instanceof StoreUnavailableException shared) {
                throw new StoreUnavailableException(
                        String.valueOf(shared.getMessage()),
                        shared.outcome(),
                        shared.isRetryable()
                                ? StoreUnavailableException.Retry.LATER
                                : StoreUnavailableException.Retry.NEVER,
                        shared);
            }
            if (failure instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("a combined commit failed", failure);
        }
    }
}
