package dev.berth.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Query;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on one connection: it runs statements, prepares each text once, and knows the instant that the
 * transaction counts from. Not safe for use by many threads.
 */
final class Session implements AutoCloseable {
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private Instant at = Instant.EPOCH;
    private boolean changed;

    /** Makes a value of the row at hand. */
    @FunctionalInterface
    interface Reading<T> {
        T read(Row row) throws SQLException;
    }

    Session(Connection connection) {
        this.connection = connection;
    }

    /** The store's time for everything in this transaction. */
    Instant at() {
        return at;
    }

    void startClock(Instant now) {
        at = now;
    }

    /** Whether a statement of this transaction has changed a row. */
    boolean hasChanged() {
        return changed;
    }

    /** Runs a statement that is no query and has no values. */
    void run(String sql) throws SQLException {
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
        int rows = update(sql, values);
        if (rows != 1) {
            throw new SQLException("one row was to change, but " + rows + " did: " + sql);
        }
    }

    <T> List<T> list(Reading<T> reading, String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = prepare(sql);
        bind(statement, values);
        List<T> found = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            Row row = new Row(result);
            while (result.next()) {
                found.add(reading.read(row.rewound()));
            }
        }
        return found;
    }

    /** Runs a query that was built for this one call, with the values that it carries. */
    <T> List<T> list(Reading<T> reading, Query query) throws SQLException {
        return list(reading, query.getSQL(), query.getBindValues().toArray());
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

    private static void bind(PreparedStatement statement, @Nullable Object[] values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }

    /** Closes the statements; the connection is its owner's. */
    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : prepared.values()) {
            statement.close();
        }
        prepared.clear();
    }
}
