package dev.berth.jdbc;

import dev.berth.InvalidInputException;
import dev.berth.sync.RowChange;
import dev.berth.sync.RowFaultException;
import dev.berth.sync.RowShape;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncStore;
import dev.berth.sync.SyncUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database for {@link dev.berth.sync.SyncEngine}: a file of SQLite, PostgreSQL, MariaDB or MySQL.
 *
 * <pre>{@code
 * SyncStore local = JdbcSyncStore.open("jdbc:sqlite:cache.db");          // a pool of its own, ended by close()
 * SyncStore remote = JdbcSyncStore.on(dataSource).createSchema();        // the application's pool, which stays open
 * }</pre>
 *
 * <p><b>Tables.</b> Berth keeps its books in tables {@code berth_sync_...}, by the statements of the resources {@code
 * dev/berth/jdbc/schema/sync-*.sql}. A {@linkplain JdbcSettings#schema schema} of the settings is that of the books and of
 * the tables that are synced.
 *
 * <p><b>Transactions</b> are its own, never the caller's, at READ COMMITTED (on SQLite {@code BEGIN IMMEDIATE}). Rows that
 * are written were locked when they were found. Values are staged in temporary tables {@code berth_stage_...} of the
 * connection, which the user must be allowed to make. Where others are in the way, a transaction is repeated whole, as
 * long as there is {@linkplain JdbcSettings#patience patience}.
 *
 * <p><b>Times</b> without a zone are UTC.
 *
 * <p>Triggers of {@link dev.berth.sync.Capture#TRIGGERS} do not see everything: not what MariaDB's {@code TRUNCATE} or
 * cascading foreign keys remove, not the rows that SQLite's {@code INSERT OR REPLACE} removes while {@code
 * recursive_triggers} is off, and not what happens while somebody has disabled them; on PostgreSQL replicated changes only
 * where the user owns the table. {@link dev.berth.sync.SyncEngine#recompare} finds those. On PostgreSQL their function
 * runs with the rights of the user that has made it, so who writes in the table needs none on Berth's.
 */
public final class JdbcSyncStore implements SyncStore {
    private static final int VERSION = 1;

    /** Notes are written in the order of their ids, but their index by place is not: so it is kept in memory, 32 MB of it. */
    private static final Map<String, String> SQLITE = Map.of("cache_size", "-32000");

    private static final Logger LOG = LoggerFactory.getLogger(JdbcSyncStore.class);

    private final Connections connections;
    private final Product server;
    private final Dialect dialect;
    private final ColumnNames names;
    private final SyncTransactions transactions;
    private final Map<String, SyncCatalog.Known> known = new ConcurrentHashMap<>();
    private volatile @Nullable UUID identity;

    private JdbcSyncStore(Connections connections, Product server, JdbcSettings settings) {
        this.connections = connections;
        this.server = server;
        this.dialect = server.dialect();
        if (dialect == Dialect.H2) {
            throw InvalidInputException.of("database", server.description(), "SQLite, PostgreSQL, MariaDB or MySQL");
        }
        this.names = new ColumnNames(dialect, settings.tables());
        var retries = new Retries(dialect, server.description(), settings.patience());
        this.transactions = new SyncTransactions(connections, server, names, retries, this::staged);
    }

    /**
     * Opens a database, and makes Berth's tables in it where they are not. The store has a pool of connections of its own,
     * which {@link #close} ends.
     *
     * @param url the database's URL: {@code jdbc:sqlite:} and the path of a file, or one of PostgreSQL, MariaDB or MySQL
     * @return the store
     * @throws InvalidInputException if the database is not supported
     * @throws SyncUnavailableException if it cannot be opened
     */
    public static JdbcSyncStore open(String url) {
        return open(url, JdbcSettings.defaults());
    }

    /**
     * Opens a database as {@link #open(String)} does.
     *
     * @param url the database's URL
     * @param settings how to use it
     * @return the store
     * @throws InvalidInputException if the database is not supported
     * @throws SyncUnavailableException if it cannot be opened
     */
    public static JdbcSyncStore open(String url, JdbcSettings settings) {
        InvalidInputException.requireNonNull("settings", settings);
        Dialect dialect = Product.dialectOf(InvalidInputException.requireNonNull("database url", url));
        return SyncTransactions.unavailable(() -> {
            String address = dialect == Dialect.SQLITE ? SqliteFile.of(url).url() : url;
            Connections connections = Connections.own(
                    OwnPool.of(dialect, address, settings, dialect == Dialect.SQLITE ? SQLITE : Map.of()));
            try {
                return new JdbcSyncStore(connections, Product.of(connections), settings).createSchema();
            } catch (RuntimeException | Error e) {
                connections.close();
                throw e;
            }
        });
    }

    /**
     * Uses the database of an application's pool, which is never closed here. Berth's tables must be there, or be made by
     * {@link #createSchema}.
     *
     * @param dataSource the pool
     * @return the store
     * @throws InvalidInputException if the database is not supported
     * @throws SyncUnavailableException if it cannot be reached
     */
    public static JdbcSyncStore on(DataSource dataSource) {
        return on(dataSource, JdbcSettings.defaults());
    }

    /**
     * Uses the database of an application's pool as {@link #on(DataSource)} does.
     *
     * @param dataSource the pool
     * @param settings how to use it; its user, password and pool size are ignored
     * @return the store
     * @throws InvalidInputException if the database is not supported
     * @throws SyncUnavailableException if it cannot be reached
     */
    public static JdbcSyncStore on(DataSource dataSource, JdbcSettings settings) {
        InvalidInputException.requireNonNull("settings", settings);
        InvalidInputException.requireNonNull("data source", dataSource);
        return SyncTransactions.unavailable(() -> {
            Connections connections = Connections.of(dataSource);
            try {
                return new JdbcSyncStore(connections, Product.of(connections), settings);
            } catch (RuntimeException | Error e) {
                connections.close();
                throw e;
            }
        });
    }

    /**
     * Makes Berth's tables where they are not. Safe where many processes do so at once.
     *
     * @return this store
     * @throws SyncUnavailableException if the user may not, or the tables were made by a newer Berth
     */
    public JdbcSyncStore createSchema() {
        transactions.alone(connection -> {
            try (var session = new Session(connection, dialect, new StoreClock())) {
                SyncSchema.create(connection, session, names, VERSION);
            }
            return true;
        });
        return this;
    }

    @Override
    public UUID identity() {
        UUID found = identity;
        if (found == null) {
            found = transactions.alone(
                    connection -> SyncSchema.identity(connection, names, VERSION, server.description()));
            identity = found;
        }
        return found;
    }

    @Override
    public String describe() {
        return server.description();
    }

    @Override
    public Instant now() {
        return transactions.alone(connection -> StoreTime.now(connection, dialect));
    }

    @Override
    public Collection<String> tables() {
        return transactions.alone(connection -> SyncCatalog.of(names).tables(connection));
    }

    @Override
    public StoreTable table(String name) {
        SyncCatalog.Known found =
                transactions.alone(connection -> SyncCatalog.of(names).read(connection, name));
        known.put(found.table().name(), found);
        return found.table();
    }

    /** How a column is declared where its values are staged. */
    private String staged(String table, String column) {
        SyncCatalog.Known found = known.get(table);
        String declared = found == null ? null : found.staged().get(column);
        if (declared == null) {
            throw new IllegalStateException("nothing is known of " + table + "." + column);
        }
        return declared;
    }

    @Override
    public <T> T transact(Work<T> work) throws RowFaultException {
        return transactions.write(work);
    }

    /** On SQLite beside whoever writes, where the file's journal is a write-ahead log. */
    @Override
    public <T> T read(Work<T> work) throws RowFaultException {
        return transactions.read(work);
    }

    /** What other pools can is not known. */
    @Override
    public int sessions() {
        return connections.most().orElse(1);
    }

    @Override
    public Collection<String> startCapture(Collection<RowShape> shapes, UUID reader) {
        InvalidInputException.requireNonNull("reader", reader);
        List<String> fresh = new ArrayList<>();
        for (RowShape shape : shapes) {
            boolean made =
                    transactions.alone(connection -> new CaptureTriggers(connection, names).install(shape, reader));
            if (made) {
                LOG.info("changes of {} are captured from now on in {}", shape.table(), server.description());
                fresh.add(shape.table());
            }
        }
        return fresh;
    }

    @Override
    public void endCapture(String table) {
        String name = table(table).name();
        transactions.alone(connection -> {
            new CaptureTriggers(connection, names).removeAll(name);
            return true;
        });
    }

    /**
     * Notes that a row was inserted or updated, for {@link dev.berth.sync.Capture#CALLS}: in the caller's transaction, so
     * that a change that is rolled back is not noted.
     *
     * @param transaction the connection that makes the change
     * @param table the table
     * @param primaryKey the values of its primary key's columns, in their order
     * @throws SQLException what the database says
     */
    public void written(Connection transaction, String table, Object... primaryKey) throws SQLException {
        note(transaction, table, RowChange.Kind.UPDATED, primaryKey);
    }

    /**
     * Notes that a row was deleted, or got another primary key, as {@link #written} does.
     *
     * @param transaction the connection that makes the change
     * @param table the table
     * @param primaryKey the values that the primary key's columns had, in their order
     * @throws SQLException what the database says
     */
    public void deleted(Connection transaction, String table, Object... primaryKey) throws SQLException {
        note(transaction, table, RowChange.Kind.GONE, primaryKey);
    }

    private void note(Connection transaction, String table, RowChange.Kind kind, Object... primaryKey)
            throws SQLException {
        InvalidInputException.requireNonNull("transaction", transaction);
        InvalidInputException.requireNonNull("table", table);
        if (InvalidInputException.requireNonNull("primary key", primaryKey).length == 0) {
            throw InvalidInputException.of("primary key", "no values", "the value of each of its columns");
        }
        String name = Optional.ofNullable(known.get(table))
                .map(found -> found.table().name())
                .orElseGet(() -> table(table).name());
        new NoteRows(transaction, names).add(name, Place.of(Arrays.asList(primaryKey)), kind);
    }

    @Override
    public void close() {
        connections.close();
    }
}
