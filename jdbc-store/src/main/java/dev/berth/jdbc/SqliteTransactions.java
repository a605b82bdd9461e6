package dev.berth.jdbc;

import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.ledger.StoreUnavailableException.Retry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An SQLite file and how transactions run on it. Readers have connections of their own and see every commit that
 * returned before; writers of this process take turns in the order in which they came, and with those of other
 * processes by SQLite's lock, which is taken at the transaction's begin. Where the file is locked, the whole transaction
 * is repeated, within a bound.
 *
 * <p>Transactions are begun and ended by statements: the driver's {@code commit()} would begin the next one at once, and
 * with it hold the lock while nobody works (sqlite-jdbc 3.54, {@code SQLiteConnection.commit}).
 */
final class SqliteTransactions implements Transactions {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteTransactions.class);

    private final Dialect dialect = Dialect.SQLITE;
    private final Connections connections;
    private final String description;
    private final MetaRow meta;
    private final Clock host;
    private final StoreClock clock = new StoreClock();
    private final StatementCache statements = new StatementCache();
    private final Duration patience;
    private final Retries retries;
    private final ReentrantLock writer = new ReentrantLock(true);
    private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();
    private boolean closed;

    /** What a transaction is for. */
    private enum Access {
        READ("BEGIN"),
        WRITE("BEGIN IMMEDIATE");

        private final String begin;

        Access(String begin) {
            this.begin = begin;
        }
    }

    SqliteTransactions(Connections connections, String description, MetaRow meta, JdbcSettings settings) {
        this.connections = connections;
        this.description = description;
        this.meta = meta;
        host = settings.clock();
        patience = settings.patience();
        retries = new Retries(dialect, description, patience);
    }

    @Override
    public Dialect dialect() {
        return dialect;
    }

    @Override
    public StoreClock clock() {
        return clock;
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public <T> T prepare(Work<T> work) {
        return alive(() -> retries.run(() -> alone(work)));
    }

    @Override
    public <T> T writeAtOnce(Waiting waiting, Work<T> work) {
        return write(work);
    }

    private <T> T alone(Work<T> work) throws SQLException {
        try (Connections.Lent lent = connections.take();
                var session = new Session(lent.connection(), dialect, clock)) {
            return work.run(session);
        }
    }

    /** Runs work that only reads; everything that it reads is of one instant. */
    @Override
    public <T> T read(Work<T> work) {
        return alive(() -> retries.run(() -> once(Access.READ, work)));
    }

    @Override
    public <T> T write(Work<T> work) {
        return alive(() -> inTurn(() -> retries.run(() -> once(Access.WRITE, work))));
    }

    @FunctionalInterface
    private interface Call<T> {
        T run();
    }

    private <T> T alive(Call<T> call) {
        life.readLock().lock();
        try {
            if (closed) {
                throw new StoreUnavailableException(
                        "the store on " + description + " is closed; open another",
                        Outcome.NOT_DONE,
                        Retry.NEVER,
                        null);
            }
            return call.run();
        } finally {
            life.readLock().unlock();
        }
    }

    /** An interrupt ends no wait: an interrupted thread must be able to give back what it holds. */
    private <T> T inTurn(Call<T> call) {
        boolean interrupted = Thread.interrupted();
        try {
            interrupted |= awaitTurn();
            try {
                return call.run();
            } finally {
                writer.unlock();
            }
        } finally {
            restore(interrupted);
        }
    }

    /** Says whether an interrupt came meanwhile. */
    private boolean awaitTurn() {
        long end = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        while (true) {
            try {
                if (writer.tryLock(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return interrupted;
                }
                restore(interrupted);
                throw new StoreUnavailableException(
                        description + ": other threads wrote for " + patience.toSeconds()
                                + " s without a pause; nothing was changed",
                        Outcome.NOT_DONE,
                        Retry.LATER,
                        null);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private <T> T once(Access access, Work<T> work) throws SQLException {
        try (Connections.Lent lent = connections.take()) {
            Connection behind = StatementCache.behind(lent.connection());
            boolean done = false;
            try (var session = new Session(behind, dialect, clock, statements.of(behind))) {
                T result = transaction(access, work, lent, session);
                done = true;
                return result;
            } finally {
                if (!done) {
                    // What a failed statement has left is not known.
                    statements.drop(behind);
                }
            }
        }
    }

    private <T> T transaction(Access access, Work<T> work, Connections.Lent lent, Session session) throws SQLException {
        boolean open = false;
        try {
            session.run(access.begin);
            open = true;
            session.startClock(latest(Columns.instant(meta.clockMark(session)), host.instant()));
            T result = work.run(session);
            commit(session);
            open = false;
            return result;
        } finally {
            if (open) {
                rollBack(lent, session);
            }
        }
    }

    private static Instant latest(Instant mark, Instant now) {
        return now.isAfter(mark) ? now : mark;
    }

    /** SQLite keeps a transaction open whose COMMIT was busy; after any other failure nobody knows. */
    private void commit(Session session) throws SQLException {
        boolean changed = session.hasChanged();
        if (changed) {
            meta.setClockMark(session, session.at());
        }
        try {
            session.run("COMMIT");
        } catch (SQLException e) {
            if (Failure.of(dialect, e) == Failure.BUSY) {
                throw e;
            }
            throw Failure.of(dialect, e).unavailable(description, e, changed ? Outcome.UNKNOWN : Outcome.NOT_DONE);
        }
    }

    /** Some failures end the transaction by themselves; then this fails, and the connection goes. */
    private void rollBack(Connections.Lent lent, Session session) {
        try {
            session.run("ROLLBACK");
        } catch (SQLException e) {
            LOG.debug("{}: a connection is thrown away after a failed rollback", description, e);
            lent.discard();
        }
    }

    /** Waits for the calls that are under way, keeps the clock's mark, and ends the connections and their threads. */
    @Override
    public void close() {
        life.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            keepClock();
            connections.close();
        } finally {
            life.writeLock().unlock();
        }
    }

    /** Times that were only read are kept here, so that the next process does not tell earlier ones. */
    private void keepClock() {
        try {
            once(Access.WRITE, session -> {
                Instant at = session.at();
                meta.setClockMark(session, at);
                return at;
            });
        } catch (SQLException | StoreUnavailableException e) {
            LOG.warn("{}: the clock's mark could not be kept at close", description, e);
        }
    }
}
