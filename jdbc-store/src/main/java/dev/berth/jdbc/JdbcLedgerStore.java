package dev.berth.jdbc;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.Claim;
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
import java.sql.SQLException;
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
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ledger's store in a file of SQLite, which many threads and many processes of one host share. What a call has
 * committed is on the disk when it returns, as far as the disk tells the truth: the file keeps a write-ahead log and is
 * written with {@code synchronous=FULL}.
 *
 * <p>Writers of one process take turns in the order in which they came; those of different processes by SQLite's lock.
 * Readers never wait for writers. A call that finds the file locked tries again for up to 30 seconds; then, as for every
 * failure of the file, it throws a {@link dev.berth.ledger.StoreUnavailableException}. An interrupt ends no
 * call; the thread's flag stays set.
 *
 * <p>The clock is the process's, in whole microseconds. The file keeps the time of the latest commit, and at {@link
 * #close} the latest time that was told, so that the store's clock does not run backwards with the host's: it stands
 * still until the host's has caught up. Processes that share a file share a host, and so a clock.
 *
 * <p>The ledger's place is the file's real path and its inode (where there is none, its time of creation), so that a copy
 * and a restored backup are known as such. A disk that was cloned block by block is not, and a file that two containers
 * see under different paths seems to move to and fro: mount it alike.
 *
 * <p>The file must be on a file system of this host (sqlite.org/wal.html). The tables are in the resource {@code
 * dev/berth/jdbc/schema/sqlite.sql}; their names all begin with {@code berth_}, and other tables in the file are not
 * touched. Do not keep a transaction of your own open on the file for long: it blocks every process that writes.
 */
public final class JdbcLedgerStore implements LedgerStore {
    private static final int STEP = 1_000;
    private static final Duration LONGEST_SPAN = Duration.ofDays(36_500);
    private static final Combining COMBINING = new Combining(2, 64, 1);
    private static final Logger LOG = LoggerFactory.getLogger(JdbcLedgerStore.class);

    private final SqliteDatabase database;
    private final MetaRow meta;
    private final ClaimRows claims;
    private final ResourceRows resources;
    private final RecordRows records;
    private final HistoryRows history;
    private final CommitChecks checks;
    private final CommitWrites writes;
    private final FreeCandidates candidates;

    private JdbcLedgerStore(SqliteFile file, SqliteDatabase.Settings settings) {
        DSLContext dsl = DSL.using(SQLDialect.SQLITE);
        meta = new MetaRow(dsl);
        claims = new ClaimRows(dsl);
        resources = new ResourceRows(dsl);
        records = new RecordRows(dsl);
        history = new HistoryRows(dsl);
        checks = new CommitChecks(claims, resources, records);
        writes = new CommitWrites(claims, resources, records, history);
        candidates = new FreeCandidates(resources);
        database = SqliteDatabase.open(file, meta, settings);
    }

    /**
     * Opens the ledger in a database, and makes it first where there is none: safe where many processes do so at once.
     * The store has a pool of connections of its own, which {@link #close} ends. The driver must be on the class path:
     * {@code org.xerial:sqlite-jdbc}.
     *
     * @param url the database's URL: {@code jdbc:sqlite:} and the path of a file, whose directory must exist; without
     *     parameters
     * @return the store
     * @throws InvalidInputException if the database is not supported; the message lists those that are
     * @throws dev.berth.ledger.StoreUnavailableException if the file cannot be opened, SQLite is older than 3.37, or the
     *     ledger was made by a newer Berth
     */
    public static JdbcLedgerStore open(String url) {
        return open(url, SqliteDatabase.Settings.DEFAULT);
    }

    /** As {@link #open(String)}, with settings that tests need. */
    static JdbcLedgerStore open(String url, SqliteDatabase.Settings settings) {
        var store = new JdbcLedgerStore(SqliteFile.of(url), settings);
        LOG.info("opened the ledger in {}", store.database.file().path());
        return store;
    }

    @Override
    public List<CommitResult> commit(List<Commit> units) {
        List<Commit> work = List.copyOf(units);
        return database.write(session -> {
            List<CommitResult> results = new ArrayList<>(work.size());
            for (Commit unit : work) {
                results.add(commit(session, unit));
            }
            return List.copyOf(results);
        });
    }

    private CommitResult commit(Session session, Commit unit) throws SQLException {
        CommitChecks.Findings findings = checks.check(session, unit);
        if (!findings.violations().isEmpty()) {
            return new CommitResult.Refused(findings.violations());
        }
        return new CommitResult.Done(session.at(), writes.apply(session, unit, findings.before()));
    }

    @Override
    public Optional<Snapshot> find(Owner owner) {
        InvalidInputException.requireNonNull("owner", owner);
        return database.read(session -> claims.find(session, owner).map(claim -> new Snapshot(claim, session.at())));
    }

    @Override
    public Optional<Snapshot> find(UUID claim) {
        InvalidInputException.requireNonNull("claim", claim);
        return database.read(session -> claims.find(session, claim).map(found -> new Snapshot(found, session.at())));
    }

    @Override
    public Map<Resource, Occupant> occupants(Collection<Resource> resources) {
        List<Resource> wanted = List.copyOf(resources);
        Map<Resource, Occupant> found = new HashMap<>();
        for (int from = 0; from < wanted.size(); from += STEP) {
            List<Resource> step = wanted.subList(from, Math.min(from + STEP, wanted.size()));
            found.putAll(database.read(session -> occupants(session, step)));
        }
        return Map.copyOf(found);
    }

    private Map<Resource, Occupant> occupants(Session session, List<Resource> wanted) throws SQLException {
        Map<Resource, Occupant> found = new HashMap<>();
        for (Resource resource : wanted) {
            resources.occupant(session, resource).ifPresent(occupant -> found.put(resource, occupant));
        }
        return found;
    }

    @Override
    public List<Occupant> occupants(String kind, Scope scope, String prefix, Optional<String> after, int limit) {
        Pages.check(limit);
        return List.copyOf(database.read(session -> resources.page(session, kind, scope, prefix, after, limit)));
    }

    @Override
    public List<Snapshot> claims(ClaimQuery query, Optional<UUID> after, int limit) {
        InvalidInputException.requireNonNull("query", query);
        Pages.check(limit);
        return database.read(session -> {
            List<Claim> page = claims.page(session, query, after, limit);
            return page.stream().map(claim -> new Snapshot(claim, session.at())).toList();
        });
    }

    @Override
    public List<Integer> free(Owner owner, Candidates candidates, Set<Resource> except, int limit) {
        InvalidInputException.requireNonNull("owner", owner);
        InvalidInputException.requireNonNull("candidates", candidates);
        Pages.check(limit);
        return database.read(session -> this.candidates.find(session, owner, candidates, except, limit));
    }

    @Override
    public Optional<LedgerRecord> record(String name) {
        return database.read(session -> records.current(session, name));
    }

    @Override
    public List<LedgerRecord> records(String prefix, Optional<String> after, int limit) {
        Pages.check(limit);
        return List.copyOf(database.read(session -> records.page(session, prefix, after, limit)));
    }

    @Override
    public List<HistoryEntry> history(Resource resource, Instant from, Instant to, int limit) {
        Pages.check(limit);
        return List.copyOf(database.read(session -> history.find(session, resource, from, to, limit)));
    }

    @Override
    public Optional<Tombstone> tombstone(UUID claim) {
        InvalidInputException.requireNonNull("claim", claim);
        return database.read(session -> history.tombstone(session, claim));
    }

    @Override
    public List<Tombstone> tombstones(Optional<Scope> home, Optional<UUID> after, int limit) {
        Pages.check(limit);
        return database.read(session -> history.tombstones(session, home, after, limit));
    }

    @Override
    public int prune(Duration keep, int limit) {
        InvalidInputException.requireNonNull("retention", keep);
        if (keep.compareTo(Duration.ofMillis(1)) < 0 || keep.compareTo(LONGEST_SPAN) > 0) {
            throw InvalidInputException.of("retention", keep, "1 ms to " + LONGEST_SPAN.toDays() + " days");
        }
        Pages.check(limit);
        return database.write(session -> {
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
        return database.read(Session::at);
    }

    @Override
    public LedgerIdentity identity() {
        return database.read(session -> meta.identity(session, database.file().place()));
    }

    @Override
    public LedgerIdentity settle(LedgerIdentity seen, UUID ledger) {
        InvalidInputException.requireNonNull("identity", seen);
        InvalidInputException.requireNonNull("ledger id", ledger);
        return database.write(session -> {
            String place = database.file().place();
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
        return COMBINING;
    }

    @Override
    public void close() {
        database.close();
    }
}
