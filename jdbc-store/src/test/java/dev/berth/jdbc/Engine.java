package dev.berth.jdbc;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** The databases that a ledger can be kept in, for tests that hold for each of them. */
enum Engine {
    POSTGRESQL,
    MARIADB,
    H2,
    SQLITE;

    /** Makes a new, empty database; files are made in the directory. */
    Database fresh(Path directory) throws SQLException {
        return switch (this) {
            case POSTGRESQL -> Servers.postgres().freshDatabase();
            case MARIADB -> Servers.mariadb().freshDatabase();
            case H2 -> new Database("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", "");
            case SQLITE -> new Database("jdbc:sqlite:" + directory.resolve(UUID.randomUUID() + ".db"), "", "");
        };
    }

    Dialect dialect() {
        return Dialect.valueOf(name());
    }

    /** The settings of somebody who knows the database's user. */
    static JdbcSettings settings(Database database) {
        return JdbcSettings.defaults().user(database.user()).password(database.password());
    }

    static JdbcLedgerStore open(Database database) {
        return JdbcLedgerStore.open(database.url(), settings(database));
    }

    static Connection connect(Database database) throws SQLException {
        return DriverManager.getConnection(database.url(), database.user(), database.password());
    }

    /** Runs statements, each in a transaction of its own. */
    static void run(Database database, String... statements) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row. */
    static String ask(Database database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : "(no row)";
        }
    }

    /** A table's name in a statement. */
    String quoted(String table) {
        return this == MARIADB ? "`" + table + "`" : "\"" + table + "\"";
    }
}
