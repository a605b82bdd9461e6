package dev.berth.sync;

import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One time for both stores, the remote's: every client has that one in common. Times by the local store's clock are moved
 * by what the two clocks differ. Used for one run.
 */
final class RunClock {
    private static final Logger LOG = LoggerFactory.getLogger(RunClock.class);
    private static final Duration WORTH_TELLING = Duration.ofMinutes(1);

    private final Instant remote;
    private final long measured;
    private final Duration ahead;

    private RunClock(Instant remote, long measured, Duration ahead) {
        this.remote = remote;
        this.measured = measured;
        this.ahead = ahead;
    }

    static RunClock between(SyncStore local, SyncStore remote) {
        Instant before = local.now();
        Instant there = remote.now();
        Instant after = local.now();
        Instant here = before.plus(Duration.between(before, after).dividedBy(2));
        Duration ahead = Duration.between(here, there);
        if (ahead.abs().compareTo(WORTH_TELLING) > 0) {
            LOG.warn(
                    "the clock of {} differs by {} from that of {}: times of local changes are moved by it; set the clock",
                    local.describe(),
                    ahead,
                    remote.describe());
        }
        return new RunClock(there, System.nanoTime(), ahead);
    }

    Instant now() {
        return remote.plusNanos(System.nanoTime() - measured);
    }

    /** A time by the clock of the store of one direction's source. */
    Instant time(Instant noted, LostRow.Side side) {
        return side == LostRow.Side.LOCAL ? noted.plus(ahead) : noted;
    }
}
