package dev.berth.jdbc;

import dev.berth.sync.StoreColumn;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncRefusedException;
import dev.berth.sync.ValueType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what tables are declared as, and how a column of a temporary table is declared that compares as they do. */
abstract sealed class SyncCatalog permits SqliteCatalog, PostgresCatalog, MariadbCatalog {
    private final ColumnNames names;

    SyncCatalog(ColumnNames names) {
        this.names = names;
    }

    static SyncCatalog of(ColumnNames names) {
        return switch (names.dialect()) {
            case SQLITE -> new SqliteCatalog(names);
            case POSTGRESQL -> new PostgresCatalog(names);
            case MARIADB -> new MariadbCatalog(names);
            case H2 -> throw new IllegalArgumentException("H2");
        };
    }

    /**
     * A table, and how its columns are declared where they are staged.
     *
     * @param table the table
     * @param staged for each column by its name its type and collation, without a length
     */
    record Known(StoreTable table, Map<String, String> staged) {}

    ColumnNames names() {
        return names;
    }

    abstract Known read(Connection connection, String table) throws SQLException;

    /** All tables but Berth's own. */
    final List<String> tables(Connection connection) throws SQLException {
        String sql = switch (names.dialect()) {
            case SQLITE ->
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND ?1 IS"
                        + " NULL";
            case POSTGRESQL ->
                "SELECT r.relname FROM pg_class r JOIN pg_namespace s ON s.oid = r.relnamespace WHERE r.relkind IN ('r',"
                        + " 'p') AND NOT r.relispartition AND s.nspname = coalesce(?, current_schema())";
            case MARIADB ->
                "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema ="
                        + " coalesce(?, database())";
            case H2 -> throw new IllegalArgumentException("H2");
        };
        List<String> tables = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(
                    1,
                    names.dialect() == Dialect.SQLITE
                            ? null
                            : names.tables().schema().orElse(null));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    tables.add(rows.getString(1));
                }
            }
        }
        tables.removeIf(name -> name.startsWith(names.tables().prefix()));
        return tables;
    }

    /** Whether a table has triggers of others than Berth, by a query of their names with two parameters. */
    final StoreTable.Keeping keeping(Connection connection, String sql, @Nullable String first, @Nullable String second)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, first);
            statement.setString(2, second);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (!CaptureTriggers.isOurs(names, rows.getString(1))) {
                        return StoreTable.Keeping.BY_TRIGGERS;
                    }
                }
            }
        }
        return StoreTable.Keeping.AS_GIVEN;
    }

    final SyncRefusedException noTable(String table) {
        return new SyncRefusedException(List.of("there is no table " + table + " in the "
                + names.dialect().title() + " database: name it as it is there, or make it"));
    }

    /** Foreign keys by their names, each with its columns in their order. */
    static final class Keys {
        private final Map<String, List<String[]>> rows = new LinkedHashMap<>();

        /** Adds a column: that of the key, and what it refers to. */
        void add(String key, String table, String column, String otherTable, String otherColumn) {
            rows.computeIfAbsent(key, name -> new ArrayList<>())
                    .add(new String[] {table, column, otherTable, otherColumn});
        }

        List<StoreTable.Reference> references() {
            return rows.values().stream()
                    .map(columns -> new StoreTable.Reference(
                            columns.stream().map(one -> one[1]).toList(),
                            columns.get(0)[2],
                            columns.stream().map(one -> one[3]).toList()))
                    .toList();
        }

        List<StoreTable.Referrer> referrers() {
            return rows.values().stream()
                    .map(columns -> new StoreTable.Referrer(
                            columns.get(0)[0],
                            columns.stream().map(one -> one[1]).toList(),
                            columns.stream().map(one -> one[3]).toList(),
                            Optional.empty()))
                    .toList();
        }
    }

    /** Unique keys by their names, each with its columns in their order. */
    static final class Uniques {
        private final Map<String, List<String>> columns = new LinkedHashMap<>();
        private final Map<String, StoreTable.Reach> reaches = new HashMap<>();

        void add(String name, Optional<String> column, boolean partial) {
            List<String> list = columns.computeIfAbsent(name, key -> new ArrayList<>());
            column.ifPresent(list::add);
            if (partial || column.isEmpty()) {
                reaches.put(name, StoreTable.Reach.PARTIAL);
            }
        }

        List<StoreTable.Unique> list() {
            return columns.entrySet().stream()
                    .map(one -> new StoreTable.Unique(
                            one.getKey(), one.getValue(), reaches.getOrDefault(one.getKey(), StoreTable.Reach.ALL)))
                    .toList();
        }
    }

    static StoreColumn.Nullability nullability(boolean notNull) {
        return notNull ? StoreColumn.Nullability.NOT_NULL : StoreColumn.Nullability.NULLABLE;
    }

    static StoreColumn.Filling filling(boolean computed, boolean filled) {
        if (computed) {
            return StoreColumn.Filling.COMPUTED;
        }
        return filled ? StoreColumn.Filling.FILLED : StoreColumn.Filling.NEEDED;
    }

    /** The type of a column by the name that a server gives it. */
    static ValueType serverType(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "smallint", "integer", "int", "bigint", "tinyint", "mediumint", "year" -> ValueType.INTEGER;
            case "numeric", "decimal" -> ValueType.DECIMAL;
            case "double precision", "double" -> ValueType.DOUBLE;
            case "boolean" -> ValueType.BOOLEAN;
            case "text",
                    "character varying",
                    "character",
                    "user-defined text",
                    "varchar",
                    "char",
                    "tinytext",
                    "mediumtext",
                    "longtext",
                    "enum",
                    "json text" -> ValueType.TEXT;
            case "bytea", "blob", "tinyblob", "mediumblob", "longblob", "binary", "varbinary" -> ValueType.BYTES;
            case "timestamp with time zone", "timestamp without time zone", "datetime", "timestamp" ->
                ValueType.TIMESTAMP;
            case "date" -> ValueType.DATE;
            case "time", "time without time zone" -> ValueType.TIME;
            case "uuid" -> ValueType.UUID;
            default -> ValueType.OTHER;
        };
    }
}
