package dev.berth.jdbc;

import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.SetAside;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncEngineBuilder;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A local file of SQLite and a remote database with tables of a test's own. */
final class SyncTables implements AutoCloseable {
    final Engine engine;
    final Database localBase;
    final Database remoteBase;
    final JdbcSyncStore local;
    final JdbcSyncStore remote;

    private SyncTables(Engine engine, Path directory) throws SQLException {
        this.engine = engine;
        localBase = Engine.SQLITE.fresh(directory);
        remoteBase = engine.fresh(directory);
        local = SyncPair.open(localBase);
        remote = SyncPair.open(remoteBase);
    }

    static SyncTables of(Engine engine, Path directory) throws SQLException {
        return new SyncTables(engine, directory);
    }

    /** A table {@code t} on both sides with a generated id, the key {@code k}, and more columns. */
    static SyncTables of(Engine engine, Path directory, String here, String there) throws SQLException {
        var tables = of(engine, directory);
        tables.runHere("CREATE TABLE t (" + id(Engine.SQLITE) + ", k VARCHAR(20) NOT NULL UNIQUE, " + here + ")");
        tables.runThere("CREATE TABLE t (" + id(engine) + ", k VARCHAR(20) NOT NULL UNIQUE, " + there + ")");
        return tables;
    }

    static String id(Engine engine) {
        return "id "
                + switch (engine) {
                    case SQLITE -> "INTEGER PRIMARY KEY";
                    case POSTGRESQL -> "bigserial PRIMARY KEY";
                    default -> "BIGINT AUTO_INCREMENT PRIMARY KEY";
                };
    }

    SyncEngineBuilder engine(SyncTable... tables) {
        return SyncEngine.between(local, remote).tables(List.of(tables)).onConflict(ConflictPolicy.REMOTE);
    }

    /** Of the table {@code t}. */
    SyncEngine sync() {
        return engine(SyncTable.named("t").key("k")).build();
    }

    void runHere(String... statements) throws SQLException {
        Engine.run(localBase, statements);
    }

    void runThere(String... statements) throws SQLException {
        Engine.run(remoteBase, statements);
    }

    /** Rows as text, each with its values between strokes. */
    List<String> here(String sql) throws SQLException {
        return rows(localBase, sql);
    }

    List<String> there(String sql) throws SQLException {
        return rows(remoteBase, sql);
    }

    private static List<String> rows(Database database, String sql) throws SQLException {
        List<String> all = new ArrayList<>();
        try (Connection connection = Engine.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            int width = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i : IntStream.rangeClosed(1, width).toArray()) {
                    row.add(String.valueOf(rows.getString(i)));
                }
                all.add(String.join("|", row));
            }
        }
        return all;
    }

    /** The keys that are set aside one way, with the reasons. */
    static List<String> aside(SyncEngine sync, Direction direction) {
        return sync.setAside("t", direction).stream()
                .map(row -> row.row().get("k") + " " + row.reason())
                .sorted()
                .toList();
    }

    static List<SetAside.Reason> reasons(SyncEngine sync, Direction direction) {
        return sync.setAside("t", direction).stream().map(SetAside::reason).toList();
    }

    @Override
    public void close() {
        local.close();
        remote.close();
    }
}
