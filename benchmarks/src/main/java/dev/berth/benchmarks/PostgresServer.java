package dev.berth.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** The newest PostgreSQL that there are binaries of. */
final class PostgresServer implements Server {
    private final EmbeddedPostgres server;
    private final long pid;
    private final String title;

    private PostgresServer(EmbeddedPostgres server, long pid) throws SQLException {
        this.server = server;
        this.pid = pid;
        // The starter's own defaults are fsync=off and synchronous_commit=off: nothing measured so would mean anything.
        String fsync = show("fsync");
        String commit = show("synchronous_commit");
        if (!fsync.equals("on") || !commit.equals("on")) {
            throw new IllegalStateException(
                    "commits are not durable: fsync=" + fsync + ", synchronous_commit=" + commit);
        }
        title = "PostgreSQL " + show("server_version") + ", fsync " + fsync + ", synchronous_commit " + commit
                + ", shared_buffers " + show("shared_buffers");
    }

    static PostgresServer start() throws IOException, SQLException {
        Path data = Files.createTempDirectory("berth-benchmark-postgres");
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("shared_buffers", "512MB")
                .setServerConfig("max_wal_size", "4GB")
                .setServerConfig("max_connections", "500")
                .start();
        try {
            String pid = Files.readAllLines(data.resolve("postmaster.pid")).get(0);
            return new PostgresServer(server, Long.parseLong(pid.strip()));
        } catch (IOException | SQLException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private String show(String setting) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery("show " + setting)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private void run(String sql) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public String fresh(String name) throws SQLException {
        run("create database " + name);
        return server.getJdbcUrl("postgres", name);
    }

    /** A database with what another one has, to which nobody is connected. */
    String freshFrom(String other, String name) throws SQLException {
        run("create database " + name + " template " + other);
        return server.getJdbcUrl("postgres", name);
    }

    @Override
    public void drop(String name) throws SQLException {
        run("drop database " + name);
    }

    @Override
    public long cpuMicros() {
        return ProcessTimes.family(pid);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
