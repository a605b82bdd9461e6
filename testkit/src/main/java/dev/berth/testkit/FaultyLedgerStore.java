package dev.berth.testkit;

import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.ledger.StoreUnavailableException.Retry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A store that fails, waits or hangs when it is told to, and counts its calls, so that a test can say how many round
 * trips a call costs. Untold, it does what the store behind it does. Safe for use by many threads; what is told counts
 * from the next call on, and "the next n" are counted over all threads.
 */
public final class FaultyLedgerStore extends ForwardingLedgerStore {
    private final Map<StoreCall, Long> counts = new EnumMap<>(StoreCall.class);
    private int refusals;
    private int losses;
    private int drops;
    private int readFailures;
    private Duration delay = Duration.ZERO;
    private CountDownLatch gate = new CountDownLatch(0);
    private int hanging;

    private enum Fault {
        NONE,
        BEFORE,
        UNKNOWN_BEFORE,
        UNKNOWN_AFTER
    }

    /**
     * Wraps a store.
     *
     * @param store the store that does the work
     */
    public FaultyLedgerStore(LedgerStore store) {
        super(store);
    }

    /**
     * Makes the next writes fail before anything happens, with {@link Outcome#NOT_DONE}.
     *
     * @param times how many
     */
    public synchronized void refuseWrites(int times) {
        refusals = times;
    }

    /**
     * Makes the next writes happen and then fail, with {@link Outcome#UNKNOWN}: the answer got lost.
     *
     * @param times how many, counted after the refused ones
     */
    public synchronized void loseAnswers(int times) {
        losses = times;
    }

    /**
     * Makes the next writes fail with {@link Outcome#UNKNOWN} though nothing happens: the question got lost.
     *
     * @param times how many, counted after those whose answers are lost
     */
    public synchronized void loseQuestions(int times) {
        drops = times;
    }

    /**
     * Makes the next reads fail.
     *
     * @param times how many
     */
    public synchronized void failReads(int times) {
        readFailures = times;
    }

    /**
     * Makes every call take longer.
     *
     * @param span how much longer, zero to stop it
     */
    public synchronized void delay(Duration span) {
        delay = span;
    }

    /** Makes every call hang until {@link #release}. One whose thread is interrupted fails instead, not done. */
    public synchronized void hang() {
        if (gate.getCount() == 0) {
            gate = new CountDownLatch(1);
        }
    }

    /** Lets all calls that hang go on, and later ones pass. */
    public synchronized void release() {
        gate.countDown();
    }

    /**
     * Counts the calls that hang right now.
     *
     * @return how many
     */
    public synchronized int hanging() {
        return hanging;
    }

    /**
     * Counts calls of one method, failed ones included.
     *
     * @param call the method
     * @return how many since the store was made or {@link #resetCalls} was called
     */
    public synchronized long calls(StoreCall call) {
        return counts.getOrDefault(call, 0L);
    }

    /**
     * Counts calls of all methods, failed ones included.
     *
     * @return how many since the store was made or {@link #resetCalls} was called
     */
    public synchronized long calls() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Counts from nought again. */
    public synchronized void resetCalls() {
        counts.clear();
    }

    @Override
    protected <T> T around(StoreCall call, Supplier<T> work) {
        Fault fault = begin(call);
        pause();
        if (fault == Fault.BEFORE || fault == Fault.UNKNOWN_BEFORE) {
            throw failure(call, fault);
        }
        T answer = work.get();
        if (fault == Fault.UNKNOWN_AFTER) {
            throw failure(call, fault);
        }
        return answer;
    }

    private synchronized Fault begin(StoreCall call) {
        counts.merge(call, 1L, Long::sum);
        if (!call.isWrite()) {
            return readFailures > 0 && readFailures-- > 0 ? Fault.BEFORE : Fault.NONE;
        }
        if (refusals > 0) {
            refusals--;
            return Fault.BEFORE;
        }
        if (losses > 0) {
            losses--;
            return Fault.UNKNOWN_AFTER;
        }
        if (drops > 0) {
            drops--;
            return Fault.UNKNOWN_BEFORE;
        }
        return Fault.NONE;
    }

    private void pause() {
        CountDownLatch wait;
        long nanos;
        synchronized (this) {
            wait = gate;
            nanos = delay.toNanos();
            hanging++;
        }
        try {
            wait.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException(
                    "interrupted while the store hung, as it was told to", Outcome.NOT_DONE, Retry.LATER, interrupted);
        } finally {
            synchronized (this) {
                hanging--;
            }
        }
        long until = System.nanoTime() + nanos;
        for (long rest = nanos; rest > 0 && !Thread.currentThread().isInterrupted(); rest = until - System.nanoTime()) {
            LockSupport.parkNanos(rest);
        }
    }

    private static StoreUnavailableException failure(StoreCall call, Fault fault) {
        Outcome outcome = fault == Fault.BEFORE ? Outcome.NOT_DONE : Outcome.UNKNOWN;
        return new StoreUnavailableException(call + " failed, as it was told to", outcome, Retry.LATER, null);
    }
}
