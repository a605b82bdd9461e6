package dev.berth.jdbc;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.LedgerIdentity;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Tombstone;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ledger's store in a database: a file of SQLite, PostgreSQL, MariaDB or MySQL, or H2. Many threads, processes and
 * hosts share it. What a call has committed is as durable as the database makes it.
 *
 * <pre>{@code
 * var store = JdbcLedgerStore.open("jdbc:sqlite:berth.db");             // a pool of its own, ended by close()
 * var shared = JdbcLedgerStore.on(dataSource).createSchema();           // the application's pool, which stays open
 * }</pre>
 *
 * <p><b>Transactions.</b> Every call runs on a connection and in a transaction of its own, never in the caller's: also
 * where the data source is bound to the transaction of the calling thread, as Spring's are. So a call inside a
 * transaction needs a second connection, and does not wait for the transaction: a pool of one connection is then
 * exhausted, and SQLite, which has one writer, is locked by the caller itself. Both end with a {@link
 * dev.berth.ledger.StoreUnavailableException} when the patience is over. Claim before the transaction begins or after it
 * has ended.
 *
 * <p><b>Failures.</b> Races, deadlocks and lock time-outs are repeated whole, as long as there is {@linkplain
 * JdbcSettings#patience patience}. How long a single statement waits for a lock is the patience too in a pool of the
 * store's own; in the caller's it is what the connection is set to ({@code lock_timeout} of PostgreSQL, which has none by
 * default, {@code innodb_lock_wait_timeout} of MariaDB, 50 s). Where a connection is lost while a commit is under way, the outcome is looked up by
 * what the commit would have left; only where that cannot be told is the exception's outcome unknown. An interrupt ends no
 * call; the thread's flag stays set.
 *
 * <p><b>Clock.</b> It is the database's, in microseconds of UTC, and a store never tells an earlier time than it has told.
 * SQLite's is the process's: its file keeps the time of the latest commit, so that the clock stands still where the
 * host's was set back.
 *
 * <p><b>Place.</b> SQLite's is the file's real path and its inode (where there is none, its time of creation);
 * PostgreSQL's the number of the cluster and of the database; MariaDB's and MySQL's the server's unique id, where it has
 * one, and the database's name; H2's its path. With each go the schema and the table prefix. Copies that share all of
 * that, as disks cloned block by block, are not told apart.
 *
 * <p><b>Tables.</b> Their statements are the resources {@code dev/berth/jdbc/schema/*.sql}, for migration tools; {@link
 * #createSchema} and {@link #open(String)} run them, and upgrade what an older Berth has made. Where a migration tool has
 * run them, {@code createSchema} writes the ledger's own row and makes no table. Their names begin with {@code berth_}
 * unless {@linkplain JdbcSettings#tablePrefix settings} say otherwise; no other table is touched.
 *
 * <p>An SQLite file must be on a file system of this host (sqlite.org/wal.html). It keeps a write-ahead log and is
 * written with {@code synchronous=FULL} where the store opens it itself.
 */
public final class JdbcLedgerStore implements LedgerStore {
    private static final int STEP = 1_000;
    private static final Duration LONGEST_SPAN = Duration.ofDays(36_500);
    private static final Combining ONE_WRITER = new Combining(2, 64, 1, LedgerStore.Units.ANY);
    private static final Combining MANY_WRITERS = new Combining(4, 64, 2, LedgerStore.Units.PLAIN);
    private static final Logger LOG = LoggerFactory.getLogger(JdbcLedgerStore.class);

    private final Transactions database;
    private final Tables tables;
    private final MetaRow meta;
    private final Schema schema;
    private final ClaimRows claims;
    private final ResourceRows resources;
    private final RecordRows records;
    private final HistoryRows history;
    private final CommitRoads roads;
    private final FreeCandidates candidates;
    private final FreeHints hints = new FreeHints();
    private volatile boolean schemaIsChecked;

    private JdbcLedgerStore(Connections connections, Product server, JdbcSettings settings) {
        Dialect dialect = server.dialect();
        tables = settings.tables();
        if (dialect == Dialect.SQLITE && tables.schema().isPresent()) {
            throw InvalidInputException.of(
                    "schema", tables.schema().get(), "none for SQLite, which has no schemas: name a table prefix");
        }
        meta = new MetaRow(dialect, tables);
        database = dialect == Dialect.SQLITE
                ? new SqliteTransactions(connections, server.description(), meta, settings)
                : new ServerTransactions(dialect, connections, server.description(), meta, settings);
        schema = new Schema(dialect, tables, meta, server.description());
        claims = new ClaimRows(dialect, tables);
        resources = new ResourceRows(dialect, tables);
        records = new RecordRows(dialect, tables);
        history = new HistoryRows(dialect, tables);
        roads = new CommitRoads(
                this,
                this::database,
                hints,
                new LockingCommits(claims, resources, records, history),
                plain(server, tables));
        candidates = new FreeCandidates(resources);
    }

    private static @Nullable PlainCommits plain(Product server, Tables tables) {
        if (server.dialect() == Dialect.POSTGRESQL) {
            return new PostgresCommits(tables, server.major());
        }
        return server.runsBlocks() ? new MariadbCommits(tables) : null;
    }

    /**
     * Opens the ledger in a database, and makes or upgrades its tables first where that is needed: safe where many
     * processes do so at once. The store has a pool of connections of its own, which {@link #close} ends. The database's
     * driver must be on the class path.
     *
     * @param url the database's URL: {@code jdbc:sqlite:} and the path of a file, whose directory must exist, without
     *     parameters; or one of PostgreSQL, MariaDB, MySQL or H2, as their drivers take it
     * @return the store
     * @throws InvalidInputException if the database is not supported; the message lists those that are
     * @throws dev.berth.ledger.StoreUnavailableException if it cannot be opened, is too old, or the ledger was made by a
     *     newer Berth
     */
    public static JdbcLedgerStore open(String url) {
        return open(url, JdbcSettings.defaults());
    }

    /**
     * Opens the ledger in a database as {@link #open(String)} does.
     *
     * @param url the database's URL
     * @param settings how to use it
     * @return the store
     * @throws InvalidInputException if the database is not supported; the message lists those that are
     * @throws dev.berth.ledger.StoreUnavailableException if it cannot be opened, is too old, or the ledger was made by a
     *     newer Berth
     */
    public static JdbcLedgerStore open(String url, JdbcSettings settings) {
        InvalidInputException.requireNonNull("settings", settings);
        Dialect dialect = Product.dialectOf(InvalidInputException.requireNonNull("database url", url));
        String address = dialect == Dialect.SQLITE ? SqliteFile.of(url).url() : url;
        Connections connections = Connections.own(OwnPool.of(dialect, address, settings));
        try {
            return on(connections, settings).createSchema();
        } catch (RuntimeException | Error e) {
            connections.close();
            throw e;
        }
    }

    /**
     * Keeps the ledger in the database of an application's pool, which is never closed here. The tables must be there, or
     * be made by {@link #createSchema}; the first call that needs them checks their version.
     *
     * <p>Connections are used with autocommit on; where the pool hands them out with it off, it is switched for each use,
     * which costs some drivers a round trip.
     *
     * @param dataSource the pool; it must be able to give a connection beyond those that the caller's own transactions
     *     hold
     * @return the store
     * @throws InvalidInputException if the database is not supported; the message lists those that are
     * @throws dev.berth.ledger.StoreUnavailableException if it cannot be reached, or is too old
     */
    public static JdbcLedgerStore on(DataSource dataSource) {
        return on(dataSource, JdbcSettings.defaults());
    }

    /**
     * Keeps the ledger in the database of an application's pool as {@link #on(DataSource)} does.
     *
     * @param dataSource the pool
     * @param settings how to use it; its user, password and pool size are the pool's business and ignored
     * @return the store
     * @throws InvalidInputException if the database is not supported; the message lists those that are
     * @throws dev.berth.ledger.StoreUnavailableException if it cannot be reached, or is too old
     */
    public static JdbcLedgerStore on(DataSource dataSource, JdbcSettings settings) {
        InvalidInputException.requireNonNull("settings", settings);
        Connections connections = Connections.of(InvalidInputException.requireNonNull("data source", dataSource));
        try {
            return on(connections, settings);
        } catch (RuntimeException | Error e) {
            connections.close();
            throw e;
        }
    }

    private static JdbcLedgerStore on(Connections connections, JdbcSettings settings) {
        var store = new JdbcLedgerStore(connections, Product.of(connections), settings);
        LOG.info("the ledger is in {}, {}", store.database.describe(), settings);
        return store;
    }

    /**
     * Makes the ledger's tables, or upgrades those that an older Berth has made; where they are as they should be, it
     * does nothing. Safe where many processes do so at once.
     *
     * @return this store
     * @throws dev.berth.ledger.StoreUnavailableException if the user may not, or the tables were made by a newer Berth
     */
    public JdbcLedgerStore createSchema() {
        database.prepare(session -> {
            schema.prepare(session);
            return true;
        });
        schemaIsChecked = true;
        return this;
    }

    /** Lets the store's time run ahead, for tests: from then on it tells no time before this one. */
    void tellAtLeast(Instant time) {
        database.clock().saw(time);
    }

    private Transactions database() {
        if (!schemaIsChecked) {
            database.prepare(session -> {
                schema.check(session);
                return true;
            });
            schemaIsChecked = true;
        }
        return database;
    }

    @Override
    public List<CommitResult> commit(List<Commit> units) {
        return roads.commit(InvalidInputException.copyOf("units", units));
    }

    @Override
    public Optional<Snapshot> find(Owner owner) {
        InvalidInputException.requireNonNull("owner", owner);
        return database().read(session -> claims.find(session, owner));
    }

    @Override
    public Optional<Snapshot> find(UUID claim) {
        InvalidInputException.requireNonNull("claim", claim);
        return database().read(session -> claims.find(session, claim));
    }

    @Override
    public Map<Resource, Occupant> occupants(Collection<Resource> resources) {
        List<Resource> wanted = InvalidInputException.copyOf(
                "resources", new ArrayList<>(InvalidInputException.requireNonNull("resources", resources)));
        Map<Resource, Occupant> found = new HashMap<>();
        for (int from = 0; from < wanted.size(); from += STEP) {
            List<Resource> step = wanted.subList(from, Math.min(from + STEP, wanted.size()));
            database()
                    .read(session -> this.resources.occupants(session, step))
                    .forEach(occupant -> found.put(occupant.resource(), occupant));
        }
        return Map.copyOf(found);
    }

    @Override
    public List<Occupant> occupants(String kind, Scope scope, String prefix, Optional<String> after, int limit) {
        Pages.check(limit);
        return List.copyOf(database().read(session -> resources.page(session, kind, scope, prefix, after, limit)));
    }

    @Override
    public List<Snapshot> claims(ClaimQuery query, Optional<UUID> after, int limit) {
        InvalidInputException.requireNonNull("query", query);
        Pages.check(limit);
        return List.copyOf(database().read(session -> claims.page(session, query, after, limit)));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Numbers are looked for in memory first, by what this store has read, done and met; what other processes have
     * freed is seen when the memory is read anew, which is after 20 ms at the earliest and then after fifty times as long
     * as the reading took.
     */
    @Override
    public List<Integer> free(Owner owner, Candidates candidates, Set<Resource> except, int limit) {
        InvalidInputException.requireNonNull("owner", owner);
        InvalidInputException.requireNonNull("candidates", candidates);
        Pages.check(limit);
        if (!(candidates instanceof Candidates.Numbered numbered)) {
            return database().read(session -> this.candidates.listed(session, owner, candidates, except, limit));
        }
        Candidates.Layout layout = numbered.layout();
        List<Integer> known = hints.find(
                numbered, except, limit, () -> database().read(session -> this.candidates.occupied(session, layout)));
        if (!known.isEmpty()) {
            return known;
        }
        return database()
                .read(session -> this.candidates.taken(session, layout, owner))
                .free(numbered.start(), FreeHints.numbers(layout, except), limit);
    }

    @Override
    public Optional<LedgerRecord> record(String name) {
        return database().read(session -> records.current(session, name));
    }

    @Override
    public List<LedgerRecord> records(String prefix, Optional<String> after, int limit) {
        Pages.check(limit);
        return List.copyOf(database().read(session -> records.page(session, prefix, after, limit)));
    }

    @Override
    public List<HistoryEntry> history(Resource resource, Instant from, Instant to, int limit) {
        Pages.check(limit);
        return List.copyOf(database().read(session -> history.find(session, resource, from, to, limit)));
    }

    @Override
    public Optional<Tombstone> tombstone(UUID claim) {
        InvalidInputException.requireNonNull("claim", claim);
        return database().read(session -> history.tombstone(session, claim));
    }

    @Override
    public List<Tombstone> tombstones(Optional<Scope> home, Optional<UUID> after, int limit) {
        Pages.check(limit);
        return database().read(session -> history.tombstones(session, home, after, limit));
    }

    @Override
    public int prune(Duration keep, int limit) {
        InvalidInputException.requireNonNull("retention", keep);
        if (keep.compareTo(Duration.ofMillis(1)) < 0 || keep.compareTo(LONGEST_SPAN) > 0) {
            throw InvalidInputException.of("retention", keep, "1 ms to " + LONGEST_SPAN.toDays() + " days");
        }
        Pages.check(limit);
        return database().write(session -> {
            if (database.dialect().locksRows()) {
                session.readClock();
            }
            long before = Columns.microsBefore(session.at(), keep);
            int forgotten = history.prune(session, before, limit);
            forgotten += forgotten < limit ? history.pruneTombstones(session, before, limit - forgotten) : 0;
            forgotten += forgotten < limit ? resources.prune(session, before, limit - forgotten) : 0;
            forgotten += forgotten < limit ? records.prune(session, before, limit - forgotten) : 0;
            return forgotten;
        });
    }

    @Override
    public Instant now() {
        return database().read(session -> {
            session.readClock();
            return session.at();
        });
    }

    @Override
    public LedgerIdentity identity() {
        return database().read(session -> meta.identity(session, Places.of(session, tables)));
    }

    @Override
    public LedgerIdentity settle(LedgerIdentity seen, UUID ledger) {
        InvalidInputException.requireNonNull("identity", seen);
        InvalidInputException.requireNonNull("ledger id", ledger);
        return database().write(session -> {
            String place = Places.of(session, tables);
            LedgerIdentity present = meta.identity(session, place);
            if (!present.equals(seen)) {
                return present;
            }
            meta.setIdentity(session, ledger, place);
            return new LedgerIdentity(ledger, place, place);
        });
    }

    @Override
    public Combining combining() {
        return switch (database.dialect()) {
            case SQLITE, H2 -> ONE_WRITER;
            case POSTGRESQL, MARIADB -> MANY_WRITERS;
        };
    }

    @Override
    public void close() {
        database.close();
    }
}
