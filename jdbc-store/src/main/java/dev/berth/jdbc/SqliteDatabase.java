package dev.berth.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.ledger.StoreUnavailableException.Retry;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
final class SqliteDatabase implements AutoCloseable {
    private static final int CONNECTIONS = 8;

    /** SQLite itself waits this long; then the whole transaction is repeated, as long as there is patience. */
    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(SqliteDatabase.class);

    private final SqliteFile file;
    private final MetaRow meta;
    private final StoreClock clock;
    private final Duration patience;
    private final HikariDataSource pool;
    private final ReentrantLock writer = new ReentrantLock(true);
    private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();
    private boolean closed;

    /** What is done in a transaction; it may be run again from the start, so it changes nothing outside. */
    @FunctionalInterface
    interface Work<T> {
        T run(Session session) throws SQLException;
    }

    /** What a transaction is for. */
    private enum Access {
        READ("BEGIN"),
        WRITE("BEGIN IMMEDIATE");

        private final String begin;

        Access(String begin) {
            this.begin = begin;
        }
    }

    /**
     * How a file is used; other than the defaults only by tests.
     *
     * @param clock the host's clock
     * @param patience how long a call waits for others, in this process or another
     * @param greeting a statement that every new connection runs first
     */
    record Settings(Clock clock, Duration patience, Optional<String> greeting) {
        static final Settings DEFAULT = new Settings(Clock.systemUTC(), Duration.ofSeconds(30), Optional.empty());
    }

    private SqliteDatabase(SqliteFile file, MetaRow meta, Settings settings) {
        this.file = file;
        this.meta = meta;
        clock = new StoreClock(settings.clock());
        patience = settings.patience();
        pool = pool(file, settings);
    }

    /** Opens the file and sees to its schema. */
    static SqliteDatabase open(SqliteFile file, MetaRow meta, Settings settings) {
        var database = new SqliteDatabase(file, meta, settings);
        try {
            database.prepare(new SqliteSchema(file, meta));
            return database;
        } catch (RuntimeException | Error e) {
            database.pool.close();
            throw e;
        }
    }

    private static HikariDataSource pool(SqliteFile file, Settings settings) {
        try {
            DriverManager.getDriver(file.url());
        } catch (SQLException e) {
            throw new StoreUnavailableException(
                    "there is no driver for SQLite on the class path: add org.xerial:sqlite-jdbc",
                    Outcome.NOT_DONE,
                    Retry.NEVER,
                    e);
        }
        var config = new HikariConfig();
        config.setPoolName("berth-sqlite");
        config.setJdbcUrl(file.url());
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(1);
        config.setMaxLifetime(0);
        config.setConnectionTimeout(settings.patience().toMillis());
        config.addDataSourceProperty("synchronous", "FULL");
        config.addDataSourceProperty(
                "busy_timeout", Long.toString(busyTimeout(settings).toMillis()));
        settings.greeting().ifPresent(config::setConnectionInitSql);
        try {
            return new HikariDataSource(config);
        } catch (PoolInitializationException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw SqliteErrors.unavailable(file, cause, Outcome.NOT_DONE);
            }
            throw e;
        }
    }

    private static Duration busyTimeout(Settings settings) {
        return settings.patience().compareTo(BUSY_TIMEOUT) < 0 ? settings.patience() : BUSY_TIMEOUT;
    }

    private void prepare(SqliteSchema schema) {
        retried(() -> {
            Connection connection = pool.getConnection();
            var session = new Session(connection);
            try {
                schema.prepare(session);
                return true;
            } finally {
                release(connection, session);
            }
        });
    }

    SqliteFile file() {
        return file;
    }

    /** Runs work that only reads; everything that it reads is of one instant. */
    <T> T read(Work<T> work) {
        return alive(() -> retried(() -> once(Access.READ, work)));
    }

    /** Runs work that may write. When this returns, what it wrote is on the disk. */
    <T> T write(Work<T> work) {
        return alive(() -> inTurn(() -> retried(() -> once(Access.WRITE, work))));
    }

    @FunctionalInterface
    private interface Call<T> {
        T run();
    }

    @FunctionalInterface
    private interface Try<T> {
        T run() throws SQLException;
    }

    private <T> T alive(Call<T> call) {
        life.readLock().lock();
        try {
            if (closed) {
                throw new StoreUnavailableException(
                        "the store on " + file.path() + " is closed; open another",
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
                        "SQLite file " + file.path() + ": other threads wrote for " + patience.toSeconds()
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

    private <T> T retried(Try<T> tried) {
        long start = System.nanoTime();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return tried.run();
                } catch (SQLException e) {
                    boolean passes = SqliteErrors.isBusy(e) || e.getCause() instanceof InterruptedException;
                    if (!passes || System.nanoTime() - start >= patience.toNanos()) {
                        throw SqliteErrors.unavailable(file, e, Outcome.NOT_DONE);
                    }
                    // The pool heeds the flag, and a pause does too; it is restored when the outcome is known.
                    interrupted |= Thread.interrupted();
                    LOG.debug("{} was busy; once more", file.path(), e);
                    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(1_000_000, 20_000_000));
                }
            }
        } finally {
            restore(interrupted);
        }
    }

    private <T> T once(Access access, Work<T> work) throws SQLException {
        Connection connection = pool.getConnection();
        var session = new Session(connection);
        boolean open = false;
        try {
            session.run(access.begin);
            open = true;
            session.startClock(clock.at(meta.clockMark(session)));
            T result = work.run(session);
            commit(session);
            open = false;
            return result;
        } finally {
            if (open) {
                rollBack(connection, session);
            }
            release(connection, session);
        }
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
            if (SqliteErrors.isBusy(e)) {
                throw e;
            }
            throw SqliteErrors.unavailable(file, e, changed ? Outcome.UNKNOWN : Outcome.NOT_DONE);
        }
    }

    /** Some failures end the transaction by themselves; then this fails, and the connection goes. */
    private void rollBack(Connection connection, Session session) {
        try {
            session.run("ROLLBACK");
        } catch (SQLException e) {
            LOG.debug("{}: a connection is thrown away after a failed rollback", file.path(), e);
            pool.evictConnection(connection);
        }
    }

    private void release(Connection connection, Session session) {
        try (connection) {
            session.close();
        } catch (SQLException e) {
            LOG.debug("{}: a connection is thrown away that could not be cleaned up", file.path(), e);
            pool.evictConnection(connection);
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
            pool.close();
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
            LOG.warn("{}: the clock's mark could not be kept at close", file.path(), e);
        }
    }
}
