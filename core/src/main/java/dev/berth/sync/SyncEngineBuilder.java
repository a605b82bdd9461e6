package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** Describes an engine. Not safe for use by many threads. */
public final class SyncEngineBuilder {
    private static final int MOST_ROWS = 10_000;

    final SyncStore local;
    final SyncStore remote;
    final List<SyncTable> tables = new ArrayList<>();
    ConflictPolicy conflicts = ConflictPolicy.NEWEST;
    DeletePolicy deletes = DeletePolicy.UPDATE_WINS;
    FirstMeeting strangers = FirstMeeting.CONFLICT;
    Capture capture = Capture.COMPARISON;
    Capture remoteCapture = Capture.COMPARISON;
    int batch = 5_000;
    Duration waiting = Duration.ofMinutes(1);
    Clock clock = Clock.systemUTC();
    Consumer<SyncReport.Table> listener = table -> {};
    Consumer<SyncReport> hearer = report -> {};

    SyncEngineBuilder(SyncStore local, SyncStore remote) {
        this.local = local;
        this.remote = remote;
    }

    /**
     * Adds a table. Their order does not matter: parents are found by their foreign keys.
     *
     * @param table the table
     * @return this
     */
    public SyncEngineBuilder table(SyncTable table) {
        tables.add(InvalidInputException.requireNonNull("table", table));
        return this;
    }

    /**
     * Adds tables.
     *
     * @param some the tables, perhaps as {@linkplain SyncEngine#discover discovered}
     * @return this
     */
    public SyncEngineBuilder tables(Collection<SyncTable> some) {
        InvalidInputException.requireNonNull("tables", some).forEach(this::table);
        return this;
    }

    /**
     * Says who wins where both sides have changed a row; the newest, unless this is called.
     *
     * @param policy the policy
     * @return this
     */
    public SyncEngineBuilder onConflict(ConflictPolicy policy) {
        conflicts = InvalidInputException.requireNonNull("conflict policy", policy);
        return this;
    }

    /**
     * Says who wins where one side has deleted what the other has changed; the update, unless this is called.
     *
     * @param policy the policy
     * @return this
     */
    public SyncEngineBuilder onDelete(DeletePolicy policy) {
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
    public SyncEngineBuilder onFirstMeeting(FirstMeeting meaning) {
        strangers = InvalidInputException.requireNonNull("first meeting", meaning);
        return this;
    }

    /**
     * Says how local changes are found; by comparison, unless this is called.
     *
     * @param how the way
     * @return this
     */
    public SyncEngineBuilder capture(Capture how) {
        capture = InvalidInputException.requireNonNull("capture", how);
        return this;
    }

    /**
     * Says how remote changes are found; by comparison, unless this is called. With {@link Capture#TRIGGERS} each client
     * has its own triggers in the remote database. Where its user may not make them, rows are compared all the same.
     *
     * @param how {@link Capture#COMPARISON} or {@link Capture#TRIGGERS}
     * @return this
     * @throws InvalidInputException if it is {@link Capture#CALLS}, which strangers do not make
     */
    public SyncEngineBuilder remoteCapture(Capture how) {
        if (InvalidInputException.requireNonNull("remote capture", how) == Capture.CALLS) {
            throw InvalidInputException.of("remote capture", how, Capture.COMPARISON + " or " + Capture.TRIGGERS);
        }
        remoteCapture = how;
        return this;
    }

    /**
     * Says how many rows travel in one transaction; 5,000, unless this is called. Memory is bounded by it.
     *
     * @param rows 1 to 10,000
     * @return this
     */
    public SyncEngineBuilder batch(int rows) {
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
    public SyncEngineBuilder waiting(Duration most) {
        if (InvalidInputException.requireNonNull("waiting", most).isNegative()) {
            throw InvalidInputException.of("waiting", most, "0 or more");
        }
        waiting = most;
        return this;
    }

    /**
     * Tells the time that reports and lost rows have, and how long rows that were refused wait for their next try.
     *
     * @param clock the clock
     * @return this
     */
    public SyncEngineBuilder clock(Clock clock) {
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
    public SyncEngineBuilder listening(Consumer<SyncReport.Table> listener) {
        this.listener = InvalidInputException.requireNonNull("listener", listener);
        return this;
    }

    /**
     * Is told of each run that has ended, plans excepted. It is called on the thread that synced, and what it throws is
     * logged.
     *
     * @param listener is told
     * @return this
     */
    public SyncEngineBuilder reporting(Consumer<SyncReport> listener) {
        hearer = InvalidInputException.requireNonNull("listener", listener);
        return this;
    }

    /**
     * Makes the engine. The databases are looked at when it runs first, so the remote one need not be there yet.
     *
     * @return the engine
     * @throws InvalidInputException if no table is named, one twice, one without a key or, by {@link
     *     FirstMeeting#BY_VERSION}, without a version
     */
    public SyncEngine build() {
        if (tables.isEmpty()) {
            throw InvalidInputException.of("tables", "none", "at least one, by table(SyncTable.named(...).key(...))");
        }
        for (SyncTable table : tables) {
            check(table);
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
        if (strangers == FirstMeeting.BY_VERSION && table.version().isEmpty()) {
            throw InvalidInputException.of(
                    "table",
                    table.name(),
                    "a table with a version, by which rows meet of which nothing is known: add .version(...), or take "
                            + FirstMeeting.CONFLICT);
        }
    }
}
