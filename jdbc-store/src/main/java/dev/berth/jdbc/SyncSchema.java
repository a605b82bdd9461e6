package dev.berth.jdbc;

import dev.berth.ledger.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/** Makes the tables of a sync's books, and reads which database this is. */
final class SyncSchema {
    private SyncSchema() {}

    /**
     * Each statement says IF NOT EXISTS, and of two that write the one row at once, the first decides. Where all is there,
     * none is run: to find an index that is there PostgreSQL waits for whoever writes in its table.
     */
    static void create(Connection connection, Session session, ColumnNames names, int version) throws SQLException {
        if (isThere(connection, names, version)) {
            return;
        }
        Dialect dialect = names.dialect();
        var schema = new Schema(dialect, names.tables(), new MetaRow(dialect, names.tables()), dialect.title());
        for (String statement : schema.statements("sync-" + dialect.resource())) {
            make(session, dialect, statement);
        }
        String into = "INTO " + names.own("store") + " (only_row, schema_version, store) VALUES (1, " + version + ", '"
                + UUID.randomUUID() + "')";
        session.run(
                switch (dialect) {
                    case MARIADB -> "INSERT IGNORE " + into;
                    default -> "INSERT " + into + " ON CONFLICT (only_row) DO NOTHING";
                });
    }

    private static boolean isThere(Connection connection, ColumnNames names, int version) {
        String sql = "SELECT count(*) FROM " + names.own("store") + " WHERE schema_version = " + version
                + " AND NOT EXISTS (SELECT 1 FROM " + names.own("note") + " WHERE 1 = 0) AND NOT EXISTS (SELECT 1 FROM "
                + names.own("change") + " WHERE 1 = 0)"
                + (names.dialect() == Dialect.SQLITE
                        ? ""
                        : " AND NOT EXISTS (SELECT 1 FROM " + names.own("lock") + " WHERE 1 = 0)");
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() && rows.getInt(1) == 1;
        } catch (SQLException missing) {
            // Whatever it is, making the tables tells.
            return false;
        }
    }

    /** PostgreSQL looks before it locks: two that make the same at once collide, and then it is there. */
    private static void make(Session session, Dialect dialect, String statement) throws SQLException {
        try {
            session.run(statement);
        } catch (SQLException e) {
            if (dialect != Dialect.POSTGRESQL) {
                throw e;
            }
            session.run(statement);
        }
    }

    static UUID identity(Connection connection, ColumnNames names, int version, String description)
            throws SQLException {
        try (PreparedStatement statement =
                        connection.prepareStatement("SELECT schema_version, store FROM " + names.own("store"));
                ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw unusable(description + ": the row of " + names.own("store") + " is missing: call createSchema()");
            }
            if (rows.getInt(1) > version) {
                throw unusable(description + ": its books are version " + rows.getInt(1)
                        + ", and this code knows versions up to " + version + ": take a newer Berth");
            }
            return UUID.fromString(rows.getString(2));
        }
    }

    private static StoreUnavailableException unusable(String why) {
        return new StoreUnavailableException(
                why, StoreUnavailableException.Outcome.NOT_DONE, StoreUnavailableException.Retry.NEVER, null);
    }
}
