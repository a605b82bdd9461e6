package dev.berth.jdbc;

import dev.berth.sync.StoreColumn;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncRefusedException;
import dev.berth.sync.ValueType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** MariaDB's and MySQL's, by their information schema. */
final class MariadbCatalog extends SyncCatalog {
    private static final String COLUMNS =
            "SELECT column_name, column_type, data_type, is_nullable, column_default, extra, character_maximum_length,"
                    + " numeric_scale, datetime_precision, character_set_name, collation_name, column_key FROM"
                    + " information_schema.columns WHERE table_schema = coalesce(?, database()) AND table_name = ?"
                    + " ORDER BY ordinal_position";

    private static final String UNIQUES =
            "SELECT index_name, column_name, sub_part FROM information_schema.statistics WHERE table_schema ="
                    + " coalesce(?, database()) AND table_name = ? AND non_unique = 0 ORDER BY index_name, seq_in_index";

    private static final String KEYS =
            "SELECT constraint_name, table_name, column_name, referenced_table_name, referenced_column_name,"
                    + " nullif(%2$stable_schema, %1$stable_schema) FROM"
                    + " information_schema.key_column_usage WHERE referenced_table_name IS NOT NULL AND %1$stable_schema ="
                    + " coalesce(?, database()) AND %1$stable_name = ? ORDER BY table_name, constraint_name,"
                    + " ordinal_position";

    private static final String TRIGGERS =
            "SELECT trigger_name FROM information_schema.triggers WHERE event_object_schema = coalesce(?, database()) AND"
                    + " event_object_table = ?";

    MariadbCatalog(ColumnNames names) {
        super(names);
    }

    @Override
    Known read(Connection connection, String table) throws SQLException {
        checkStrict(connection);
        String name = exactName(connection, table);
        List<StoreColumn> columns = new ArrayList<>();
        Map<String, String> staged = new HashMap<>();
        try (PreparedStatement statement = prepare(connection, COLUMNS, name);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                columns.add(column(rows));
                String collation = rows.getString(11);
                staged.put(
                        rows.getString(1),
                        rows.getString(2).replaceAll("(?i) (unsigned|zerofill)", " $1")
                                + (collation == null
                                        ? ""
                                        : " CHARACTER SET " + rows.getString(10) + " COLLATE " + collation));
            }
        }
        var uniques = new Uniques();
        List<String> primaryKey = new ArrayList<>();
        try (PreparedStatement statement = prepare(connection, UNIQUES, name);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                Optional<String> column = Optional.ofNullable(rows.getString(2));
                uniques.add(rows.getString(1), column, rows.getObject(3) != null);
                if (rows.getString(1).equals("PRIMARY")) {
                    column.ifPresent(primaryKey::add);
                }
            }
        }
        return new Known(
                new StoreTable(
                        name,
                        columns,
                        primaryKey,
                        uniques.list(),
                        keys(connection, "", name).references(),
                        keys(connection, "referenced_", name).referrers(),
                        keeping(connection, TRIGGERS, names().tables().schema().orElse(null), name)),
                staged);
    }

    /** Without it values that do not fit are changed and stored. */
    private static void checkStrict(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT @@session.sql_mode")) {
            if (rows.next() && !rows.getString(1).contains("STRICT_")) {
                throw new SyncRefusedException(List.of("the MariaDB connection is not strict (sql_mode is "
                        + rows.getString(1) + "), and would change values that do not fit: add STRICT_ALL_TABLES"));
            }
        }
    }

    private PreparedStatement prepare(Connection connection, String sql, String table) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setString(1, names().tables().schema().orElse(null));
        statement.setString(2, table);
        return statement;
    }

    private String exactName(Connection connection, String table) throws SQLException {
        String sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = coalesce(?, database()) AND"
                + " lower(table_name) = lower(?) AND table_type = 'BASE TABLE' ORDER BY table_name = ? DESC";
        try (PreparedStatement statement = prepare(connection, sql, table)) {
            statement.setString(3, table);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    throw noTable(table);
                }
                return rows.getString(1);
            }
        }
    }

    private static StoreColumn column(ResultSet rows) throws SQLException {
        ValueType type = serverType(rows.getString(3));
        @Nullable
        Long precision = switch (type) {
            case TEXT -> number(rows, 7);
            case DECIMAL -> number(rows, 8);
            case TIMESTAMP, TIME -> number(rows, 9);
            default -> null;
        };
        boolean notNull = rows.getString(4).equals("NO");
        String extra = rows.getString(6).toLowerCase(Locale.ROOT);
        boolean filled = !notNull || rows.getString(5) != null || extra.contains("auto_increment");
        boolean computed = extra.contains("generated") && !extra.contains("default_generated");
        return new StoreColumn(
                rows.getString(1),
                rows.getString(2),
                type,
                typing(rows.getString(3)),
                precision == null ? -1 : (int) Math.min(precision, Integer.MAX_VALUE),
                nullability(notNull),
                filling(computed, filled));
    }

    private static StoreColumn.Typing typing(String type) {
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "char" -> StoreColumn.Typing.PADDED;
            // The declared spelling of a word, and zeros at the end.
            case "enum", "binary" -> StoreColumn.Typing.RESPELT;
            default -> StoreColumn.Typing.STRICT;
        };
    }

    private static @Nullable Long number(ResultSet rows, int index) throws SQLException {
        long number = rows.getLong(index);
        return rows.wasNull() ? null : (Long) number;
    }

    private Keys keys(Connection connection, String side, String table) throws SQLException {
        var keys = new Keys();
        String other = side.isEmpty() ? "referenced_" : "";
        try (PreparedStatement statement = prepare(connection, KEYS.formatted(side, other), table);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                String elsewhere = rows.getString(6);
                String key = elsewhere + "." + rows.getString(2) + "." + rows.getString(1);
                if (elsewhere != null) {
                    keys.elsewhere(key, elsewhere);
                }
                keys.add(key, rows.getString(2), rows.getString(3), rows.getString(4), rows.getString(5));
            }
        }
        return keys;
    }
}
