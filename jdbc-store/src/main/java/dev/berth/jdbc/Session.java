package dev.berth.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jooq.Query;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One transaction on one connection: it runs statements, prepares each text once, and knows the instant that the
 * transaction counts from. Not safe for use by many threads.
 */
final class Session implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    /** Pages are asked for in many ways, so their texts are not kept without end. */
    private static final int MOST_KEPT = 200;

    private final Connection connection;
    private final Dialect dialect;
    private final StoreClock clock;
    private final Map<String, PreparedStatement> prepared;
    private final Keeping keeping;
    private final Map<String, Waiting> waiting = new LinkedHashMap<>();
    private @Nullable Instant at;
    private boolean changed;
    private boolean begun;

    /**
     * Values of an array.
     *
     * @param type the type of each, as the database names it
     */
    record Values(String type, List<@Nullable Object> values) {}

    /** How many rows a change is to change. */
    private enum Rows {
        ONE,
        ANY
    }

    /** Changes of one text that were added. */
    private static final class Waiting {
        private final Rows rows;
        private final List<@Nullable Object[]> values = new ArrayList<>();

        Waiting(Rows rows) {
            this.rows = rows;
        }
    }

    /** Makes a value of the row at hand. */
    @FunctionalInterface
    interface Reading<T> {
        T read(Row row) throws SQLException;
    }

    Session(Connection connection, Dialect dialect, StoreClock clock) {
        this(connection, dialect, clock, new HashMap<>(), Keeping.UNTIL_CLOSE);
    }

    /** Makes a session whose statements are kept by somebody else. */
    Session(Connection connection, Dialect dialect, StoreClock clock, Map<String, PreparedStatement> kept) {
        this(connection, dialect, clock, kept, Keeping.LONGER);
    }

    private Session(
            Connection connection,
            Dialect dialect,
            StoreClock clock,
            Map<String, PreparedStatement> prepared,
            Keeping keeping) {
        this.connection = connection;
        this.dialect = dialect;
        this.clock = clock;
        this.prepared = prepared;
        this.keeping = keeping;
    }

    /** How long prepared statements are kept. */
    private enum Keeping {
        UNTIL_CLOSE,
        LONGER
    }

    Dialect dialect() {
        return dialect;
    }

    /** The store's time for what is written. */
    Instant at() {
        return Objects.requireNonNull(at, "the time of a write is not known yet");
    }

    void startClock(Instant now) {
        at = clock.saw(now);
    }

    /** Begins the clock of what is written with the database's time. */
    void readClock() throws SQLException {
        at = first(this::told, "SELECT " + dialect.now(), least()).orElseThrow();
    }

    /** The least time that a statement may tell, to be bound for {@link Dialect#now()}. */
    long least() {
        return at == null ? clock.latest() : Columns.micros(at);
    }

    /** Reads the time that a statement tells, and that this store has told from now on. */
    Instant told(Row row) throws SQLException {
        return told(row.instant());
    }

    /** Takes note of a time that a statement tells. */
    Instant told(Instant time) {
        return clock.saw(time);
    }

    /**
     * Takes note of the time that a statement has written into its rows, and returns just that: another thread may have
     * been told a later one meanwhile.
     */
    Instant wrote(Instant time) {
        clock.saw(time);
        return time;
    }

    /** Whether a statement of this transaction has changed a row. */
    boolean hasChanged() {
        return changed;
    }

    /** Runs a statement that is no query and has no values. */
    void run(String sql) throws SQLException {
        if (keeping == Keeping.LONGER) {
            prepare(sql).execute();
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    int update(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = prepare(sql);
        bind(statement, values);
        int rows = statement.executeUpdate();
        changed |= rows > 0;
        return rows;
    }

    /** Changes exactly one row. */
    void updateOne(String sql, @Nullable Object... values) throws SQLException {
        checkOne(update(sql, values), sql);
    }

    private static void checkOne(int rows, String sql) throws SQLException {
        if (rows != 1) {
            throw lostRace("one row was to change, but " + rows + " did: " + sql);
        }
    }

    /** Another transaction has changed what this one has read: it begins again. */
    static SQLException lostRace(String what) {
        return new SQLTransactionRollbackException(what, "40001");
    }

    /** Adds a change to those that {@link #flush} carries out. */
    void add(String sql, @Nullable Object... values) {
        waiting.computeIfAbsent(sql, text -> new Waiting(Rows.ANY)).values.add(values);
    }

    /** Adds a change of exactly one row to those that {@link #flush} carries out. */
    void addOne(String sql, @Nullable Object... values) {
        waiting.computeIfAbsent(sql, text -> new Waiting(Rows.ONE)).values.add(values);
    }

    /**
     * Carries out what was added: the texts in the order in which each came first, the changes of one text in their
     * order, and in as few round trips as the driver can.
     *
     * @return how many rows were changed
     */
    int flush() throws SQLException {
        int total = 0;
        for (var text : waiting.entrySet()) {
            total += flush(text.getKey(), text.getValue());
        }
        waiting.clear();
        changed |= total > 0;
        return total;
    }

    private int flush(String sql, Waiting work) throws SQLException {
        if (work.values.size() == 1) {
            int rows = update(sql, work.values.get(0));
            if (work.rows == Rows.ONE) {
                checkOne(rows, sql);
            }
            return rows;
        }
        if (dialect.locksRows() && ManyRows.canTake(sql)) {
            return flushTogether(sql, work);
        }
        PreparedStatement statement = prepare(sql);
        for (@Nullable Object[] values : work.values) {
            bind(statement, values);
            statement.addBatch();
        }
        int total = 0;
        for (int rows : statement.executeBatch()) {
            // A driver may tell that a change was made without saying of how many rows.
            int known = rows == Statement.SUCCESS_NO_INFO ? 1 : rows;
            if (work.rows == Rows.ONE) {
                checkOne(known, sql);
            }
            total += known;
        }
        return total;
    }

    /** One statement for many changes: to a server that saves it a statement for each. */
    private int flushTogether(String sql, Waiting work) throws SQLException {
        int total = 0;
        for (ManyRows.Part part : ManyRows.parts(sql, work.values)) {
            total += update(part.sql(), part.values().toArray());
        }
        if (work.rows == Rows.ONE && total != work.values.size()) {
            throw lostRace(work.values.size() + " rows were to change, but " + total + " did: " + sql);
        }
        return total;
    }

    <T> List<T> list(Reading<T> reading, String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = prepare(sql);
        bind(statement, values);
        List<T> found = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            Row row = new Row(result, dialect);
            while (result.next()) {
                found.add(reading.read(row.rewound()));
            }
        }
        return found;
    }

    /** Runs a query that was built for this one call, with the values that it carries. */
    <T> List<T> list(Reading<T> reading, Query query) throws SQLException {
        return list(reading, dialect.sql(query), query.getBindValues().toArray());
    }

    /** Runs several statements in one round trip, each of which returns rows that its reading takes. */
    void each(List<Reading<?>> readings, String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = prepare(sql);
        bind(statement, values);
        statement.execute();
        for (Reading<?> reading : readings) {
            try (ResultSet result = nextResult(statement)) {
                Row row = new Row(result, dialect);
                while (result.next()) {
                    reading.read(row.rewound());
                }
            }
            statement.getMoreResults();
        }
        changed = true;
    }

    /** The next result that has rows; others tell of a transaction's begin. */
    private static ResultSet nextResult(PreparedStatement statement) throws SQLException {
        ResultSet result = statement.getResultSet();
        while (result == null) {
            if (!statement.getMoreResults() && statement.getUpdateCount() < 0) {
                throw new SQLException("a statement told less than it was asked");
            }
            result = statement.getResultSet();
        }
        return result;
    }

    /** Says that what is run next begins a transaction by itself. */
    void begins() {
        begun = true;
    }

    /** Says that the transaction has been ended. */
    void ends() {
        begun = false;
    }

    /** Whether a transaction that was begun by what was run may be open still. */
    boolean isBegun() {
        return begun;
    }

    <T> Optional<T> first(Reading<T> reading, String sql, @Nullable Object... values) throws SQLException {
        List<T> found = list(reading, sql, values);
        return found.isEmpty() ? Optional.empty() : Optional.of(found.get(0));
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    private void bind(PreparedStatement statement, @Nullable Object[] values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            if (values[i] instanceof Values list) {
                statement.setArray(
                        i + 1,
                        connection.createArrayOf(list.type(), list.values().toArray()));
            } else {
                statement.setObject(i + 1, dialect.bound(values[i]));
            }
        }
    }

    /**
     * Closes the statements, unless they are kept longer; the connection is its owner's. That a statement cannot be
     * closed is no failure of what it did.
     */
    @Override
    public void close() {
        if (keeping == Keeping.LONGER && prepared.size() <= MOST_KEPT) {
            return;
        }
        for (PreparedStatement statement : prepared.values()) {
            try {
                statement.close();
            } catch (SQLException e) {
                LOG.debug("a statement could not be closed", e);
            }
        }
        prepared.clear();
    }
}
