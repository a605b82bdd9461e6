package dev.berth.jdbc;

import java.nio.file.Path;
import java.sql.SQLException;

/**
 * The words that tell a ledger's database from a copy of it: what the database calls itself, and where in it the tables
 * are.
 */
final class Places {
    private Places() {}

    static String of(Session session, Tables tables) throws SQLException {
        String where = tables.schema().map(schema -> schema + ".").orElse("") + tables.prefix();
        return switch (session.dialect()) {
            case SQLITE -> sqlite(session).place() + (where.equals(Tables.PREFIX) ? "" : " " + where);
            case POSTGRESQL -> "postgresql " + postgresql(session) + " " + where;
            case MARIADB -> "mariadb " + mariadb(session) + " " + where;
            case H2 ->
                "h2 "
                        + one(
                                session,
                                "SELECT coalesce(database_path(), 'mem:' || database()) || ' ' || current_schema()")
                        + " " + where;
        };
    }

    /** The main file of a connection. */
    static SqliteFile sqlite(Session session) throws SQLException {
        String path = session.first(Row::text, "SELECT file FROM pragma_database_list WHERE name = 'main'")
                .orElse("");
        return SqliteFile.at(Path.of(path));
    }

    /**
     * The cluster's own number, which a copy by {@code pg_basebackup} shares, and the database's, which a restored dump
     * does not.
     */
    private static String postgresql(Session session) throws SQLException {
        return one(
                session,
                "SELECT (SELECT system_identifier FROM pg_control_system()) || ' database ' || oid || ' ' || datname"
                        + " FROM pg_database WHERE datname = current_database()");
    }

    private static String mariadb(Session session) throws SQLException {
        String server = session.first(
                        row -> {
                            row.text();
                            return row.text();
                        },
                        "SHOW GLOBAL VARIABLES WHERE variable_name IN ('server_uid', 'server_uuid')")
                .orElse("");
        return (server + " database " + one(session, "SELECT database()")).strip();
    }

    private static String one(Session session, String sql) throws SQLException {
        return session.first(Row::text, sql).orElse("");
    }
}
