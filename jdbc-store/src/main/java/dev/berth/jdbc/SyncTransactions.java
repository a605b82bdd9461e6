package dev.berth.jdbc;

import dev.berth.ledger.StoreUnavailableException;
import dev.berth.sync.RowFaultException;
import dev.berth.sync.SyncStore;
import dev.berth.sync.SyncUnavailableException;
import java.nio.file.NoSuchFileException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The transactions of a database that is synced, each repeated whole where others are in its way. */
final class SyncTransactions {
    private static final Logger LOG = LoggerFactory.getLogger(SyncTransactions.class);

    private final Connections connections;
    private final String server;
    private final Dialect dialect;
    private final ColumnNames names;
    private final Retries retries;
    /** Gives how a column is declared where its values are staged, of a table and a column. */
    private final BinaryOperator<String> staged;

    /** A fault of a row on its way out of a transaction. */
    private static final class Faulty extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient RowFaultException fault;

        Faulty(RowFaultException fault) {
            super(fault);
            this.fault = fault;
        }
    }

    /** Work on a connection. */
    @FunctionalInterface
    interface OnConnection<T> {
        T run(Connection connection) throws SQLException;
    }

    SyncTransactions(
            Connections connections,
            Product product,
            ColumnNames names,
            Retries retries,
            BinaryOperator<String> staged) {
        this.connections = connections;
        this.server = product.description();
        this.dialect = product.dialect();
        this.names = names;
        this.retries = retries;
        this.staged = staged;
    }

    <T> T write(SyncStore.Work<T> work) throws RowFaultException {
        return transact(begin(), work);
    }

    <T> T read(SyncStore.Work<T> work) throws RowFaultException {
        return transact(dialect == Dialect.SQLITE ? List.of("BEGIN") : begin(), work);
    }

    private <T> T transact(List<String> begin, SyncStore.Work<T> work) throws RowFaultException {
        try {
            return unavailable(() -> retries.run(() -> transaction(begin, work)));
        } catch (Faulty faulty) {
            throw faulty.fault;
        }
    }

    private <T> T transaction(List<String> begin, SyncStore.Work<T> work) throws SQLException {
        try (Connections.Lent lent = connections.take()) {
            Connection connection = lent.connection();
            var session = new JdbcSyncSession(connection, names, staged);
            boolean open = false;
            try (var control = new Session(connection, dialect, new StoreClock())) {
                for (String statement : begin) {
                    control.run(statement);
                }
                open = true;
                T result = work.run(session);
                commit(control, session);
                open = false;
                end(control);
                return result;
            } catch (SqlTrouble trouble) {
                throw trouble.error();
            } catch (RowFaultException fault) {
                throw new Faulty(fault);
            } finally {
                if (open) {
                    rollBack(lent, connection);
                }
            }
        }
    }

    private List<String> begin() {
        List<String> statements = new ArrayList<>(dialect.begin());
        switch (dialect) {
            // What is not known of temporary tables must not make it read large ones whole. And a row that a deferred
            // constraint refuses is to be refused where it is written: at the commit nobody knows which it is.
            case POSTGRESQL ->
                statements.add("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL"
                        + " enable_seqscan = off; SET LOCAL timezone = 'UTC'; SET LOCAL client_min_messages = warning;"
                        + " SET CONSTRAINTS ALL IMMEDIATE");
            // Columns of type TIMESTAMP go by it.
            case MARIADB -> statements.add(0, "SET @berth_zone = @@session.time_zone, @@session.time_zone = '+00:00'");
            case SQLITE, H2 -> {}
        }
        return statements;
    }

    private void end(Session control) {
        if (dialect == Dialect.MARIADB) {
            try {
                control.run("SET @@session.time_zone = @berth_zone");
            } catch (SQLException e) {
                LOG.debug("a connection is not as it was", e);
            }
        }
    }

    private void commit(Session control, JdbcSyncSession session) throws SQLException {
        try {
            control.run("COMMIT");
        } catch (SQLException e) {
            Failure failure = Failure.of(dialect, e);
            if (!session.hasChanged() || failure == Failure.RACED || (dialect == Dialect.SQLITE && failure.passes())) {
                throw e;
            }
            throw failure.unavailable(server, e, StoreUnavailableException.Outcome.UNKNOWN);
        }
    }

    private void rollBack(Connections.Lent lent, Connection connection) {
        try (var control = new Session(connection, dialect, new StoreClock())) {
            control.run("ROLLBACK");
            end(control);
        } catch (SQLException e) {
            LOG.debug("a connection is thrown away after a failed rollback", e);
            lent.discard();
        }
    }

    /** Runs what is no transaction of rows: catalogs, and statements that make tables. */
    <T> T alone(OnConnection<T> work) {
        return unavailable(() -> retries.run(() -> {
            try (Connections.Lent lent = connections.take()) {
                return work.run(lent.connection());
            }
        }));
    }

    /** Calls what may find the database unavailable. */
    static <T> T unavailable(Supplier<T> call) {
        try {
            return call.get();
        } catch (StoreUnavailableException failed) {
            // Where a share is not mounted, its directory is not there.
            boolean isAbsent = failed.getCause() instanceof NoSuchFileException;
            throw new SyncUnavailableException(
                    String.valueOf(failed.getMessage()),
                    failed.isRetryable() || isAbsent
                            ? SyncUnavailableException.Reason.OFFLINE
                            : SyncUnavailableException.Reason.BROKEN,
                    failed.outcome() == StoreUnavailableException.Outcome.UNKNOWN
                            ? SyncUnavailableException.Outcome.UNKNOWN
                            : SyncUnavailableException.Outcome.NOT_DONE,
                    failed);
        }
    }
}
