package dev.berth.jdbc;

import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The store's time: the process's clock in whole microseconds, but never behind the mark that the database keeps or a
 * time that this store has told before. Where the process's clock runs backwards, this one stands still. Safe for use by
 * many threads.
 */
final class StoreClock {
    private final Clock clock;
    private final AtomicLong latest = new AtomicLong(Long.MIN_VALUE);

    StoreClock(Clock clock) {
        this.clock = clock;
    }

    /**
     * Reads the time.
     *
     * @param mark the database's mark as the transaction at hand sees it
     */
    Instant at(long mark) {
        long now = Math.max(Columns.micros(clock.instant()), mark);
        return Columns.instant(latest.accumulateAndGet(now, Math::max));
    }
}
