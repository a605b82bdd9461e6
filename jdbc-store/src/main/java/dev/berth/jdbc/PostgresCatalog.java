package dev.berth.jdbc;

import dev.berth.sync.StoreColumn;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncRefusedException;
import dev.berth.sync.ValueType;
import java.sql.Array;
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
import org.jspecify.annotations.Nullable;

/** PostgreSQL's, by its system catalogs. */
final class PostgresCatalog extends SyncCatalog {
    /**
     * What versions do not have in common is asked for by name. The view {@code columns} of the information schema would hide
     * that, and takes ten times as long; its functions know each version's ways to say a length.
     */
    private static final String COLUMNS =
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod), format_type(a.atttypid, NULL), a.attnotnull, a.atthasdef OR"
                    + " coalesce(to_jsonb(a) ->> 'attidentity', '') <> '', coalesce(to_jsonb(a) ->> 'attgenerated', '') <> '',"
                    + " information_schema._pg_char_max_length(b.id, b.modifier),"
                    + " information_schema._pg_numeric_scale(b.id, b.modifier),"
                    + " information_schema._pg_datetime_precision(b.id, b.modifier),"
                    + " CASE WHEN a.attcollation <> t.typcollation THEN"
                    + " quote_ident(n.nspname) || '.' || quote_ident(l.collname) END, t.typname, t.typtype"
                    + " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
                    + " CROSS JOIN LATERAL (SELECT information_schema._pg_truetypid(a, t),"
                    + " information_schema._pg_truetypmod(a, t)) b(id, modifier)"
                    + " LEFT JOIN pg_collation l ON l.oid = a.attcollation LEFT JOIN pg_namespace n ON n.oid ="
                    + " l.collnamespace WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped AND"
                    + " has_column_privilege(a.attrelid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES') ORDER BY a.attnum";

    private static final String UNIQUES =
            "SELECT r.relname, i.indisprimary, i.indpred IS NOT NULL OR i.indexprs IS NOT NULL,"
                    + " ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY k(n, o) JOIN pg_attribute a ON"
                    + " a.attrelid = i.indrelid AND a.attnum = k.n ORDER BY k.o) FROM pg_index i JOIN pg_class r ON r.oid ="
                    + " i.indexrelid WHERE i.indrelid = ?::regclass AND i.indisunique ORDER BY r.relname";

    private static final String KEYS = "SELECT c.oid::text, f.relname, a.attname, t.relname, b.attname, (SELECT"
            + " nspname FROM pg_namespace WHERE oid = %s.relnamespace AND t.relnamespace <> f.relnamespace)"
            + " FROM pg_constraint c"
            + " JOIN pg_class f ON f.oid = c.conrelid JOIN pg_class t ON t.oid = c.confrelid"
            + " CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY k(n, m, o)"
            + " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n"
            + " JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.m"
            + " WHERE c.contype = 'f' AND c.%s = ?::regclass ORDER BY c.oid, k.o";

    /** A rule may send a row elsewhere, too. */
    private static final String TRIGGERS =
            "SELECT tgname FROM pg_trigger WHERE tgrelid = ?::regclass AND NOT tgisinternal AND tgenabled <> 'D' UNION ALL"
                    + " SELECT rulename FROM pg_rewrite WHERE ev_class = ?::regclass AND rulename <> '_RETURN'";

    PostgresCatalog(ColumnNames names) {
        super(names);
    }

    @Override
    Known read(Connection connection, String table) throws SQLException {
        String name = exactName(connection, table);
        String where = names().table(name);
        refuseHeirs(connection, name, where);
        List<StoreColumn> columns = new ArrayList<>();
        Map<String, String> staged = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setString(1, where);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    columns.add(column(rows));
                    // Without a length a cast cuts nothing off; but "character" alone has the length 1.
                    String plain = rows.getString(3).equals("character") ? "bpchar" : rows.getString(3);
                    String collation = rows.getString(10);
                    staged.put(rows.getString(1), plain + (collation == null ? "" : " COLLATE " + collation));
                }
            }
        }
        var uniques = new Uniques();
        List<String> primaryKey = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(UNIQUES)) {
            statement.setString(1, where);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    Array array = rows.getArray(4);
                    for (String column : (String[]) array.getArray()) {
                        uniques.add(rows.getString(1), Optional.of(column), rows.getBoolean(3));
                        if (rows.getBoolean(2)) {
                            primaryKey.add(column);
                        }
                    }
                }
            }
        }
        return new Known(
                new StoreTable(
                        name,
                        columns,
                        primaryKey,
                        uniques.list(),
                        keys(connection, "conrelid", where).references(),
                        keys(connection, "confrelid", where).referrers(),
                        keeping(connection, TRIGGERS, where, where)),
                staged);
    }

    /** What is said of a table holds for the rows of its heirs, too, which have keys of their own. */
    private static void refuseHeirs(Connection connection, String name, String table) throws SQLException {
        String sql = "SELECT string_agg(i.inhrelid::regclass::text, ', ') FROM pg_inherits i JOIN pg_class r ON r.oid ="
                + " i.inhparent WHERE r.oid = ?::regclass AND r.relkind = 'r'";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                String heirs = rows.next() ? rows.getString(1) : null;
                if (heirs != null) {
                    throw new SyncRefusedException(List.of("other tables inherit from " + name + ": " + heirs
                            + "; their rows would be changed with its own: sync tables without heirs, or partitions"));
                }
            }
        }
    }

    private String exactName(Connection connection, String table) throws SQLException {
        for (String name : List.of(table, table.toLowerCase(Locale.ROOT))) {
            try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
                statement.setString(1, names().table(name));
                try (ResultSet rows = statement.executeQuery()) {
                    if (rows.next() && rows.getBoolean(1)) {
                        return name;
                    }
                }
            }
        }
        throw noTable(table);
    }

    private static StoreColumn column(ResultSet rows) throws SQLException {
        String plain = rows.getString(3);
        ValueType type = rows.getString(11).equals("citext") || "e".equals(rows.getString(12))
                ? ValueType.TEXT
                : plain.equals("json") ? ValueType.TEXT : serverType(plain);
        @Nullable
        Integer precision = switch (type) {
            case TEXT -> (Integer) rows.getObject(7);
            case DECIMAL -> (Integer) rows.getObject(8);
            case TIMESTAMP, TIME -> (Integer) rows.getObject(9);
            default -> null;
        };
        boolean notNull = rows.getBoolean(4);
        return new StoreColumn(
                rows.getString(1),
                rows.getString(2),
                type,
                plain.equals("character") ? StoreColumn.Typing.PADDED : StoreColumn.Typing.STRICT,
                precision == null ? -1 : precision,
                nullability(notNull),
                filling(rows.getBoolean(6), !notNull || rows.getBoolean(5)));
    }

    private static Keys keys(Connection connection, String side, String table) throws SQLException {
        var keys = new Keys();
        String other = side.equals("conrelid") ? "t" : "f";
        try (PreparedStatement statement = connection.prepareStatement(KEYS.formatted(other, side))) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    keys.add(
                            rows.getString(1),
                            rows.getString(2),
                            rows.getString(3),
                            rows.getString(4),
                            rows.getString(5));
                    String elsewhere = rows.getString(6);
                    if (elsewhere != null) {
                        keys.elsewhere(rows.getString(1), elsewhere);
                    }
                }
            }
        }
        return keys;
    }
}
