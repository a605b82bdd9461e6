package dev.berth.jdbc;

import dev.berth.ledger.StoreUnavailableException.Outcome;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Repeats what failed because others were in the way, whole, with pauses, within a bound. Safe for many threads. */
final class Retries {
    private static final Logger LOG = LoggerFactory.getLogger(Retries.class);

    /** A lost connection is replaced so often: pooled ones may all have died with the server. */
    private static final int CONNECTIONS = 3;

    /** So often nothing but a race is behind it; then pauses keep the racers apart. */
    private static final int QUICK = 3;

    private final Dialect dialect;
    private final String database;
    private final Duration patience;

    /** What is tried; it changes nothing when it throws an {@link SQLException}. */
    @FunctionalInterface
    interface Try<T> {
        T run() throws SQLException;
    }

    Retries(Dialect dialect, String database, Duration patience) {
        this.dialect = dialect;
        this.database = database;
        this.patience = patience;
    }

    <T> T run(Try<T> tried) {
        long start = System.nanoTime();
        boolean interrupted = false;
        int lost = 0;
        try {
            for (int round = 0; ; round++) {
                try {
                    return tried.run();
                } catch (SQLException e) {
                    Failure failure = Failure.of(dialect, e);
                    lost += failure == Failure.LOST ? 1 : 0;
                    // A pool heeds the interrupt, and a pause does too; it is restored when the outcome is known.
                    boolean woken = Thread.interrupted();
                    interrupted |= woken;
                    boolean passes = failure.passes() || (woken && failure == Failure.STARVED);
                    if (!passes || lost > CONNECTIONS || System.nanoTime() - start >= patience.toNanos()) {
                        throw failure.unavailable(database, e, Outcome.NOT_DONE);
                    }
                    LOG.debug("{}: {}; once more", database, failure, e);
                    pause(round, failure);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void pause(int round, Failure failure) {
        if (failure == Failure.RACED && round < QUICK) {
            return;
        }
        long most = Math.min(20_000_000L, 1_000_000L << Math.min(round, 5));
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(500_000, most + 1));
    }
}
