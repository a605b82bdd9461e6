package dev.berth.jdbc;

import dev.berth.sync.Digest;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A temporary table of values that a statement joins with: {@code n}, the number of a row, and {@code f0}, {@code f1}...
 * Its columns are declared as those that they are compared with, so that the database compares as it does there. It
 * belongs to the connection and is empty when a transaction ends.
 */
final class Stage {
    /** Rows of one statement to MariaDB: each is a group of question marks. */
    private static final int ROWS = 500;
    /** And so many bytes at most, unless one row has more: servers take 16 MB at once and more. */
    private static final long BYTES = 1 << 20;

    /** MariaDB's number for a value that does not fit. */
    private static final int TOO_LONG = 1406;

    private final Connection connection;
    private final Dialect dialect;
    private final List<String> columns;
    private final String name;
    /** The values where they are part of the statement. */
    private final List<@Nullable Object[]> within;

    private Stage(
            Connection connection,
            Dialect dialect,
            List<String> columns,
            String name,
            List<@Nullable Object[]> within) {
        this.connection = connection;
        this.dialect = dialect;
        this.columns = columns;
        this.name = name;
        this.within = within;
    }

    /**
     * Fills a stage.
     *
     * @param columns how its columns are declared
     * @param rows their values
     */
    static Stage of(Connection connection, Dialect dialect, List<String> columns, List<@Nullable Object[]> rows)
            throws SQLException {
        String digest = Digest.of(String.join(",", columns).getBytes(StandardCharsets.UTF_8))
                .toString();
        var stage = new Stage(connection, dialect, columns, "berth_stage_" + digest, List.of());
        stage.make();
        stage.fill(rows);
        return stage;
    }

    /** A stage for one statement, whose first values it binds: on PostgreSQL without a table. */
    static Stage once(Connection connection, Dialect dialect, List<String> columns, List<@Nullable Object[]> rows)
            throws SQLException {
        return dialect == Dialect.POSTGRESQL
                ? new Stage(connection, dialect, columns, "", rows)
                : of(connection, dialect, columns, rows);
    }

    /** What a statement selects from. */
    String name() {
        return name.isEmpty() ? "(" + arrays() + ")" : dialect == Dialect.SQLITE ? "temp." + name : name;
    }

    /** Binds what the statement that selects from it has for values, if it has. */
    void bind(PreparedStatement statement) throws SQLException {
        if (!within.isEmpty()) {
            bind(statement, within);
        }
    }

    private String arrays() {
        return "SELECT n, "
                + IntStream.range(0, columns.size())
                        .mapToObj(i -> "f" + i + "::" + columns.get(i) + " AS f" + i)
                        .collect(Collectors.joining(", "))
                + " FROM unnest(?, " + String.join(", ", Collections.nCopies(columns.size(), "?")) + ") x (n, "
                + names() + ")";
    }

    private void bind(PreparedStatement statement, List<@Nullable Object[]> rows) throws SQLException {
        statement.setArray(
                1,
                connection.createArrayOf(
                        "integer", IntStream.range(0, rows.size()).boxed().toArray(Integer[]::new)));
        for (int i = 0; i < columns.size(); i++) {
            statement.setArray(i + 2, connection.createArrayOf("text", texts(rows, i)));
        }
    }

    private void make() throws SQLException {
        String declared = IntStream.range(0, columns.size())
                .mapToObj(i -> ", f" + i + " " + columns.get(i))
                .collect(Collectors.joining());
        try (Statement statement = connection.createStatement()) {
            if (dialect == Dialect.POSTGRESQL) {
                // Both by one message.
                statement.execute("CREATE TEMPORARY TABLE IF NOT EXISTS " + name + " (n integer" + declared
                        + ") ON COMMIT DELETE ROWS; DELETE FROM " + name);
                return;
            }
            statement.execute((dialect == Dialect.SQLITE ? "CREATE TEMP TABLE" : "CREATE TEMPORARY TABLE")
                    + " IF NOT EXISTS " + name + " (n integer" + declared + ")");
            statement.execute("DELETE FROM " + name());
        }
    }

    private void fill(List<@Nullable Object[]> rows) throws SQLException {
        if (dialect == Dialect.POSTGRESQL) {
            try (PreparedStatement statement = connection.prepareStatement("INSERT INTO " + name + " " + arrays())) {
                bind(statement, rows);
                statement.executeUpdate();
            }
            return;
        }
        insert(connection, dialect, "INSERT INTO " + name() + " (n, " + names() + ")", numbered(rows));
    }

    /** The values of a column for PostgreSQL: as an array of texts its driver sends them without quoting. */
    static @Nullable String[] texts(List<@Nullable Object[]> rows, int column) {
        @Nullable String[] texts = new @Nullable String[rows.size()];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = SyncValues.text(rows.get(i)[column]);
        }
        return texts;
    }

    private String names() {
        return IntStream.range(0, columns.size()).mapToObj(i -> "f" + i).collect(Collectors.joining(", "));
    }

    private static List<@Nullable Object[]> numbered(List<@Nullable Object[]> rows) {
        List<@Nullable Object[]> numbered = new ArrayList<>(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            @Nullable Object[] row = new @Nullable Object[rows.get(i).length + 1];
            row[0] = i;
            System.arraycopy(rows.get(i), 0, row, 1, rows.get(i).length);
            numbered.add(row);
        }
        return numbered;
    }

    /**
     * Inserts rows: one after the other within the process, many in a statement to a server.
     *
     * @return how many were inserted, as the database says
     */
    static int insert(Connection connection, Dialect dialect, String into, List<@Nullable Object[]> rows)
            throws SQLException {
        int width = rows.get(0).length;
        String group = "(" + String.join(", ", Collections.nCopies(width, "?")) + ")";
        if (dialect == Dialect.SQLITE) {
            return batch(connection, into + " VALUES " + group, rows);
        }
        int inserted = 0;
        int from = 0;
        while (from < rows.size()) {
            int to = from;
            long size = 0;
            while (to < rows.size() && to < from + ROWS && (to == from || size + size(rows.get(to)) < BYTES)) {
                size += size(rows.get(to++));
            }
            if (size >= BYTES) {
                checkPacket(connection, size);
            }
            List<@Nullable Object[]> some = rows.subList(from, to);
            String sql = into + " VALUES " + String.join(", ", Collections.nCopies(some.size(), group));
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                int index = 1;
                for (@Nullable Object[] row : some) {
                    for (Object value : row) {
                        statement.setObject(index++, SyncValues.bound(value));
                    }
                }
                inserted += statement.executeUpdate();
            }
            from = to;
        }
        return inserted;
    }

    /** About how many bytes a row is on the wire, escaped. */
    private static long size(@Nullable Object[] row) {
        long size = 0;
        for (Object value : row) {
            size += value instanceof String text
                    ? 2L * text.length()
                    : value instanceof byte[] bytes ? 2L * bytes.length : 20;
        }
        return size;
    }

    /** What is more than the server takes at once breaks the connection; so it is a fault of its row before. */
    private static void checkPacket(Connection connection, long size) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT @@max_allowed_packet")) {
            if (rows.next() && size >= rows.getLong(1)) {
                throw new SQLException(
                        "a row of about " + size
                                + " bytes is more than the server takes at once (max_allowed_packet is "
                                + rows.getLong(1) + ")",
                        "22001",
                        TOO_LONG);
            }
        }
    }

    /**
     * Runs a statement for each row.
     *
     * @return how many rows it changed, as the database says; fewer where it does not tell
     */
    static int batch(Connection connection, String sql, List<@Nullable Object[]> rows) throws SQLException {
        int changed = 0;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (@Nullable Object[] row : rows) {
                for (int i = 0; i < row.length; i++) {
                    statement.setObject(i + 1, SyncValues.bound(row[i]));
                }
                statement.addBatch();
            }
            for (int count : statement.executeBatch()) {
                changed += Math.max(0, count);
            }
        }
        return changed;
    }
}
