package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;

/**
 * Keeps tables of a local and a remote database in step, and loses nothing on the way.
 *
 * <pre>{@code
 * SyncStore local = JdbcSyncStore.open("jdbc:sqlite:cache.db");
 * SyncStore remote = JdbcSyncStore.on(dataSource).createSchema();
 * SyncReport report = SyncEngine.between(local, remote)
 *         .table(SyncTable.named("domains").key("name").version("updated_at"))
 *         .table(SyncTable.named("hosts").key("hostname").version("updated_at"))
 *         .onConflict(ConflictPolicy.NEWEST)
 *         .build()
 *         .push();
 * }</pre>
 *
 * <p><b>Identity.</b> Rows are the same when their natural keys are, to the byte. Surrogate ids never travel: each side
 * gives its own, and foreign keys are rewritten by the natural keys of their parents.
 *
 * <p><b>Changes.</b> The local store keeps, for each row, the state that both sides last had. A row that only one side has
 * changed since is updated on the other, whatever the clocks say; one that both have changed is a conflict, and the
 * {@link ConflictPolicy} decides. What loses is kept whole: {@link #lostRows}.
 *
 * <p><b>Nothing makes room.</b> No row is deleted for another. A unique value that two rows exchange is parked within one
 * transaction; a row that wants what another keeps is set aside: {@link #setAside}. Deletes travel, children first, but
 * take no row with them that refers to the deleted one: that one stays then.
 *
 * <p><b>Batches.</b> Each batch is one transaction of the receiving database. A run that was interrupted at any point is
 * gone on with by the next one; running again what was done already changes nothing.
 *
 * <p>Safe for use by many threads; one run at a time. Another process that syncs the same pair at the same time is
 * noticed, and one of the two ends with {@link SyncUnavailableException} and reason {@code BUSY}, having lost nothing.
 */
public final class SyncEngine {
    private static final List<Direction> BOTH = List.of(Direction.PUSH, Direction.PULL);

    private final SyncStore local;
    private final SyncStore remote;
    private final List<SyncTable> tables;
    private final Rules rules;
    private final Clock clock;
    private final Runs runs;

    SyncEngine(SyncEngineBuilder builder) {
        local = builder.local;
        remote = builder.remote;
        tables = List.copyOf(builder.tables);
        rules = new Rules(
                builder.conflicts,
                builder.deletes,
                builder.strangers,
                builder.capture,
                builder.remoteCapture,
                builder.limit,
                builder.batch);
        clock = builder.clock;
        runs = new Runs(builder, rules);
    }

    /**
     * Begins an engine.
     *
     * @param local the database that also keeps the books; it stays open
     * @param remote the other database; it stays open. It need not be there yet: {@link SyncStore#opening}
     * @return what the engine is described with
     */
    public static SyncEngineBuilder between(SyncStore local, SyncStore remote) {
        return new SyncEngineBuilder(
                InvalidInputException.requireNonNull("local store", local),
                InvalidInputException.requireNonNull("remote store", remote));
    }

    /**
     * Finds the tables that both databases have and that can be synced: by their keys, foreign keys and columns {@code
     * updated_at}. Nothing is written.
     *
     * @param local the local database
     * @param remote the other one
     * @return the tables, for {@link SyncEngineBuilder#tables}, and of the others why not
     * @throws SyncUnavailableException if a database cannot be read
     */
    public static Discovery discover(SyncStore local, SyncStore remote) {
        return new TableFinder(
                        InvalidInputException.requireNonNull("local store", local),
                        InvalidInputException.requireNonNull("remote store", remote))
                .find();
    }

    /**
     * Carries local changes to the remote database. Waits where a run of this engine is under way.
     *
     * @return what became of the rows
     * @throws SyncRefusedException if the tables cannot be synced safely; nothing was moved
     * @throws SyncUnavailableException if another run was under way for too long, in this process or another
     */
    public SyncReport push() {
        return runs.waited(List.of(Direction.PUSH), SyncEngine::always);
    }

    /**
     * Carries remote changes to the local database. A local change that was not pushed yet is never overwritten unseen:
     * it is a conflict.
     *
     * @return what became of the rows
     * @throws SyncRefusedException if the tables cannot be synced safely; nothing was moved
     * @throws SyncUnavailableException if another run was under way for too long, in this process or another
     */
    public SyncReport pull() {
        return runs.waited(List.of(Direction.PULL), SyncEngine::always);
    }

    /**
     * Pushes, then pulls.
     *
     * @return what became of the rows in both directions
     * @throws SyncRefusedException if the tables cannot be synced safely; nothing was moved
     * @throws SyncUnavailableException if another run was under way for too long, in this process or another
     */
    public SyncReport sync() {
        return runs.waited(BOTH, SyncEngine::always);
    }

    /**
     * Does as {@link #sync} does, unless a run of this engine is under way.
     *
     * @return what became of the rows; empty if a run is under way
     * @throws SyncRefusedException if the tables cannot be synced safely; nothing was moved
     * @throws SyncUnavailableException if another process syncs the same pair
     */
    public Optional<SyncReport> trySync() {
        return runs.tried(BOTH, SyncEngine::always);
    }

    /**
     * Rehearses a run in one direction: reads and decides as it would, and writes nothing. What only a write would find
     * (a value that a constraint refuses) it cannot know.
     *
     * @param direction which way
     * @return what would become of the rows
     * @throws SyncRefusedException if the tables cannot be synced safely
     */
    public SyncReport plan(Direction direction) {
        InvalidInputException.requireNonNull("direction", direction);
        return runs.run(List.of(direction), SyncRun.Kind.REHEARSED, SyncEngine::always);
    }

    private static boolean always() {
        return true;
    }

    /** A run that ends early when it may not go on. */
    SyncReport sync(BooleanSupplier goesOn) {
        return runs.waited(BOTH, goesOn);
    }

    /**
     * Makes runs in the background, which begin when it is {@linkplain BackgroundSync#start started}, on a thread of its
     * own.
     *
     * @param interval how long from the end of a run to the next, 10 seconds or more, give or take a tenth
     * @return the schedule, which the caller closes
     * @throws InvalidInputException if the interval is shorter
     */
    public BackgroundSync inBackground(Duration interval) {
        return new BackgroundSync(this, interval, Optional.empty());
    }

    /**
     * Makes runs in the background as {@link #inBackground(Duration)} does, on threads of the caller's.
     *
     * @param interval how long from the end of a run to the next, 10 seconds or more, give or take a tenth
     * @param timer runs them; it stays the caller's to shut down
     * @return the schedule, which the caller closes
     * @throws InvalidInputException if the interval is shorter
     */
    public BackgroundSync inBackground(Duration interval, ScheduledExecutorService timer) {
        return new BackgroundSync(this, interval, Optional.of(InvalidInputException.requireNonNull("timer", timer)));
    }

    /**
     * Tells how it stands: what the last run came to, also where that was before a restart, and what waits to go out. Where
     * the tables are synced with two remote databases, that is the last run with this one, once it has been reached.
     * Asks the local database only.
     *
     * @return the status
     * @throws SyncUnavailableException if the local database cannot be read
     */
    public SyncStatus status() {
        OptionalLong pending = rules.capture() == Capture.COMPARISON
                ? OptionalLong.empty()
                : pending().noted(tables, rules.capture(), runs.where());
        return SyncStatus.of(runs.isUnderWay(), pending, runs.history().last());
    }

    /**
     * Lists the reports of past runs, of this engine and of others between the same tables, the newest first. They are
     * kept in the local database, the last hundred of them.
     *
     * @return the reports
     * @throws SyncUnavailableException if the local database cannot be read
     */
    public List<SyncReport> history() {
        return runs.history().reports();
    }

    /**
     * Counts the local rows that the remote database has not got yet as they are: new, changed, deleted or set aside ones.
     * Reads the local tables whole.
     *
     * @return how many there are
     * @throws SyncRefusedException if the tables cannot be synced safely
     * @throws SyncUnavailableException if a database cannot be read
     */
    public long pendingWrites() {
        List<TablePlan> plans = runs.plans();
        Books books = books();
        return Carrier.run(local, session -> PendingWrites.exact(session, plans, books, rules.batch()));
    }

    private PendingWrites pending() {
        return new PendingWrites(local);
    }

    private Books books() {
        return Books.of(local, remote);
    }

    /**
     * Empties the local tables, in one transaction; the next pull fills them again. The remote rows stay as they are, those
     * of other remote databases that these tables are synced with too, and rows that lost a conflict are kept. Waits where
     * a run of this engine is under way.
     *
     * @param unsent what happens if there are local rows that a remote database has not got yet
     * @return how many rows were removed
     * @throws SyncRefusedException if there are such rows and they are not to be given up, if rows of other tables refer to
     *     one of these, or if the tables cannot be synced safely; nothing was changed
     * @throws SyncUnavailableException if a database cannot be reached, or another run was under way for too long
     */
    public long clearLocal(Unsent unsent) {
        InvalidInputException.requireNonNull("unsent", unsent);
        return runs.alone(() -> new CacheClearing(local, runs.plans(), books(), rules.batch()).clear(unsent));
    }

    /**
     * Lists the rows that are set aside, of one table and direction.
     *
     * @param table the table
     * @param direction which way they were to go
     * @return the rows
     * @throws SyncRefusedException if the tables cannot be synced safely
     */
    public List<SetAside> setAside(String table, Direction direction) {
        return kept(table).setAside(direction);
    }

    /**
     * Has rows that were set aside tried in the next run, however often they were.
     *
     * @param table the table
     * @param direction which way they are to go
     * @return how many there are
     * @throws SyncRefusedException if the tables cannot be synced safely
     */
    public int retry(String table, Direction direction) {
        return kept(table).retry(direction);
    }

    /**
     * Lets the next run that comes to it carry deletes of a table that runs have {@linkplain Outcome#WITHHELD withheld}.
     *
     * @param table the table
     * @param direction which way
     * @param rows so many at most, as the report of a run or a plan has told
     * @throws InvalidInputException if that is less than 1
     * @throws SyncRefusedException if the tables cannot be synced safely
     */
    public void allowDeletes(String table, Direction direction, long rows) {
        InvalidInputException.requireNonNull("direction", direction);
        if (rows < 1) {
            throw InvalidInputException.of("rows", rows, "1 or more");
        }
        kept(table).allowDeletes(direction, rows);
    }

    /**
     * Lists the rows of a table that runs have deleted, in the last four weeks at least, whole. {@link #reapply} writes one
     * to the local table again.
     *
     * @param table the table
     * @return the rows, and where each was deleted
     * @throws SyncRefusedException if the tables cannot be synced safely
     */
    public List<LostRow> deletedRows(String table) {
        return kept(table).deletedRows(clock.instant());
    }

    /**
     * Lists the rows of a table that lost a conflict.
     *
     * @param table the table
     * @return the rows
     * @throws SyncRefusedException if the tables cannot be synced safely
     */
    public List<LostRow> lostRows(String table) {
        return kept(table).lostRows();
    }

    /**
     * Writes a row that lost a conflict, or was deleted by a run, to the local table again; the next push carries it on. The row that it replaces is
     * kept with the lost rows in its place.
     *
     * @param lost the row
     * @throws InvalidInputException if it is kept no more
     * @throws SyncRefusedException if it has values of columns that are synced no more; nothing was changed
     * @throws SyncUnavailableException if the local database refuses it; nothing was changed
     */
    public void reapply(LostRow lost) {
        kept(InvalidInputException.requireNonNull("lost row", lost).table()).reapply(lost.id(), clock.instant());
    }

    /**
     * Compares both databases, row by row, without looking at surrogate ids, and writes nothing. Rows that change
     * meanwhile may be told of.
     *
     * @return the rows that differ, in no order; at most 10,000 of a table
     * @throws SyncRefusedException if the tables cannot be synced safely
     * @throws SyncUnavailableException if a database cannot be read
     */
    public List<Divergence> verify() {
        List<Divergence> found = new ArrayList<>();
        for (TablePlan plan : runs.plans()) {
            found.addAll(new Verification(plan, local, remote, rules.batch()).run());
        }
        return found;
    }

    /** Has the next run compare all rows, whatever was captured: what differs and was agreed on comes to light. */
    public void recompare() {
        Books books = books();
        Carrier.run(local, session -> {
            session.clear(books.whole());
            return true;
        });
    }

    /**
     * Has the next run look at some rows, whatever was captured: a repair of what {@link #verify} has found, at the cost of
     * those rows. By {@link Capture#COMPARISON} the next run looks at all anyway.
     *
     * @param rows the rows
     * @throws SyncRefusedException if the tables cannot be synced safely
     * @throws SyncUnavailableException if a database cannot be reached
     */
    public void recompare(Collection<Divergence> rows) {
        InvalidInputException.requireNonNull("rows", rows);
        for (TablePlan plan : runs.plans()) {
            new Recomparison(plan, local, remote, books(), rules).note(rows);
        }
    }

    private KeptRows kept(String table) {
        InvalidInputException.requireNonNull("table", table);
        TablePlan plan = runs.plans().stream()
                .filter(one -> one.name().equalsIgnoreCase(table))
                .findFirst()
                .orElseThrow(() -> InvalidInputException.of(
                        "table",
                        table,
                        "one of " + tables.stream().map(SyncTable::name).toList()));
        return new KeptRows(plan, local, books(), rules.capture());
    }
}
