package dev.berth.torture;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that jumps when it is told to, forth and back. */
final class SkewedClock extends Clock {
    private volatile Duration skew = Duration.ZERO;

    void jump(Duration to) {
        skew = to;
    }

    @Override
    public Instant instant() {
        return Clock.systemUTC().instant().plus(skew);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
