package dev.berth.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/** The time by a database's own clock, in whole milliseconds since 1970, whatever its session's zone is. */
final class StoreTime {
    private StoreTime() {}

    /** The moment of the statement, not of its transaction: that may have begun long before. */
    static String millis(Dialect dialect) {
        return switch (dialect) {
            case SQLITE -> "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)";
            case POSTGRESQL -> "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)";
            case MARIADB -> "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3)) DIV 1000";
            case H2 -> throw new IllegalArgumentException("H2");
        };
    }

    static Instant now(Connection connection, Dialect dialect) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + millis(dialect));
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return Instant.ofEpochMilli(rows.getLong(1));
        }
    }
}
