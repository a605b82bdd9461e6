package dev.berth.jdbc;

import dev.berth.sync.RowShape;
import dev.berth.sync.StoreTable;
import dev.berth.sync.ValueType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Gives rows, for the rest of a transaction, a value of a unique key that nobody has: NULL where the column takes it, else
 * a text of a few random characters, or a number below or above all that are there.
 */
final class Parking {
    private final Connection connection;
    private final ColumnNames names;
    private final RowShape shape;
    private final String column;
    private final Kind kind;
    private final int length;

    private enum Kind {
        NULL,
        TEXT,
        BELOW,
        ABOVE
    }

    private Parking(Connection connection, ColumnNames names, RowShape shape, String column, Kind kind, int length) {
        this.connection = connection;
        this.names = names;
        this.shape = shape;
        this.column = column;
        this.kind = kind;
        this.length = length;
    }

    /** The ways in which rows may be parked, the best first: a constraint may be against one. */
    static List<Parking> ways(Connection connection, ColumnNames names, RowShape shape, StoreTable.Unique unique)
            throws SQLException {
        StoreTable table = SyncCatalog.of(names).read(connection, shape.table()).table();
        List<Parking> ways = new ArrayList<>();
        for (String name : unique.columns()) {
            if (table.column(name).orElseThrow().isNullable()) {
                ways.add(new Parking(connection, names, shape, name, Kind.NULL, 0));
            }
        }
        for (String name : unique.columns()) {
            boolean links = shape.members().stream()
                    .anyMatch(member ->
                            member instanceof RowShape.Link && member.columns().contains(name));
            var found = table.column(name).orElseThrow();
            if (!links && found.type() == ValueType.TEXT) {
                ways.add(new Parking(connection, names, shape, name, Kind.TEXT, found.precision()));
            }
            if (!links && found.type() == ValueType.INTEGER) {
                ways.add(new Parking(connection, names, shape, name, Kind.BELOW, 0));
                ways.add(new Parking(connection, names, shape, name, Kind.ABOVE, 0));
            }
        }
        if (ways.isEmpty()) {
            throw new SQLException(
                    "no column of " + unique + " can be given another value for a moment",
                    "23505",
                    names.dialect() == Dialect.SQLITE ? 19 : 1062);
        }
        return ways;
    }

    void park(List<String> places) throws SQLException {
        String sql = "UPDATE " + names.table(shape.table()) + " SET " + names.quoted(column) + " = ? WHERE "
                + String.join(
                        " AND ",
                        shape.locator().stream()
                                .map(one -> names.quoted(one.column()) + " = ?")
                                .toList());
        long number = kind == Kind.BELOW ? bound("min") : kind == Kind.ABOVE ? bound("max") : 0;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (String place : places) {
                number += kind == Kind.ABOVE ? 1 : -1;
                statement.setObject(1, value(number));
                List<@Nullable Object> key = Place.values(shape, place);
                for (int i = 0; i < key.size(); i++) {
                    statement.setObject(
                            i + 2, names.dialect() == Dialect.POSTGRESQL ? key.get(i) : SyncValues.bound(key.get(i)));
                }
                statement.executeUpdate();
            }
        }
    }

    private @Nullable Object value(long number) {
        return switch (kind) {
            case NULL -> null;
            case BELOW, ABOVE -> number;
            case TEXT -> {
                String text = UUID.randomUUID().toString().replace("-", "");
                yield length >= 0 && length < text.length() ? text.substring(0, length) : text;
            }
        };
    }

    private long bound(String function) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT coalesce(" + function + "("
                        + names.quoted(column) + "), 0) FROM " + names.table(shape.table()));
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return kind == Kind.BELOW ? Math.min(0, rows.getLong(1)) : Math.max(0, rows.getLong(1));
        }
    }
}
