package dev.berth.testkit;

import dev.berth.InvalidInputException;
import dev.berth.runtime.Pacing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A pacing that moves a clock instead of waiting: whoever pauses finds the time passed. Safe for use by many threads;
 * pauses of several threads add up, since there is one clock.
 */
public final class ManualPacing implements Pacing {
    private final ManualClock clock;
    private final Instant start;
    private final List<Duration> pauses = new ArrayList<>();
    private long latest;

    private ManualPacing(ManualClock clock) {
        this.clock = clock;
        this.start = clock.instant();
    }

    /**
     * Makes a pacing.
     *
     * @param clock the clock that its pauses move, and that its nanoseconds are read from
     * @return the pacing
     */
    public static ManualPacing on(ManualClock clock) {
        return new ManualPacing(InvalidInputException.requireNonNull("clock", clock));
    }

    /** Reads the clock; while it is behind a time that was read before, that time is told again. */
    @Override
    public synchronized long nanos() {
        latest = Math.max(latest, Duration.between(start, clock.instant()).toNanos());
        return latest;
    }

    /** Moves the clock at once, unless the thread is interrupted. */
    @Override
    public void pause(Duration span) throws InterruptedException {
        InvalidInputException.requireNonNull("span", span);
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before a pause of " + span);
        }
        synchronized (this) {
            pauses.add(span);
        }
        if (!span.isNegative()) {
            clock.advance(span);
        }
    }

    /**
     * Lists the pauses.
     *
     * @return how long each was to be, the first one first
     */
    public synchronized List<Duration> pauses() {
        return List.copyOf(pauses);
    }
}
