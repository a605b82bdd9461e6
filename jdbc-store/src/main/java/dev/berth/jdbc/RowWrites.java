package dev.berth.jdbc;

import dev.berth.sync.RowShape;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncRow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Writes rows of shapes, many by one statement, within one transaction. Only columns of the shape are named. */
final class RowWrites {
    private final Connection connection;
    private final ColumnNames names;
    private final ParentRows parents;
    private final BiFunction<String, String, String> staged;

    RowWrites(Connection connection, ColumnNames names, ParentRows parents, BiFunction<String, String, String> staged) {
        this.connection = connection;
        this.names = names;
        this.parents = parents;
        this.staged = staged;
    }

    private static List<String> columns(RowShape shape) {
        return shape.members().stream()
                .flatMap(member -> member.columns().stream())
                .distinct()
                .toList();
    }

    private @Nullable Object[] values(RowShape shape, List<String> columns, SyncRow row) {
        @Nullable Object[] values = new @Nullable Object[columns.size()];
        for (int i = 0; i < shape.members().size(); i++) {
            RowShape.Member member = shape.members().get(i);
            if (member instanceof RowShape.Plain) {
                values[columns.indexOf(member.columns().get(0))] = row.value(shape.offset(i));
                continue;
            }
            Optional<List<@Nullable Object>> parent = parents.of(shape, i, row);
            for (int j = 0; j < member.columns().size(); j++) {
                int at = columns.indexOf(member.columns().get(j));
                Object value = parent.isPresent() ? parent.get().get(j) : null;
                // A foreign key that is not set says nothing of a column that another one shares with it.
                values[at] = value != null ? value : values[at];
            }
        }
        return values;
    }

    private String quoted(List<String> columns) {
        return columns.stream().map(names::quoted).collect(Collectors.joining(", "));
    }

    /** How many rows were inserted, as the database says. */
    int insert(RowShape shape, List<SyncRow> rows) throws SQLException {
        if (rows.isEmpty()) {
            return 0;
        }
        parents.look(shape, rows);
        List<String> columns = columns(shape);
        List<@Nullable Object[]> values =
                rows.stream().map(row -> values(shape, columns, row)).toList();
        String into = "INSERT INTO " + names.table(shape.table()) + " (" + quoted(columns) + ")";
        if (names.dialect() == Dialect.POSTGRESQL) {
            return execute(into + " SELECT " + cast(shape, columns, "x.c") + " FROM " + unnest(columns.size()), values);
        } else {
            return Stage.insert(connection, names.dialect(), into, values);
        }
    }

    /** How many rows were updated, as the database says. */
    int update(RowShape shape, List<SyncRow> rows) throws SQLException {
        if (rows.isEmpty()) {
            return 0;
        }
        parents.look(shape, rows);
        List<String> columns = columns(shape);
        List<String> key = shape.locator().stream().map(RowShape.Plain::column).toList();
        List<@Nullable Object[]> values = new ArrayList<>();
        for (SyncRow row : rows) {
            values.add(joined(
                    values(shape, columns, row),
                    Place.values(shape, row.locator().orElseThrow()).toArray()));
        }
        if (names.dialect() == Dialect.POSTGRESQL) {
            List<String> all = new ArrayList<>(columns);
            all.addAll(key);
            String sql = "UPDATE " + names.table(shape.table()) + " t SET "
                    + IntStream.range(0, columns.size())
                            .mapToObj(
                                    i -> names.quoted(columns.get(i)) + " = " + cast(shape, columns.get(i), "x.c" + i))
                            .collect(Collectors.joining(", "))
                    + " FROM " + unnest(all.size()) + " WHERE " + isKey(shape, key, columns.size());
            return execute(sql, values);
        }
        String sql = "UPDATE " + names.table(shape.table()) + " SET "
                + columns.stream().map(column -> names.quoted(column) + " = ?").collect(Collectors.joining(", "))
                + where(key);
        return Stage.batch(connection, sql, values);
    }

    private static @Nullable Object[] joined(@Nullable Object[] first, @Nullable Object[] second) {
        @Nullable Object[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private String where(List<String> key) {
        return key.stream()
                .map(column -> names.quoted(column) + " = ?")
                .collect(Collectors.joining(" AND ", " WHERE ", ""));
    }

    private String isKey(RowShape shape, List<String> key, int from) {
        return IntStream.range(0, key.size())
                .mapToObj(i -> "t." + names.quoted(key.get(i)) + " = " + cast(shape, key.get(i), "x.c" + (from + i)))
                .collect(Collectors.joining(" AND "));
    }

    private String cast(RowShape shape, List<String> columns, String field) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> cast(shape, columns.get(i), field + i))
                .collect(Collectors.joining(", "));
    }

    private String cast(RowShape shape, String column, String field) {
        return field + "::" + staged.apply(shape.table(), column).replaceAll(" COLLATE .*", "");
    }

    private static String unnest(int width) {
        return "unnest(" + String.join(", ", Collections.nCopies(width, "?")) + ") x ("
                + IntStream.range(0, width).mapToObj(i -> "c" + i).collect(Collectors.joining(", ")) + ")";
    }

    /** With an array of texts for each column. */
    private int execute(String sql, List<@Nullable Object[]> rows) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < rows.get(0).length; i++) {
                statement.setArray(i + 1, connection.createArrayOf("text", Stage.texts(rows, i)));
            }
            return statement.executeUpdate();
        }
    }

    /**
     * How a column of the key can be given a value that nobody has: NULL where that may be, else a text of random
     * characters, or a number below or above all others.
     */
    List<Parking> parking(RowShape shape, StoreTable.Unique unique) throws SQLException {
        return Parking.ways(connection, names, shape, unique);
    }

    /** How many rows were deleted, as the database says. */
    int delete(RowShape shape, List<String> places) throws SQLException {
        if (places.isEmpty()) {
            return 0;
        }
        List<String> key = shape.locator().stream().map(RowShape.Plain::column).toList();
        List<@Nullable Object[]> values = new ArrayList<>();
        places.forEach(place -> values.add(Place.values(shape, place).toArray()));
        if (names.dialect() == Dialect.POSTGRESQL) {
            return execute(
                    "DELETE FROM " + names.table(shape.table()) + " t USING " + unnest(key.size()) + " WHERE "
                            + isKey(shape, key, 0),
                    values);
        } else {
            return Stage.batch(connection, "DELETE FROM " + names.table(shape.table()) + where(key), values);
        }
    }
}
