package dev.berth.benchmarks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;

/**
 * What has become of rows, whatever their ids.
 *
 * @param theirs how many rows of strangers are gone or have become others
 * @param missing how many of ours are not there
 * @param wrong how many of ours are there with another content, or belong to another site
 */
record UpsertScore(long theirs, long missing, long wrong) {
    private static final String DEVICES =
            "SELECT d.serial, coalesce(s.name, '') || '|' || d.label || '|' || d.size || '|' || %s FROM device d"
                    + " LEFT JOIN site s ON s.id = d.site_id";
    private static final String SITES = "SELECT d.name, d.info || '|' || %s FROM site d";
    private static final String STRANGERS = "theirs-";

    /** Reads the rows of an SQLite file by their keys. */
    static Map<String, String> local(Connection connection) throws SQLException {
        return read(connection, "d.updated_at");
    }

    /** Reads the rows of a PostgreSQL database by their keys. */
    static Map<String, String> remote(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return read(connection, "to_char(d.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')");
        }
    }

    private static Map<String, String> read(Connection connection, String time) throws SQLException {
        Map<String, String> rows = new HashMap<>();
        for (String sql : new String[] {SITES, DEVICES}) {
            try (Statement statement = connection.createStatement();
                    ResultSet found = statement.executeQuery(sql.formatted(time))) {
                while (found.next()) {
                    rows.put(found.getString(1), found.getString(2));
                }
            }
        }
        return rows;
    }

    static UpsertScore of(Map<String, String> local, Map<String, String> before, Map<String, String> after) {
        long theirs = before.entrySet().stream()
                .filter(row -> row.getKey().startsWith(STRANGERS))
                .filter(row -> !row.getValue().equals(after.get(row.getKey())))
                .count();
        long missing =
                local.keySet().stream().filter(key -> !after.containsKey(key)).count();
        long right = local.entrySet().stream()
                .filter(row -> Objects.equals(row.getValue(), after.get(row.getKey())))
                .count();
        return new UpsertScore(theirs, missing, local.size() - missing - right);
    }
}
