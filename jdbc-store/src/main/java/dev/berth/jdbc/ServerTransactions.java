package dev.berth.jdbc;

import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.StoreUnavailableException.Outcome;
import dev.berth.ledger.StoreUnavailableException.Retry;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database that many hosts share: PostgreSQL, MariaDB or MySQL; and H2, which goes by the same rules. Reads are single
 * statements of their own. Writes run at READ COMMITTED, with locks on the rows that they rely on and unique keys for
 * the rows that are not there.
 *
 * <p>H2 has one writer at a time: its time stands still during a transaction, so those that wait for each other would
 * tell times in another order than they commit. The ledger's own row is locked first, and keeps the time of the latest
 * commit.
 *
 * <p>Transactions are begun and ended by statements: that leaves autocommit as it was found, and drivers ask the server
 * for each change of it.
 */
final class ServerTransactions implements Transactions {
    private static final Logger LOG = LoggerFactory.getLogger(ServerTransactions.class);

    private static final int BRIEF = 4;

    private final Dialect dialect;
    private final Connections connections;
    private final MetaRow meta;
    private final String description;
    private final Retries retries;
    private final StoreClock clock = new StoreClock();
    private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();
    private boolean closed;

    ServerTransactions(
            Dialect dialect, Connections connections, String description, MetaRow meta, JdbcSettings settings) {
        this.dialect = dialect;
        this.connections = connections;
        this.meta = meta;
        this.description = description;
        retries = new Retries(dialect, description, settings.patience());
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
    public <T> T read(Work<T> work) {
        return alive(() -> retries.run(() -> alone(work)));
    }

    @Override
    public <T> T prepare(Work<T> work) {
        return read(work);
    }

    @Override
    public <T> T write(Work<T> work) {
        return alive(() -> retries.run(() -> transaction(work)));
    }

    @Override
    public <T> T writeAtOnce(Waiting waiting, Work<T> work) {
        AtomicInteger left = new AtomicInteger(waiting == Waiting.BRIEF ? BRIEF : Integer.MAX_VALUE);
        return alive(() -> retries.run(() -> atOnce(left, work)));
    }

    private <T> T atOnce(AtomicInteger triesLeft, Work<T> work) throws SQLException {
        try (Connections.Lent lent = connections.take();
                var session = new Session(lent.connection(), dialect, clock)) {
            try {
                return work.run(session);
            } catch (SQLException e) {
                Failure failure = Failure.of(dialect, e);
                if (failure == Failure.LOST) {
                    // The work is its own commit: it may have happened.
                    lent.discard();
                    throw failure.unavailable(description, e, Outcome.UNKNOWN);
                }
                if (session.isBegun()) {
                    rollBack(lent, session);
                }
                if (failure == Failure.BUSY && triesLeft.decrementAndGet() == 0) {
                    throw failure.unavailable(description, e, Outcome.NOT_DONE);
                }
                throw e;
            }
        }
    }

    /** Runs one statement, or several that need not belong together, each in a transaction of its own. */
    private <T> T alone(Work<T> work) throws SQLException {
        try (Connections.Lent lent = connections.take();
                var session = new Session(lent.connection(), dialect, clock)) {
            try {
                return work.run(session);
            } catch (SQLException e) {
                if (Failure.of(dialect, e) == Failure.LOST) {
                    lent.discard();
                }
                throw e;
            }
        }
    }

    private <T> T transaction(Work<T> work) throws SQLException {
        try (Connections.Lent lent = connections.take();
                var session = new Session(lent.connection(), dialect, clock)) {
            boolean open = false;
            try {
                for (String statement : dialect.begin()) {
                    session.run(statement);
                }
                open = true;
                if (dialect == Dialect.H2) {
                    session.startClock(Columns.instant(meta.lockClockMark(session)));
                }
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
    }

    /** After a failure that is not a race nobody knows what became of the transaction. */
    private void commit(Session session) throws SQLException {
        if (dialect == Dialect.H2 && session.hasChanged()) {
            meta.setClockMark(session, session.at());
        }
        try {
            session.run("COMMIT");
        } catch (SQLException e) {
            if (!session.hasChanged() || Failure.of(dialect, e) == Failure.RACED) {
                throw e;
            }
            throw Failure.of(dialect, e).unavailable(description, e, Outcome.UNKNOWN);
        }
    }

    private static void rollBack(Connections.Lent lent, Session session) {
        try {
            session.run("ROLLBACK");
        } catch (SQLException e) {
            LOG.debug("a connection is thrown away after a failed rollback", e);
            lent.discard();
        }
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

    /** Waits for the calls that are under way, and ends what the store itself opened. */
    @Override
    public void close() {
        life.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                connections.close();
            }
        } finally {
            life.writeLock().unlock();
        }
    }
}
