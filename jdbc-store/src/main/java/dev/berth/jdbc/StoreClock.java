package dev.berth.jdbc;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** The latest time that a store has told: it never tells an earlier one. Safe for use by many threads. */
final class StoreClock {
    private final AtomicLong latest = new AtomicLong(Long.MIN_VALUE);

    /** The latest time told, in microseconds; the least number if none was. */
    long latest() {
        return latest.get();
    }

    /** Takes note of a time, and returns it, or the latest that was told where that is later. */
    Instant saw(Instant at) {
        return Columns.instant(latest.accumulateAndGet(Columns.micros(at), Math::max));
    }
}
