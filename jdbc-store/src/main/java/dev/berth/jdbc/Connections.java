package dev.berth.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a store's connections come from: a pool of its own, or the caller's, which is never closed. Each is handed out
 * with autocommit on and no transaction of anybody on it. Safe for use by many threads.
 *
 * <p>A caller's data source may be bound to the transaction of the calling thread, as Spring's is: then it gives that
 * transaction's own connection, on which nothing may be done here. Such a connection has autocommit off. So one that has
 * it on is used as it is, and one that has it off is given back untouched, and another asked for on a thread of ours, to
 * which no transaction is bound.
 */
final class Connections implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    private final DataSource source;
    private final boolean own;
    private final ThreadPoolExecutor elsewhere;
    /** Whether the data source was last seen to hand out even unbound connections with autocommit off. */
    private volatile boolean autocommitIsOff;

    private Connections(DataSource source, boolean own) {
        this.source = source;
        this.own = own;
        var count = new AtomicInteger();
        // As many threads as callers that wait for them: on its own thread none could be asked for a caller.
        int most = Integer.MAX_VALUE;
        elsewhere = new ThreadPoolExecutor(0, most, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
            var thread = new Thread(work, "berth-connections-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    static Connections own(HikariDataSource pool) {
        return new Connections(pool, true);
    }

    static Connections of(DataSource callers) {
        return new Connections(callers, false);
    }

    /** How many can be had at once, if that is known. */
    OptionalInt most() {
        return source instanceof HikariDataSource pool
                ? OptionalInt.of(pool.getMaximumPoolSize())
                : OptionalInt.empty();
    }

    /** A connection that is ours until it is closed. */
    final class Lent implements AutoCloseable {
        private final Connection connection;
        private final boolean autocommitWasOff;

        private Lent(Connection connection, boolean autocommitWasOff) {
            this.connection = connection;
            this.autocommitWasOff = autocommitWasOff;
        }

        Connection connection() {
            return connection;
        }

        /** Sees to it that nobody gets the connection again. */
        void discard() {
            if (source instanceof HikariDataSource pool) {
                pool.evictConnection(connection);
                return;
            }
            try {
                connection.abort(Runnable::run);
            } catch (SQLException | RuntimeException e) {
                LOG.debug("a connection could not be aborted", e);
            }
        }

        @Override
        public void close() {
            try (Connection given = connection) {
                if (autocommitWasOff && !given.isClosed()) {
                    given.setAutoCommit(false);
                }
            } catch (SQLException e) {
                LOG.debug("a connection could not be given back as it was", e);
            }
        }
    }

    /** Takes a connection, waiting as long as its pool does. */
    Lent take() throws SQLException {
        if (own) {
            return new Lent(source.getConnection(), false);
        }
        if (!autocommitIsOff) {
            Connection first = source.getConnection();
            try {
                if (first.getAutoCommit()) {
                    return new Lent(first, false);
                }
            } catch (SQLException | RuntimeException e) {
                first.close();
                throw e;
            }
            first.close();
        }
        return unbound();
    }

    private Lent unbound() throws SQLException {
        Lent lent = await(elsewhere.submit(this::ready));
        autocommitIsOff = lent.autocommitWasOff;
        return lent;
    }

    /**
     * To be run on a thread of ours. What is handed out may be a proxy which takes the connection only when it is first
     * used, and then that of the using thread's transaction, as Spring's does; so it is used here.
     */
    private Lent ready() throws SQLException {
        Connection connection = source.getConnection();
        try {
            connection.createStatement().close();
            boolean off = !connection.getAutoCommit();
            if (off) {
                connection.setAutoCommit(true);
            }
            return new Lent(connection, off);
        } catch (SQLException | RuntimeException | Error e) {
            connection.close();
            throw e;
        }
    }

    /** An interrupt does not end the wait, or the connection would be nobody's. */
    private static Lent await(Future<Lent> asked) throws SQLException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return asked.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (CancellationException e) {
                    throw new SQLTransientConnectionException("the store was closed", e);
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof SQLException cause) {
                        throw cause;
                    }
                    throw new SQLTransientConnectionException("the data source gave no connection", e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        elsewhere.shutdown();
        if (own && source instanceof HikariDataSource pool) {
            pool.close();
        }
    }
}
