package dev.berth.jdbc;

import dev.berth.sync.RowShape;
import dev.berth.sync.RowSum;
import dev.berth.sync.SyncRow;
import dev.berth.sync.SyncSession;
import dev.berth.sync.ValueType;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * Has a server sum up the digests of rows, as {@link SyncSession#sums} says: PostgreSQL and MariaDB or MySQL can say every
 * type's text but for a few, whose rows are read instead. SQLite has no MD5.
 */
final class SumSql {
    private final Connection connection;
    private final ColumnNames names;
    private final BiFunction<String, String, String> declared;

    SumSql(Connection connection, ColumnNames names, BiFunction<String, String, String> declared) {
        this.connection = connection;
        this.names = names;
        this.declared = declared;
    }

    Optional<List<RowSum>> sums(RowShape shape, List<Integer> digits, int bits) throws SQLException {
        var select = new ShapeSql(names, shape, declared);
        Optional<List<String>> texts = texts(shape, select, digits);
        if (texts.isEmpty()) {
            return Optional.empty();
        }
        String row = joined(texts.get());
        String key = joined(shape.keyValues().stream().map(texts.get()::get).toList());
        String bucket = bits == 0 ? "0" : bucket(key);
        String sum = names.dialect() == Dialect.POSTGRESQL
                ? "sum(('x' || substr(md5(" + row + "), 1, 15))::bit(60)::bigint)"
                : "sum(CAST(CONV(SUBSTR(MD5(" + row + "), 1, 15), 16, 10) AS DECIMAL(38)))";
        String sql = "SELECT " + bucket + " AS berth_bucket, count(*), " + sum + " FROM " + select.table() + " t"
                + select.joins() + living(shape) + (bits == 0 ? "" : " GROUP BY 1");
        List<RowSum> sums = new ArrayList<>();
        whole(true);
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                BigDecimal total = rows.getBigDecimal(3);
                if (rows.getLong(2) > 0 && total != null) {
                    sums.add(new RowSum(rows.getInt(1), rows.getLong(2), total.toBigInteger()));
                }
            }
        }
        whole(false);
        return Optional.of(sums);
    }

    /** What has no number, as infinity, is its own text, which equals nothing else. */
    private static String finite(String value, String text) {
        return "CASE WHEN isfinite(" + value + ") THEN " + text + " ELSE (" + value + ")::text END";
    }

    Optional<List<SyncRow>> rowsOf(RowShape shape, List<Integer> digits, Collection<Integer> buckets)
            throws SQLException {
        var select = new ShapeSql(names, shape, declared);
        Optional<List<String>> texts = texts(shape, select, digits);
        if (texts.isEmpty()) {
            return Optional.empty();
        }
        String key = joined(shape.keyValues().stream().map(texts.get()::get).toList());
        String living = living(shape);
        String sql = "SELECT " + select.columns() + " FROM " + select.table() + " t" + select.joins() + living
                + (living.isEmpty() ? " WHERE " : " AND ") + bucket(key)
                + buckets.stream().map(String::valueOf).collect(Collectors.joining(", ", " IN (", ")"));
        List<SyncRow> found = new ArrayList<>();
        whole(true);
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(select.read(rows, 0));
            }
        }
        whole(false);
        return Optional.of(found);
    }

    /** PostgreSQL is told elsewhere to read by indexes only. */
    private void whole(boolean isRead) throws SQLException {
        if (names.dialect() == Dialect.POSTGRESQL) {
            String to = isRead ? "on" : "off";
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET LOCAL enable_hashjoin = " + to + "; SET LOCAL enable_mergejoin = " + to
                        + "; SET LOCAL enable_seqscan = " + to);
            }
        }
    }

    private String living(RowShape shape) {
        return shape.tombstone()
                .map(column -> " WHERE NOT " + ShapeSql.marked(names, "t", column))
                .orElse("");
    }

    private String bucket(String key) {
        return names.dialect() == Dialect.POSTGRESQL
                ? "('x' || substr(md5(" + key + "), 1, 3))::bit(12)::int"
                : "CAST(CONV(SUBSTR(MD5(" + key + "), 1, 3), 16, 10) AS SIGNED)";
    }

    private String joined(List<String> texts) {
        return names.dialect() == Dialect.POSTGRESQL
                ? String.join(" || ", texts)
                : texts.stream().collect(Collectors.joining(", ", "CONCAT(", ")"));
    }

    /** Each value's text with its length; empty if the database cannot say one as Java does. */
    private Optional<List<String>> texts(RowShape shape, ShapeSql select, List<Integer> digits) throws SQLException {
        if (names.dialect() == Dialect.SQLITE || (names.dialect() == Dialect.POSTGRESQL && !isUtf8())) {
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>();
        List<ShapeSql.Value> values = select.values(shape);
        for (int i = 0; i < values.size(); i++) {
            ShapeSql.Value value = values.get(i);
            String type = declared.apply(value.table(), value.name()).toLowerCase(Locale.ROOT);
            Optional<String> text = names.dialect() == Dialect.POSTGRESQL
                    ? postgresql(value.sql(), value.type(), type, digits.get(i))
                    : mariadb(value.sql(), value.type(), type, digits.get(i));
            if (text.isEmpty()) {
                return Optional.empty();
            }
            texts.add(
                    names.dialect() == Dialect.POSTGRESQL
                            ? "coalesce(octet_length(" + text.get() + ") || ':' || " + text.get() + " || ';', 'N;')"
                            : "COALESCE(CONCAT(OCTET_LENGTH(" + text.get() + "), ':', " + text.get() + ", ';'), 'N;')");
        }
        return Optional.of(texts);
    }

    private boolean isUtf8() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW server_encoding")) {
            return rows.next() && rows.getString(1).equals("UTF8");
        }
    }

    private static Optional<String> postgresql(String value, ValueType type, String declared, int digits) {
        return switch (type) {
            case INTEGER -> Optional.of("(" + value + ")::text");
            case TEXT -> declared.startsWith("bpchar") ? Optional.empty() : Optional.of("(" + value + ")::text");
            case UUID -> declared.startsWith("uuid") ? Optional.of("(" + value + ")::text") : Optional.empty();
            case BOOLEAN ->
                Optional.of(
                        declared.startsWith("boolean")
                                ? "(" + value + ")::int::text"
                                : "CASE WHEN " + value + " IN (0, 1) THEN (" + value + ")::text END");
            case DECIMAL ->
                Optional.of("CASE WHEN position('.' in (" + value + ")::text) > 0 THEN rtrim(rtrim((" + value
                        + ")::text, '0'), '.') ELSE (" + value + ")::text END");
            case DOUBLE -> Optional.of("encode(float8send(" + value + " + 0), 'hex')");
            case BYTES -> Optional.of("encode(" + value + ", 'hex')");
            case TIMESTAMP ->
                Optional.of(finite(
                        value, "(" + cut("(extract(epoch from " + value + ") * 1000000)::bigint", digits) + ")::text"));
            case DATE -> Optional.of(finite(value, "(" + value + " - date '1970-01-01')::text"));
            case TIME -> Optional.of("(extract(epoch from " + value + ") * 1000000)::bigint::text");
            case ANY, OTHER -> Optional.empty();
        };
    }

    private static Optional<String> mariadb(String value, ValueType type, String declared, int digits) {
        String text = "CAST(" + value + " AS CHAR CHARACTER SET utf8mb4)";
        // The driver reads it as a boolean.
        String flag = "CASE WHEN " + value + " IS NULL THEN NULL WHEN " + value + " = 0 THEN '0' ELSE '1' END";
        return switch (type) {
            case INTEGER -> {
                if (declared.startsWith("year") || (declared.startsWith("bigint") && declared.contains("unsigned"))) {
                    yield Optional.empty();
                }
                yield Optional.of(declared.startsWith("tinyint(1)") ? flag : text);
            }
            case BOOLEAN ->
                Optional.of(
                        declared.startsWith("tinyint(1)")
                                ? flag
                                : "CASE WHEN " + value + " IN (0, 1) THEN " + text + " END");
            case TEXT -> Optional.of("CONVERT(" + value + " USING utf8mb4)");
            case UUID -> declared.startsWith("uuid") ? Optional.of("LOWER(" + text + ")") : Optional.empty();
            case DECIMAL ->
                Optional.of("IF(LOCATE('.', " + text + ") > 0, TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM " + text
                        + ")), " + text + ")");
            case BYTES -> Optional.of("LOWER(HEX(" + value + "))");
            case TIMESTAMP ->
                Optional.of("CAST("
                        + cut("TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', " + value + ")", digits)
                        + " AS CHAR CHARACTER SET utf8mb4)");
            case DATE -> Optional.of("CAST(DATEDIFF(" + value + ", '1970-01-01') AS CHAR CHARACTER SET utf8mb4)");
            case TIME ->
                Optional.of("CAST(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', TIMESTAMP('1970-01-01', " + value
                        + ")) AS CHAR CHARACTER SET utf8mb4)");
            // Its text does not tell the bits.
            case DOUBLE, ANY, OTHER -> Optional.empty();
        };
    }

    /** Microseconds without the digits that only one side has, downwards also before 1970. */
    private static String cut(String micros, int digits) {
        if (digits < 0 || digits >= 6) {
            return micros;
        }
        long unit = 1;
        for (int kept = digits; kept < 6; kept++) {
            unit *= 10;
        }
        return micros + " - mod(mod(" + micros + ", " + unit + ") + " + unit + ", " + unit + ")";
    }
}
