package dev.berth.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A table of {@link SyncRows} as an application knows it.
 *
 * @param name its name
 * @param key its natural key
 * @param site which column says of what site it is
 * @param columns all columns, the id first, the natural key next, the time of the last change last
 */
record SyncTables(String name, String key, String site, List<String> columns) {
    static final SyncTables SITE = new SyncTables("site", "name", "id", List.of("id", "name", "info", "updated_at"));
    static final SyncTables DEVICE = new SyncTables(
            "device", "serial", "site_id", List.of("id", "serial", "site_id", "label", "size", "updated_at"));
    static final List<SyncTables> ALL = List.of(SITE, DEVICE);

    /** Does something with each row of the local file. */
    interface Work {
        void row(Object[] row) throws Exception;
    }

    String names() {
        return String.join(", ", columns);
    }

    /** The columns that an update writes. */
    List<String> rest() {
        return columns.subList(2, columns.size());
    }

    /** {@code (?, ..., cast(? as timestamptz))}, without colons, which Spring takes for names. */
    String marks() {
        return Stream.generate(() -> "?").limit(columns.size() - 1L).collect(Collectors.joining(", ", "(", ""))
                + ", cast(? as timestamptz))";
    }

    String setters(String from) {
        return rest().stream()
                .map(column -> column + " = " + from + "." + column)
                .collect(Collectors.joining(", "));
    }

    String upsert(SyncWay.Identity identity) {
        return "INSERT INTO " + name + " (" + names() + ") VALUES " + marks() + " ON CONFLICT (" + identity.column(key)
                + ") DO UPDATE SET " + setters("excluded")
                + (identity == SyncWay.Identity.ID ? ", " + key + " = excluded." + key : "") + " WHERE " + name
                + ".updated_at < excluded.updated_at";
    }

    /** Reads the rows of the local file as the driver gives them, times as texts with a zone. */
    long each(String local, String condition, Work work) throws Exception {
        long count = 0;
        try (Connection connection = DriverManager.getConnection(local);
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT " + names() + " FROM " + name + condition + " ORDER BY id")) {
            int width = columns.size();
            while (rows.next()) {
                work.row(row(rows, width));
                count++;
            }
        }
        return count;
    }

    private static Object[] row(ResultSet rows, int width) throws SQLException {
        Object[] row = new Object[width];
        for (int i = 0; i < width; i++) {
            row[i] = rows.getObject(i + 1);
        }
        row[width - 1] = row[width - 1] + "+00";
        return row;
    }
}
