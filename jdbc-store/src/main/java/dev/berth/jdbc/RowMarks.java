package dev.berth.jdbc;

import dev.berth.sync.RowShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes the marks of rows that are deleted without being removed, within one transaction. */
final class RowMarks {
    private final Connection connection;
    private final ColumnNames names;
    private final BiFunction<String, String, String> staged;

    RowMarks(Connection connection, ColumnNames names, BiFunction<String, String, String> staged) {
        this.connection = connection;
        this.names = names;
        this.staged = staged;
    }

    void bury(RowShape shape, List<String> places, Instant at) throws SQLException {
        RowShape.Plain tombstone = tombstone(shape);
        String value = names.dialect() == Dialect.POSTGRESQL
                ? "?::" + staged.apply(shape.table(), tombstone.column()).replaceAll(" COLLATE .*", "")
                : "?";
        Object mark = mark(tombstone, at);
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (String place : places) {
            List<@Nullable Object> row = new ArrayList<>();
            row.add(names.dialect() == Dialect.POSTGRESQL ? SyncValues.text(mark) : mark);
            row.addAll(Place.values(shape, place));
            rows.add(row.toArray());
        }
        set(shape, tombstone, value, rows);
    }

    private static Object mark(RowShape.Plain tombstone, Instant at) {
        return switch (tombstone.type()) {
            case BOOLEAN -> true;
            case INTEGER, DECIMAL, DOUBLE -> 1L;
            case DATE -> at.atOffset(ZoneOffset.UTC).toLocalDate();
            // A text of 19 characters.
            case TEXT, ANY -> Objects.requireNonNull(SyncValues.bound(at.truncatedTo(ChronoUnit.SECONDS)));
            default -> at.truncatedTo(ChronoUnit.MICROS);
        };
    }

    /** To the column's default; SQLite has no word for it in an update. */
    void revive(RowShape shape, List<String> places) throws SQLException {
        RowShape.Plain tombstone = tombstone(shape);
        String value = names.dialect() == Dialect.SQLITE ? sqliteDefault(shape.table(), tombstone.column()) : "DEFAULT";
        set(
                shape,
                tombstone,
                value,
                places.stream()
                        .map(place ->
                                (@Nullable Object[]) Place.values(shape, place).toArray())
                        .toList());
    }

    private String sqliteDefault(String table, String column) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT dflt_value FROM pragma_table_xinfo(?) WHERE name = ?")) {
            statement.setString(1, table);
            statement.setString(2, column);
            try (ResultSet rows = statement.executeQuery()) {
                String found = rows.next() ? rows.getString(1) : null;
                return found == null ? "NULL" : "(" + found + ")";
            }
        }
    }

    private static RowShape.Plain tombstone(RowShape shape) {
        return shape.tombstone()
                .orElseThrow(() -> new IllegalStateException(shape.table() + " has no tombstone to write"));
    }

    private void set(RowShape shape, RowShape.Plain tombstone, String value, List<@Nullable Object[]> rows)
            throws SQLException {
        String sql = "UPDATE " + names.table(shape.table()) + " SET " + names.quoted(tombstone.column()) + " = " + value
                + shape.locator().stream()
                        .map(column -> names.quoted(column.column()) + " = ?")
                        .collect(Collectors.joining(" AND ", " WHERE ", ""));
        if (names.dialect() != Dialect.POSTGRESQL) {
            Stage.batch(connection, sql, rows);
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (@Nullable Object[] row : rows) {
                for (int i = 0; i < row.length; i++) {
                    statement.setObject(i + 1, row[i]);
                }
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }
}
