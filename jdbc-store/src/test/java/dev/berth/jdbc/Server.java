package dev.berth.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** A running database server. Tests share it, so each works in databases of its own: {@link #freshDatabase()}. */
public interface Server extends AutoCloseable {
    /** The database that is there from the start, as a user who may do everything. */
    Database admin();

    default String url() {
        return admin().url();
    }

    default String user() {
        return admin().user();
    }

    default String password() {
        return admin().password();
    }

    /** Makes a new, empty database. */
    default Database freshDatabase() throws SQLException {
        String name = "berth_" + UUID.randomUUID().toString().replace("-", "");
        execute("CREATE DATABASE " + name + databaseOptions());
        return admin().named(name);
    }

    /** What else a {@code CREATE DATABASE} says here. */
    default String databaseOptions() {
        return "";
    }

    /** Runs a statement in the database that is there from the start. */
    default void execute(String sql) throws SQLException {
        try (Connection connection = admin().connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    boolean isRunning();

    /** Kills the server and all processes of it with SIGKILL, and returns when they are gone. */
    void kill();

    /** Starts a server that was killed, with its data and on its port, and returns when it answers. */
    void restart();

    @Override
    void close();
}
