package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What applications write: for each row look whether its id is there and how old it is, then insert or update it, each
 * statement with a commit of its own.
 */
final class SelectAndWrite implements SyncWay {
    private final String condition;

    /** Carries the sites of the condition, and their devices. */
    SelectAndWrite(String condition) {
        this.condition = condition;
    }

    @Override
    public long carry(String local, HikariDataSource remote) throws Exception {
        long count = 0;
        for (SyncTables table : SyncTables.ALL) {
            String insert = "INSERT INTO " + table.name() + " (" + table.names() + ") VALUES " + table.marks();
            String update = "UPDATE " + table.name() + " SET " + table.key() + " = ?, "
                    + table.rest().stream()
                            .map(column -> column + (column.equals("updated_at") ? " = ?::timestamptz" : " = ?"))
                            .collect(Collectors.joining(", "))
                    + " WHERE id = ?";
            try (Connection connection = remote.getConnection();
                    PreparedStatement looking =
                            connection.prepareStatement("SELECT updated_at FROM " + table.name() + " WHERE id = ?");
                    PreparedStatement inserting = connection.prepareStatement(insert);
                    PreparedStatement updating = connection.prepareStatement(update)) {
                count += table.each(local, condition.formatted(table.site()), row -> {
                    Instant there = changed(looking, row[0]);
                    if (there == null) {
                        bind(inserting, 0, row);
                    } else if (there.isBefore(time(row))) {
                        bind(updating, 1, row);
                    }
                });
            }
        }
        return count;
    }

    private static Instant time(Object[] row) {
        String text = row[row.length - 1].toString();
        return SyncRows.instant(text.substring(0, text.length() - "+00".length()));
    }

    private static @Nullable Instant changed(PreparedStatement looking, Object id) throws SQLException {
        looking.setObject(1, id);
        try (ResultSet rows = looking.executeQuery()) {
            if (!rows.next()) {
                return null;
            }
            Timestamp time = rows.getTimestamp(1);
            return time.toInstant();
        }
    }

    /** The columns after the first so many, then those. */
    private static void bind(PreparedStatement statement, int last, Object[] row) throws SQLException {
        for (int i = 0; i < row.length; i++) {
            statement.setObject(i + 1, row[(i + last) % row.length]);
        }
        statement.executeUpdate();
    }
}
