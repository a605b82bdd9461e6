package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/** The databases of one comparison: what all begin with, and a copy for each run. */
final class UpsertDatabases {
    private static final String SCHEME = "jdbc:sqlite:";

    private final PostgresServer server;
    private final SqliteDirectory files;
    private final SyncRows rows;
    private final String name;
    private final String seed;

    /** What a run is given. */
    interface Work<T> {
        T run(String local, HikariDataSource remote) throws Exception;
    }

    private UpsertDatabases(PostgresServer server, SqliteDirectory files, SyncRows rows, String name) {
        this.server = server;
        this.files = files;
        this.rows = rows;
        this.name = name;
        this.seed = files.fresh(name);
    }

    static UpsertDatabases fill(PostgresServer server, SqliteDirectory files, SyncRows rows, String name)
            throws SQLException {
        var databases = new UpsertDatabases(server, files, rows, name);
        rows.fillLocal(databases.seed);
        try (HikariDataSource pool = Engine.pool(server.fresh(name), 1)) {
            rows.fillRemote(pool);
        }
        return databases;
    }

    SyncRows rows() {
        return rows;
    }

    /** Runs on copies, which are deleted afterwards. */
    <T> T copied(Work<T> work) throws Exception {
        String local = files.fresh(name + "_run");
        String remote = name + "_run";
        Files.copy(path(seed), path(local));
        try (HikariDataSource pool = Engine.pool(server.freshFrom(name, remote) + "&reWriteBatchedInserts=true", 3)) {
            return work.run(local, pool);
        } finally {
            server.drop(remote);
            files.drop(name + "_run");
        }
    }

    private static Path path(String url) {
        return Path.of(url.substring(SCHEME.length()));
    }

    /** Removes what all began with. */
    void drop() throws SQLException, IOException {
        server.drop(name);
        files.drop(name);
    }
}
