package dev.berth.jdbc;

import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncEngineBuilder;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A local file of SQLite and a remote database, each with domains, their hosts and the tags of those. */
final class SyncPair implements AutoCloseable {
    /** The engines that a sync can have on its other side. */
    static final List<Engine> REMOTES = List.of(Engine.SQLITE, Engine.POSTGRESQL, Engine.MARIADB);

    static final SyncTable DOMAINS = SyncTable.named("domains").key("name").version("updated_at");
    static final SyncTable HOSTS = SyncTable.named("hosts").key("hostname").version("updated_at");
    static final SyncTable TAGS =
            SyncTable.named("tags").key("host_id", "label").version("updated_at");

    final Engine engine;
    final Database localBase;
    final Database remoteBase;
    final JdbcSyncStore local;
    final JdbcSyncStore remote;

    private SyncPair(Engine engine, Database localBase, Database remoteBase) {
        this.engine = engine;
        this.localBase = localBase;
        this.remoteBase = remoteBase;
        local = open(localBase);
        remote = open(remoteBase);
    }

    static JdbcSyncStore open(Database database) {
        return JdbcSyncStore.open(database.url(), Engine.settings(database).patience(Duration.ofSeconds(5)));
    }

    static SyncPair of(Engine engine, Path directory) throws SQLException {
        Database remote = engine.fresh(directory);
        makeTables(engine, remote);
        return another(engine, remote, directory);
    }

    /** Another client of the same remote database. */
    static SyncPair another(Engine engine, Database remote, Path directory) throws SQLException {
        Database local = Engine.SQLITE.fresh(directory);
        makeTables(Engine.SQLITE, local);
        return new SyncPair(engine, local, remote);
    }

    /** The same tables in the words of each engine, without a surrogate id in common. */
    static void makeTables(Engine engine, Database database) throws SQLException {
        String id = switch (engine) {
            case SQLITE -> "INTEGER PRIMARY KEY";
            case POSTGRESQL -> "bigserial PRIMARY KEY";
            default -> "BIGINT AUTO_INCREMENT PRIMARY KEY";
        };
        String time = switch (engine) {
            case SQLITE -> "TEXT";
            case POSTGRESQL -> "timestamptz";
            default -> "DATETIME(6)";
        };
        String parent = engine == Engine.SQLITE ? "INTEGER" : "BIGINT";
        Engine.run(
                database,
                "CREATE TABLE domains (id " + id + ", name VARCHAR(100) NOT NULL UNIQUE, note VARCHAR(200), updated_at "
                        + time + ")",
                "CREATE TABLE hosts (id " + id + ", hostname VARCHAR(60) NOT NULL UNIQUE, domain_id " + parent
                        + " NOT NULL, slug VARCHAR(40) UNIQUE, port INTEGER, up_id " + parent + ", updated_at " + time
                        + ", FOREIGN KEY (domain_id) REFERENCES domains (id), FOREIGN KEY (up_id) REFERENCES hosts (id))",
                "CREATE TABLE tags (host_id " + parent
                        + " NOT NULL, label VARCHAR(40) NOT NULL, weight INTEGER, updated_at " + time
                        + ", PRIMARY KEY (host_id, label), FOREIGN KEY (host_id) REFERENCES hosts (id))");
    }

    SyncEngineBuilder engine() {
        return SyncEngine.between(local, remote).table(TAGS).table(HOSTS).table(DOMAINS);
    }

    SyncReport push() {
        return engine().build().push();
    }

    void here(String... statements) throws SQLException {
        Engine.run(localBase, statements);
    }

    void there(String... statements) throws SQLException {
        Engine.run(remoteBase, statements);
    }

    String askHere(String sql) throws SQLException {
        return Engine.ask(localBase, sql);
    }

    String askThere(String sql) throws SQLException {
        return Engine.ask(remoteBase, sql);
    }

    /** All rows without surrogate ids. */
    static List<String> contents(Database database) throws SQLException {
        List<String> all = new ArrayList<>();
        try (Connection connection = Engine.connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(
                    "SELECT 'domain', name, note FROM domains",
                    "SELECT 'host', h.hostname, d.name, h.slug, h.port, u.hostname FROM hosts h LEFT JOIN domains d ON d.id ="
                            + " h.domain_id LEFT JOIN hosts u ON u.id = h.up_id",
                    "SELECT 'tag', h.hostname, t.label, t.weight FROM tags t LEFT JOIN hosts h ON h.id = t.host_id")) {
                try (ResultSet rows = statement.executeQuery(sql)) {
                    int width = rows.getMetaData().getColumnCount();
                    while (rows.next()) {
                        List<String> row = new ArrayList<>();
                        for (int i = 1; i <= width; i++) {
                            row.add(rows.getString(i));
                        }
                        all.add(row.toString());
                    }
                }
            }
        }
        all.sort(null);
        return all;
    }

    List<String> here() throws SQLException {
        return contents(localBase);
    }

    List<String> there() throws SQLException {
        return contents(remoteBase);
    }

    /** The outcomes that are not 0, as words. */
    static String told(SyncReport report, String table, Direction direction) {
        return Stream.of(Outcome.values())
                .filter(outcome -> report.of(table, direction).count(outcome) > 0)
                .map(outcome -> outcome + " " + report.of(table, direction).count(outcome))
                .collect(Collectors.joining(", "));
    }

    static ConflictPolicy newest() {
        return ConflictPolicy.NEWEST;
    }

    @Override
    public void close() {
        local.close();
        remote.close();
    }
}
