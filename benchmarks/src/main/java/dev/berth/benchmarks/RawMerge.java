package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;

/**
 * The limit: what the database itself can do. All rows are copied into a temporary table and merged by two statements, one
 * that updates and one that inserts, in one transaction. Which row became what is not known, only how many.
 */
final class RawMerge implements SyncWay {
    private static final int BUFFER = 1 << 16;

    @Override
    public long carry(String local, HikariDataSource remote) throws Exception {
        long count = 0;
        try (Connection connection = remote.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (SyncTables table : SyncTables.ALL) {
                String staged = "staged_" + table.name();
                statement.execute("CREATE TEMPORARY TABLE " + staged + " (LIKE " + table.name() + ") ON COMMIT DROP");
                count += copy(table, staged, local, connection);
                statement.execute("ANALYZE " + staged);
                merge(table, staged, statement);
            }
            connection.commit();
            connection.setAutoCommit(true);
        }
        return count;
    }

    private static long copy(SyncTables table, String staged, String local, Connection connection) throws Exception {
        String sql = "COPY " + staged + " (" + table.names() + ") FROM STDIN";
        try (Writer out = new java.io.OutputStreamWriter(
                new PGCopyOutputStream(connection.unwrap(PGConnection.class), sql, BUFFER), StandardCharsets.UTF_8)) {
            // None of these texts has a character that COPY would want escaped.
            return table.each(
                    local,
                    "",
                    row -> out.write(
                            Arrays.stream(row).map(String::valueOf).collect(Collectors.joining("\t", "", "\n"))));
        }
    }

    private static void merge(SyncTables table, String staged, Statement statement) throws SQLException {
        String same = " t." + table.key() + " = s." + table.key();
        statement.execute("UPDATE " + table.name() + " t SET " + table.setters("s") + " FROM " + staged + " s WHERE"
                + same + " AND t.updated_at < s.updated_at");
        statement.execute("INSERT INTO " + table.name() + " (" + table.names() + ") SELECT " + table.names() + " FROM "
                + staged + " s WHERE NOT EXISTS (SELECT 1 FROM " + table.name() + " t WHERE" + same + ")");
    }
}
