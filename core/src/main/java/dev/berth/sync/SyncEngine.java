package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

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
    private final SyncStore local;
    private final SyncStore remote;
    private final List<SyncTable> tables;
    private final Rules rules;
    private final Duration waiting;
    private final Clock clock;
    private final Consumer<SyncReport.Table> listener;
    private final ReentrantLock turn = new ReentrantLock(true);

    private SyncEngine(Builder builder) {
        local = builder.local;
        remote = builder.remote;
        tables = List.copyOf(builder.tables);
        rules = new Rules(builder.conflicts, builder.deletes, builder.strangers, builder.capture, builder.batch);
        waiting = builder.waiting;
        clock = builder.clock;
        listener = builder.listener;
    }

    /**
     * Begins an engine.
     *
     * @param local the database that also keeps the books; it stays open
     * @param remote the other database; it stays open
     * @return what the engine is described with
     */
    public static Builder between(SyncStore local, SyncStore remote) {
        return new Builder(
                InvalidInputException.requireNonNull("local store", local),
                InvalidInputException.requireNonNull("remote store", remote));
    }

    /** Describes an engine. Not safe for use by many threads. */
    public static final class Builder {
        private static final int MOST_ROWS = 10_000;

        private final SyncStore local;
        private final SyncStore remote;
        private final List<SyncTable> tables = new ArrayList<>();
        private ConflictPolicy conflicts = ConflictPolicy.NEWEST;
        private DeletePolicy deletes = DeletePolicy.UPDATE_WINS;
        private FirstMeeting strangers = FirstMeeting.CONFLICT;
        private Capture capture = Capture.COMPARISON;
        private int batch = 2_000;
        private Duration waiting = Duration.ofMinutes(1);
        private Clock clock = Clock.systemUTC();
        private Consumer<SyncReport.Table> listener = table -> {};

        private Builder(SyncStore local, SyncStore remote) {
            this.local = local;
            this.remote = remote;
        }

        /**
         * Adds a table. Their order does not matter: parents are found by their foreign keys.
         *
         * @param table the table
         * @return this
         */
        public Builder table(SyncTable table) {
            tables.add(InvalidInputException.requireNonNull("table", table));
            return this;
        }

        /**
         * Says who wins where both sides have changed a row; the newest, unless this is called.
         *
         * @param policy the policy
         * @return this
         */
        public Builder onConflict(ConflictPolicy policy) {
            conflicts = InvalidInputException.requireNonNull("conflict policy", policy);
            return this;
        }

        /**
         * Says who wins where one side has deleted what the other has changed; the update, unless this is called.
         *
         * @param policy the policy
         * @return this
         */
        public Builder onDelete(DeletePolicy policy) {
            deletes = InvalidInputException.requireNonNull("delete policy", policy);
            return this;
        }

        /**
         * Says what it is when both sides have a row that differs, and nothing is known of it; a conflict, unless this is
         * called.
         *
         * @param meaning what it is
         * @return this
         */
        public Builder onFirstMeeting(FirstMeeting meaning) {
            strangers = InvalidInputException.requireNonNull("first meeting", meaning);
            return this;
        }

        /**
         * Says how local changes are found; by comparison, unless this is called.
         *
         * @param how the way
         * @return this
         */
        public Builder capture(Capture how) {
            capture = InvalidInputException.requireNonNull("capture", how);
            return this;
        }

        /**
         * Says how many rows travel in one transaction; 2,000, unless this is called. Memory is bounded by it.
         *
         * @param rows 1 to 10,000
         * @return this
         */
        public Builder batch(int rows) {
            if (rows < 1 || rows > MOST_ROWS) {
                throw InvalidInputException.of("batch", rows, "1 to 10,000 rows");
            }
            batch = rows;
            return this;
        }

        /**
         * Says how long a call waits for another that is under way; a minute, unless this is called.
         *
         * @param most how long, 0 or more
         * @return this
         */
        public Builder waiting(Duration most) {
            if (InvalidInputException.requireNonNull("waiting", most).isNegative()) {
                throw InvalidInputException.of("waiting", most, "0 or more");
            }
            waiting = most;
            return this;
        }

        /**
         * Tells the time that reports and lost rows have; it decides nothing.
         *
         * @param clock the clock
         * @return this
         */
        public Builder clock(Clock clock) {
            this.clock = InvalidInputException.requireNonNull("clock", clock);
            return this;
        }

        /**
         * Is told after each batch what became of a table's rows so far. It is called on the thread that syncs, and what
         * it throws is logged.
         *
         * @param listener is told
         * @return this
         */
        public Builder listening(Consumer<SyncReport.Table> listener) {
            this.listener = InvalidInputException.requireNonNull("listener", listener);
            return this;
        }

        /**
         * Makes the engine. The databases are looked at when it runs first.
         *
         * @return the engine
         * @throws InvalidInputException if no table is named, one twice, one without a key or, by {@link
         *     ConflictPolicy#NEWEST}, without a version; or if both stores are one database
         */
        public SyncEngine build() {
            if (tables.isEmpty()) {
                throw InvalidInputException.of(
                        "tables", "none", "at least one, by table(SyncTable.named(...).key(...))");
            }
            for (SyncTable table : tables) {
                check(table);
            }
            if (local.identity().equals(remote.identity())) {
                throw InvalidInputException.of(
                        "remote store", remote.describe(), "another database than the local one");
            }
            return new SyncEngine(this);
        }

        private void check(SyncTable table) {
            if (table.key().isEmpty()) {
                throw InvalidInputException.of("table", table.name(), "a table with a key: add .key(...)");
            }
            if (tables.stream()
                            .filter(one -> one.name().equalsIgnoreCase(table.name()))
                            .count()
                    > 1) {
                throw InvalidInputException.of("table", table.name(), "each table once");
            }
            boolean byVersion = conflicts == ConflictPolicy.NEWEST || strangers == FirstMeeting.BY_VERSION;
            if (byVersion && table.version().isEmpty()) {
                throw InvalidInputException.of(
                        "table",
                        table.name(),
                        "a table with a version, by which the newest is told: add .version(...), or take another"
                                + " policy than " + conflicts);
            }
        }
    }

    /**
     * Carries local changes to the remote database. Waits where a run of this engine is under way.
     *
     * @return what became of the rows
     * @throws SyncRefusedException if the tables cannot be synced safely; nothing was moved
     * @throws SyncUnavailableException if another run was under way for too long, in this process or another
     */
    public SyncReport push() {
        return waited(List.of(Direction.PUSH));
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
        return waited(List.of(Direction.PULL));
    }

    /**
     * Pushes, then pulls.
     *
     * @return what became of the rows in both directions
     * @throws SyncRefusedException if the tables cannot be synced safely; nothing was moved
     * @throws SyncUnavailableException if another run was under way for too long, in this process or another
     */
    public SyncReport sync() {
        return waited(List.of(Direction.PUSH, Direction.PULL));
    }

    /**
     * Does as {@link #sync} does, unless a run of this engine is under way.
     *
     * @return what became of the rows; empty if a run is under way
     * @throws SyncRefusedException if the tables cannot be synced safely; nothing was moved
     * @throws SyncUnavailableException if another process syncs the same pair
     */
    public Optional<SyncReport> trySync() {
        if (!turn.tryLock()) {
            return Optional.empty();
        }
        try {
            return Optional.of(run(List.of(Direction.PUSH, Direction.PULL), SyncRun.Kind.REAL));
        } finally {
            turn.unlock();
        }
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
        return run(List.of(direction), SyncRun.Kind.REHEARSED);
    }

    private SyncReport waited(List<Direction> directions) {
        boolean taken = false;
        try {
            taken = turn.tryLock(waiting.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!taken) {
            throw new SyncUnavailableException(
                    "another run of this engine is under way, and was not over within " + waiting
                            + ": wait longer, or leave it to that one",
                    SyncUnavailableException.Reason.BUSY,
                    SyncUnavailableException.Outcome.NOT_DONE,
                    null);
        }
        try {
            return run(directions, SyncRun.Kind.REAL);
        } finally {
            turn.unlock();
        }
    }

    private SyncReport run(List<Direction> directions, SyncRun.Kind kind) {
        List<TablePlan> plans;
        try {
            plans = Planner.plan(tables, local, remote);
        } catch (SyncUnavailableException offline) {
            return SyncRun.unreached(offline, clock);
        }
        return new SyncRun(local, remote, plans, rules, kind, clock, listener).run(directions);
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
     * Writes a row that lost a conflict to the local table again; the next push carries it on. The row that it replaces is
     * kept with the lost rows in its place.
     *
     * @param lost the row
     * @throws InvalidInputException if it is kept no more
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
        for (TablePlan plan : Planner.plan(tables, local, remote)) {
            found.addAll(new Verification(plan, local, remote, rules.batch()).run());
        }
        return found;
    }

    /** Has the next run compare all rows, whatever was captured: what differs and was agreed on comes to light. */
    public void recompare() {
        var books = new Books(local.identity(), remote.identity());
        Carrier.run(local, session -> {
            session.clear(books.whole());
            return true;
        });
    }

    private KeptRows kept(String table) {
        InvalidInputException.requireNonNull("table", table);
        TablePlan plan = Planner.plan(tables, local, remote).stream()
                .filter(one -> one.name().equalsIgnoreCase(table))
                .findFirst()
                .orElseThrow(() -> InvalidInputException.of(
                        "table",
                        table,
                        "one of " + tables.stream().map(SyncTable::name).toList()));
        return new KeptRows(plan, local, new Books(local.identity(), remote.identity()));
    }
}
