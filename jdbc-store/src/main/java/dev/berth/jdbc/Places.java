package dev.berth.jdbc;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The words that tell a ledger's database from a copy of it: what the database calls itself, and where in it the tables
 * are.
 */
final class Places {
    private Places() {}

    static String of(Session session, Tables tables) throws SQLException {
        return switch (session.dialect()) {
            case SQLITE ->
                sqlite(session).place() + (tables.prefix().equals(Tables.PREFIX) ? "" : " " + tables.prefix());
            case POSTGRESQL -> "postgresql " + postgresql(session, tables) + "." + tables.prefix();
            case MARIADB -> "mariadb " + mariadb(session, tables) + "." + tables.prefix();
            case H2 -> "h2 " + h2(session, tables) + "." + tables.prefix();
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
     * does not. The schema is the one in which the tables are found, whether settings or the connection name it.
     */
    private static String postgresql(Session session, Tables tables) throws SQLException {
        return one(
                session,
                "SELECT (SELECT system_identifier FROM pg_control_system()) || ' database ' || d.oid || ' ' || d.datname"
                        + " || ' schema ' || n.nspname FROM pg_database d, pg_class c"
                        + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE d.datname = current_database() AND c.oid = to_regclass(?)",
                tables.quoted("meta"));
    }

    /**
     * There a schema is a database, and which one a connection begins in says nothing. The nodes of a Galera cluster have
     * one state and an id of their own each (MariaDB 10.11): where there is a cluster, its id counts.
     */
    private static String mariadb(Session session, Tables tables) throws SQLException {
        Map<String, String> variables =
                told(session, "SHOW GLOBAL VARIABLES WHERE variable_name IN ('server_uid', 'server_uuid', 'wsrep_on')");
        String server = variables.getOrDefault("server_uid", variables.getOrDefault("server_uuid", ""));
        if (variables.getOrDefault("wsrep_on", "OFF").equals("ON")) {
            server = "cluster "
                    + String.join(
                            "",
                            told(session, "SHOW GLOBAL STATUS WHERE variable_name = 'wsrep_cluster_state_uuid'")
                                    .values());
        }
        String database =
                one(session, "SELECT coalesce(?, database())", tables.schema().orElse(null));
        return (server + " database " + database).strip();
    }

    private static Map<String, String> told(Session session, String sql) throws SQLException {
        return session.list(row -> Map.entry(row.text(), row.text()), sql).stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static String h2(Session session, Tables tables) throws SQLException {
        return one(
                session,
                "SELECT coalesce(database_path(), 'mem:' || database()) || ' schema '"
                        + " || coalesce(utf8tostring(?), current_schema())",
                tables.schema().orElse(null));
    }

    private static String one(Session session, String sql, @Nullable Object... values) throws SQLException {
        return session.first(Row::text, sql, values).orElse("");
    }
}
