package dev.berth.jdbc;

import dev.berth.sync.StoreColumn;
import dev.berth.sync.StoreTable;
import dev.berth.sync.ValueType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** SQLite's, by its pragmas as tables (sqlite.org/pragma.html). */
final class SqliteCatalog extends SyncCatalog {
    private static final String TRIGGERS =
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE AND ?2 IS NOT NULL";

    SqliteCatalog(ColumnNames names) {
        super(names);
    }

    @Override
    Known read(Connection connection, String table) throws SQLException {
        String name = exactName(connection, table);
        Map<String, String> collations = new HashMap<>();
        List<StoreTable.Unique> uniques = uniques(connection, name, collations);
        Map<Integer, String> primaryKey = new TreeMap<>();
        List<StoreColumn> columns = new ArrayList<>();
        Map<String, String> staged = new HashMap<>();
        boolean rowid = false;
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT name, type, \"notnull\", dflt_value, pk, hidden, (SELECT count(*) FROM pragma_table_xinfo(?1)"
                        + " WHERE pk > 0) FROM pragma_table_xinfo(?1)")) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String column = rows.getString(1);
                    String declared = rows.getString(2) == null ? "" : rows.getString(2);
                    boolean generates =
                            declared.equalsIgnoreCase("INTEGER") && rows.getInt(5) > 0 && rows.getInt(7) == 1;
                    rowid |= generates;
                    boolean notNull = rows.getInt(3) == 1 || generates;
                    // A primary key that is no number of a row takes NULL, which is no filling.
                    boolean filled = (!notNull && rows.getInt(5) == 0) || rows.getString(4) != null || generates;
                    if (rows.getInt(5) > 0) {
                        primaryKey.put(rows.getInt(5), column);
                    }
                    columns.add(new StoreColumn(
                            column,
                            declared.isEmpty() ? "a column without a type" : declared,
                            type(declared),
                            StoreColumn.Typing.LOOSE,
                            -1,
                            nullability(notNull),
                            filling(rows.getInt(6) > 1, filled)));
                    staged.put(
                            column,
                            declared.replaceAll("\\(.*", "").replaceAll("[^A-Za-z0-9_ ]", " ") + " COLLATE "
                                    + collations.getOrDefault(column.toLowerCase(Locale.ROOT), "BINARY"));
                }
            }
        }
        if (primaryKey.size() == 1 && rowid) {
            uniques.add(new StoreTable.Unique("rowid", List.copyOf(primaryKey.values()), StoreTable.Reach.ALL));
        }
        List<String> key = List.copyOf(primaryKey.values());
        return new Known(
                new StoreTable(
                        name,
                        columns,
                        key,
                        uniques,
                        references(connection, name, key),
                        referrers(connection, name, key),
                        keeping(connection, TRIGGERS, name, name)),
                staged);
    }

    private String exactName(Connection connection, String table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE")) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    throw noTable(table);
                }
                return rows.getString(1);
            }
        }
    }

    private static List<StoreTable.Unique> uniques(Connection connection, String table, Map<String, String> collations)
            throws SQLException {
        var uniques = new Uniques();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT l.name, l.partial, x.name, x.coll, x.cid FROM pragma_index_list(?) l, pragma_index_xinfo(l.name) x"
                        + " WHERE l.\"unique\" = 1 AND x.key = 1 ORDER BY l.seq, x.seqno")) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    Optional<String> column = Optional.ofNullable(rows.getString(3));
                    uniques.add(rows.getString(1), column, rows.getInt(2) == 1 || rows.getInt(5) < 0);
                    String collation = rows.getString(4);
                    if (column.isPresent() && collation != null && !collation.equalsIgnoreCase("BINARY")) {
                        collations.put(column.get().toLowerCase(Locale.ROOT), collation);
                    }
                }
            }
        }
        return new ArrayList<>(uniques.list());
    }

    private static List<StoreTable.Reference> references(Connection connection, String table, List<String> key)
            throws SQLException {
        var keys = new Keys();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id, \"table\", \"from\", \"to\", seq FROM pragma_foreign_key_list(?) ORDER BY id, seq")) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String to = rows.getString(4);
                    String parent = rows.getString(2);
                    String referenced = to != null
                            ? to
                            : parent.equalsIgnoreCase(table)
                                    ? key.get(rows.getInt(5))
                                    : primaryKey(connection, parent).get(rows.getInt(5));
                    keys.add(rows.getString(1), table, rows.getString(3), parent, referenced);
                }
            }
        }
        return keys.references();
    }

    private static List<String> primaryKey(Connection connection, String table) throws SQLException {
        List<String> key = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk")) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    key.add(rows.getString(1));
                }
            }
        }
        return key;
    }

    private static List<StoreTable.Referrer> referrers(Connection connection, String table, List<String> key)
            throws SQLException {
        var keys = new Keys();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT m.name, f.id, f.\"from\", f.\"to\", f.seq FROM sqlite_master m, pragma_foreign_key_list(m.name) f"
                        + " WHERE m.type = 'table' AND f.\"table\" = ? COLLATE NOCASE ORDER BY m.name, f.id, f.seq")) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String to = rows.getString(4);
                    keys.add(
                            rows.getString(1) + "." + rows.getString(2),
                            rows.getString(1),
                            rows.getString(3),
                            table,
                            to != null ? to : key.get(rows.getInt(5)));
                }
            }
        }
        return keys.referrers();
    }

    /** By the words of the declaration, as SQLite finds affinities (sqlite.org/datatype3.html), and by those of times. */
    private static ValueType type(String declared) {
        String word = declared.toUpperCase(Locale.ROOT);
        if (word.contains("INT")) {
            return ValueType.INTEGER;
        }
        if (word.contains("TIMESTAMP") || word.contains("DATETIME")) {
            return ValueType.TIMESTAMP;
        }
        if (word.contains("DATE")) {
            return ValueType.DATE;
        }
        if (word.contains("TIME")) {
            return ValueType.TIME;
        }
        if (word.contains("BOOL")) {
            return ValueType.BOOLEAN;
        }
        if (word.contains("UUID")) {
            return ValueType.UUID;
        }
        if (word.contains("CHAR") || word.contains("CLOB") || word.contains("TEXT") || word.contains("JSON")) {
            return ValueType.TEXT;
        }
        if (word.contains("BLOB")) {
            return ValueType.BYTES;
        }
        if (word.contains("REAL") || word.contains("FLOA") || word.contains("DOUB")) {
            return ValueType.DOUBLE;
        }
        return word.isEmpty() || word.equals("ANY") ? ValueType.ANY : ValueType.DECIMAL;
    }
}
