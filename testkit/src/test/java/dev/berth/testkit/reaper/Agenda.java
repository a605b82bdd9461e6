package dev.berth.testkit.reaper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A timer on which nothing runs until a test says so. For one thing at a time. */
final class Agenda extends AbstractExecutorService implements ScheduledExecutorService {
    private final List<Due> due = new ArrayList<>();
    private boolean shut;

    private static final class Due extends FutureTask<Object> implements ScheduledFuture<Object> {
        private final long nanos;

        Due(Runnable work, long nanos) {
            super(work, true);
            this.nanos = nanos;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(nanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(nanos, other.getDelay(TimeUnit.NANOSECONDS));
        }
    }

    /** How long until the next one; empty if there is none. */
    Optional<Duration> next() {
        due.removeIf(Due::isCancelled);
        return due.isEmpty() ? Optional.empty() : Optional.of(Duration.ofNanos(due.get(0).nanos));
    }

    /** Runs the next one. */
    void run() {
        due.removeIf(Due::isCancelled);
        due.remove(0).run();
        if (due.size() > 1) {
            throw new AssertionError("more than one run is planned: " + due.size());
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        if (shut) {
            throw new RejectedExecutionException("shut down");
        }
        var planned = new Due(command, unit.toNanos(delay));
        due.add(planned);
        return planned;
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initial, long period, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initial, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void shutdown() {
        shut = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shut = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return shut;
    }

    @Override
    public boolean isTerminated() {
        return shut;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return shut;
    }

    @Override
    public void execute(Runnable command) {
        command.run();
    }
}
