package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a sync again and again: {@link SyncEngine#sync()}, once at the start and then an interval after each end, give or
 * take a tenth, which keeps several clients apart. A run that fails does not end it.
 *
 * <p>Where a database is not there, the next run comes after a second, then after two, four and so on, until that is the
 * interval. Where a run fails otherwise, the pause is doubled with each failure, up to an hour (or the interval, if that is
 * longer): what somebody must mend is not hammered at. A run that succeeds, whoever makes it, is not waited for: {@link
 * SyncEngine#sync()} may be called at any time.
 *
 * <p>Safe for use by many threads.
 */
public final class BackgroundSync implements AutoCloseable {
    /** No interval is shorter. */
    public static final Duration SHORTEST = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(BackgroundSync.class);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);
    private static final int MOST_DOUBLINGS = 20;
    private static final double JITTER = 0.1;

    private final SyncEngine engine;
    private final Duration interval;
    private final Optional<ScheduledExecutorService> given;
    private final ReentrantLock state = new ReentrantLock();
    /** Held while a run of the schedule is under way, so that whoever ends it can wait. */
    private final ReentrantLock running = new ReentrantLock();

    private @Nullable ScheduledExecutorService own;
    private @Nullable ScheduledFuture<?> next;
    private long generation;
    private int failures;
    private volatile boolean started;
    private volatile boolean cut;
    private boolean closed;

    BackgroundSync(SyncEngine engine, Duration interval, Optional<ScheduledExecutorService> given) {
        if (InvalidInputException.requireNonNull("interval", interval).compareTo(SHORTEST) < 0) {
            throw InvalidInputException.of("interval", interval, SHORTEST + " or more");
        }
        this.engine = engine;
        this.interval = interval;
        this.given = given;
    }

    /**
     * Begins; the first run comes at once. Does nothing where it has begun or is closed.
     *
     * @return this
     */
    public BackgroundSync start() {
        state.lock();
        try {
            if (!started && !closed) {
                LOG.info("a sync runs in the background, every {}", interval);
                started = true;
                cut = false;
                failures = 0;
                generation++;
                later(Duration.ZERO, generation);
            }
        } finally {
            state.unlock();
        }
        return this;
    }

    /**
     * Counts the runs that have failed since the last one that did not.
     *
     * @return how many of the schedule's runs
     */
    public int failures() {
        state.lock();
        try {
            return failures;
        } finally {
            state.unlock();
        }
    }

    private void later(Duration pause, long mine) {
        ScheduledExecutorService timer = given.orElseGet(this::ownTimer);
        try {
            next = timer.schedule(() -> tick(mine), pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException ended) {
            started = false;
            LOG.warn("syncs in the background end: what they ran on was shut down", ended);
        }
    }

    private ScheduledExecutorService ownTimer() {
        ScheduledExecutorService made = own;
        if (made == null) {
            made = Executors.newSingleThreadScheduledExecutor(work -> {
                var thread = new Thread(work, "berth-sync");
                thread.setDaemon(true);
                return thread;
            });
            own = made;
        }
        return made;
    }

    private void tick(long mine) {
        running.lock();
        try {
            if (isOver(mine)) {
                return;
            }
            Duration pause = run();
            state.lock();
            try {
                if (!isOver(mine)) {
                    later(jittered(pause), mine);
                }
            } finally {
                state.unlock();
            }
        } finally {
            running.unlock();
        }
    }

    private boolean isOver(long mine) {
        state.lock();
        try {
            return !started || mine != generation;
        } finally {
            state.unlock();
        }
    }

    /** Runs, and tells how long to wait for the next time. */
    private Duration run() {
        try {
            return pauseAfter(engine.sync(() -> !cut).status());
        } catch (SyncUnavailableException busy) {
            LOG.debug("no sync: {}", busy.getMessage());
            return interval;
        } catch (RuntimeException | Error failure) {
            LOG.warn("a sync in the background failed; the next one comes all the same", failure);
            return pauseAfter(SyncReport.Status.FAILED);
        }
    }

    private Duration pauseAfter(SyncReport.Status status) {
        state.lock();
        try {
            boolean failed = status == SyncReport.Status.OFFLINE || status == SyncReport.Status.FAILED;
            failures = failed ? failures + 1 : 0;
            return switch (status) {
                case SUCCESS, STOPPED -> interval;
                case OFFLINE -> doubled(FIRST_RETRY, failures - 1, interval);
                case FAILED ->
                    doubled(interval, failures, interval.compareTo(LONGEST_PAUSE) > 0 ? interval : LONGEST_PAUSE);
            };
        } finally {
            state.unlock();
        }
    }

    private static Duration doubled(Duration first, int times, Duration most) {
        Duration pause = first.multipliedBy(1L << Math.min(times, MOST_DOUBLINGS));
        return pause.compareTo(most) < 0 ? pause : most;
    }

    private static Duration jittered(Duration span) {
        double factor = 1 - JITTER + 2 * JITTER * ThreadLocalRandom.current().nextDouble();
        return Duration.ofNanos((long) (span.toNanos() * factor));
    }

    /**
     * Ends the runs. One that is under way ends after the batch that it is at, and is waited for, unless this is called
     * by its own listener. It can be started again.
     */
    public void stop() {
        cut = true;
        end();
    }

    /**
     * Ends the runs for good. One that is under way comes to its own end, and is waited for, unless this is called by its
     * own listener; {@link #stop} before ends it sooner. Ends the thread that it made; engine, stores and a timer of the
     * caller's stay open. Safe to repeat.
     */
    @Override
    public void close() {
        state.lock();
        try {
            closed = true;
        } finally {
            state.unlock();
        }
        end();
        state.lock();
        try {
            ScheduledExecutorService made = own;
            own = null;
            if (made != null) {
                made.shutdown();
            }
        } finally {
            state.unlock();
        }
    }

    private void end() {
        state.lock();
        try {
            started = false;
            ScheduledFuture<?> pending = next;
            if (pending != null) {
                pending.cancel(false);
            }
        } finally {
            state.unlock();
        }
        if (!running.isHeldByCurrentThread()) {
            running.lock();
            try {
                LOG.debug("no sync in the background is under way any more");
            } finally {
                running.unlock();
            }
        }
    }
}
