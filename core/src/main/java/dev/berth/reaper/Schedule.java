package dev.berth.reaper;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs sweeps in the background, one after the other, with a jitter that keeps several hosts apart. */
final class Schedule implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GhostReaper.class);
    private static final long END_SECONDS = 10;
    private static final double JITTER = 0.1;

    private final BooleanSupplier sweep;
    private final Duration interval;
    private final Duration soonest;
    private final String name;
    private final BooleanSupplier within;
    private final @Nullable ScheduledExecutorService given;
    private final ReentrantLock state = new ReentrantLock();
    /** Held while a sweep of the schedule runs, so that whoever stops it can wait for it. */
    private final ReentrantLock sweeping = new ReentrantLock();

    private @Nullable ScheduledExecutorService own;
    private @Nullable ScheduledFuture<?> next;
    private long generation;
    private boolean closed;
    private volatile boolean started;
    private volatile boolean stopping;

    /**
     * Makes a schedule that has not begun.
     *
     * @param sweep sweeps, and says whether to look again soon
     * @param interval how long from one sweep to the next, give or take a tenth
     * @param soon how long where it is to look again soon
     * @param name what its thread is called
     * @param within whether the thread that asks is in the midst of a run, its own or one by hand, that others wait for
     */
    Schedule(
            BooleanSupplier sweep,
            Duration interval,
            Duration soon,
            String name,
            BooleanSupplier within,
            @Nullable ScheduledExecutorService given) {
        this.sweep = sweep;
        this.interval = interval;
        this.soonest = soon;
        this.name = name;
        this.within = within;
        this.given = given;
    }

    /** Whether a sweep that runs may take another step. */
    boolean mayGoOn() {
        return !stopping;
    }

    void start() {
        state.lock();
        try {
            if (started || closed) {
                return;
            }
            started = true;
            stopping = false;
            generation++;
            try {
                later(Duration.ZERO, generation);
            } catch (RejectedExecutionException ended) {
                started = false;
                throw ended;
            }
        } finally {
            state.unlock();
        }
    }

    private void later(Duration pause, long mine) {
        ScheduledExecutorService timer = timer();
        next = timer.schedule(() -> tick(mine), pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    private ScheduledExecutorService timer() {
        if (given != null) {
            return given;
        }
        ScheduledExecutorService made = own;
        if (made == null) {
            made = Executors.newSingleThreadScheduledExecutor(work -> {
                var thread = new Thread(work, name);
                thread.setDaemon(true);
                return thread;
            });
            own = made;
        }
        return made;
    }

    private void tick(long mine) {
        boolean soon = false;
        sweeping.lock();
        try {
            if (!started || stopping) {
                return;
            }
            soon = sweep.getAsBoolean();
        } catch (RuntimeException | Error failure) {
            LOG.warn("A run of {} failed; the next one comes as planned", name, failure);
        } finally {
            if (!started) {
                stopping = false;
            }
            sweeping.unlock();
        }
        state.lock();
        try {
            if (started && mine == generation) {
                later(jittered(soon ? soonest : interval), mine);
            }
        } catch (RejectedExecutionException ended) {
            started = false;
            LOG.warn("The runs of {} end: what they ran on was shut down", name, ended);
        } finally {
            state.unlock();
        }
    }

    private static Duration jittered(Duration span) {
        double factor = 1 - JITTER + 2 * JITTER * ThreadLocalRandom.current().nextDouble();
        return Duration.ofNanos((long) (span.toNanos() * factor));
    }

    void stop() {
        state.lock();
        try {
            if (started) {
                started = false;
                stopping = true;
                ScheduledFuture<?> pending = next;
                if (pending != null) {
                    pending.cancel(false);
                }
            }
        } finally {
            state.unlock();
        }
        if (isWithin()) {
            // A listener of a sweep that runs says it: sweeps stop at their next step, and nobody can wait for them
            // here.
            // Where the schedule is in a sweep it forgets by itself that it was to stop.
            if (!sweeping.isHeldByCurrentThread() && sweeping.tryLock()) {
                try {
                    stopping = false;
                } finally {
                    sweeping.unlock();
                }
            }
            return;
        }
        // A sweep that runs sees that it is to stop at its next step. Whoever else stops it meanwhile waits, too.
        sweeping.lock();
        try {
            stopping = false;
        } finally {
            sweeping.unlock();
        }
    }

    private boolean isWithin() {
        return sweeping.isHeldByCurrentThread() || within.getAsBoolean();
    }

    @Override
    public void close() {
        state.lock();
        try {
            closed = true;
        } finally {
            state.unlock();
        }
        stop();
        ScheduledExecutorService made;
        state.lock();
        try {
            made = own;
            own = null;
        } finally {
            state.unlock();
        }
        if (made != null) {
            made.shutdownNow();
            if (!isWithin()) {
                await(made);
            }
        }
    }

    private void await(ScheduledExecutorService ended) {
        try {
            if (!ended.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("The thread of {} has not ended within {} s", name, END_SECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
