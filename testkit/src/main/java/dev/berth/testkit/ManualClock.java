package dev.berth.testkit;

import dev.berth.InvalidInputException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that stands still until it is moved, forwards or backwards. Safe for use by many threads: what one has moved,
 * all see.
 */
public final class ManualClock extends Clock {
    private final AtomicReference<Instant> now;
    private final ZoneId zone;

    private ManualClock(AtomicReference<Instant> now, ZoneId zone) {
        this.now = now;
        this.zone = zone;
    }

    /**
     * Makes a clock in UTC.
     *
     * @param start the time that it shows first
     * @return the clock
     */
    public static ManualClock at(Instant start) {
        return new ManualClock(
                new AtomicReference<>(InvalidInputException.requireNonNull("start", start)), ZoneOffset.UTC);
    }

    /**
     * Moves the clock.
     *
     * @param span how far, negative for backwards
     * @return the time that it shows now
     */
    public Instant advance(Duration span) {
        InvalidInputException.requireNonNull("span", span);
        return Objects.requireNonNull(now.updateAndGet(time -> time.plus(span)));
    }

    /**
     * Sets the clock.
     *
     * @param time the time that it shows from now on
     */
    public void set(Instant time) {
        now.set(InvalidInputException.requireNonNull("time", time));
    }

    @Override
    public Instant instant() {
        return Objects.requireNonNull(now.get());
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    /** Gives a clock of another zone that moves together with this one. */
    @Override
    public Clock withZone(ZoneId other) {
        return new ManualClock(now, InvalidInputException.requireNonNull("zone", other));
    }

    @Override
    public String toString() {
        return "manual clock at " + now;
    }
}
