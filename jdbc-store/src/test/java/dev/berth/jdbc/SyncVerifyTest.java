package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Capture;
import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.Divergence;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncStore;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Sums that databases compute are those that Java computes, of every type; what differs is found, and nothing else. */
class SyncVerifyTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    private static final List<String> COLUMNS =
            List.of("n", "flag", "amount", "real_n", "said", "raw", "at", "day", "hour", "uid", "maker_id");
    private static final int ROWS = 120;

    @TempDir
    private Path directory;

    private static void makeTables(Engine engine, Database database, boolean floats) throws SQLException {
        String id = switch (engine) {
            case SQLITE -> "INTEGER PRIMARY KEY";
            case POSTGRESQL -> "bigserial PRIMARY KEY";
            default -> "BIGINT AUTO_INCREMENT PRIMARY KEY";
        };
        boolean postgres = engine == Engine.POSTGRESQL;
        boolean mariadb = engine == Engine.MARIADB;
        String utf8 = mariadb ? " CHARACTER SET utf8mb4" : "";
        Engine.run(
                database,
                "CREATE TABLE makers (id " + id + ", name VARCHAR(40)" + utf8 + " NOT NULL UNIQUE)",
                "CREATE TABLE items (id " + id + ", code VARCHAR(20) NOT NULL UNIQUE, n INTEGER, flag BOOLEAN, amount"
                        + " DECIMAL(12,4), "
                        + (floats ? "real_n " + (postgres ? "double precision" : "DOUBLE") + ", " : "")
                        + "said " + (mariadb ? "TEXT" + utf8 : "TEXT") + ", raw " + (postgres ? "bytea" : "BLOB")
                        + ", at "
                        + (postgres ? "timestamptz(3)" : mariadb ? "DATETIME(3)" : "TIMESTAMP")
                        + ", day DATE, hour TIME"
                        + (mariadb ? "(6)" : "") + ", uid " + (engine == Engine.SQLITE ? "UUID" : "uuid")
                        + ", maker_id "
                        + (engine == Engine.SQLITE ? "INTEGER" : "BIGINT")
                        + ", FOREIGN KEY (maker_id) REFERENCES makers (id))");
    }

    /** A value of a column as the engine writes it; at times NULL. */
    private static String value(Engine engine, String column, Random random) {
        if (random.nextInt(8) == 0) {
            return "NULL";
        }
        return switch (column) {
            case "n" -> "" + (random.nextInt(2_000) - 1_000);
            case "flag" -> random.nextBoolean() ? "TRUE" : "FALSE";
            case "amount" ->
                List.of("0", "100", "-0.5", "7.25", "12345678.1234", "0.0001", "-3.1000")
                        .get(random.nextInt(7));
            case "real_n" -> "" + (random.nextInt(5) == 0 ? random.nextInt(10) : random.nextGaussian() * 1e6);
            case "said" ->
                "'"
                        + List.of("", "x", "0:N;", "a;b", "größer", "日本", "\uD83D\uDEA2 ship", " pad ")
                                .get(random.nextInt(8))
                        + (random.nextBoolean() ? "" : "" + random.nextInt(100)) + "'";
            case "raw" -> {
                byte[] bytes = new byte[random.nextInt(5)];
                random.nextBytes(bytes);
                String hex = HexFormat.of().formatHex(bytes);
                yield engine == Engine.POSTGRESQL ? "'\\x" + hex + "'" : "X'" + hex + "'";
            }
            case "at" ->
                "'"
                        + List.of(
                                        "1969-12-31 23:59:59.999",
                                        "2026-01-01 10:00:00",
                                        "1970-01-01 00:00:00.001",
                                        "2040-02-29" + " 12:00:00.120")
                                .get(random.nextInt(4))
                        + (engine == Engine.POSTGRESQL ? "+00'" : "'");
            case "day" ->
                "'"
                        + List.of("1969-07-20", "1970-01-01", "2026-11-22", "9999-12-31")
                                .get(random.nextInt(4)) + "'";
            case "hour" -> "'" + List.of("00:00:00", "23:59:59", "12:30:00").get(random.nextInt(3)) + "'";
            case "uid" -> "'" + new UUID(random.nextInt(3), random.nextLong()) + "'";
            default -> "(SELECT id FROM makers WHERE name = 'm" + random.nextInt(3) + "')";
        };
    }

    private static List<String> columns(boolean floats) {
        return COLUMNS.stream().filter(name -> floats || !name.equals("real_n")).toList();
    }

    private static String insert(Engine engine, String code, boolean floats, Random random) {
        List<String> columns = columns(floats);
        return "INSERT INTO items (code, " + String.join(", ", columns) + ") VALUES ('" + code + "', "
                + columns.stream().map(name -> value(engine, name, random)).collect(Collectors.joining(", ")) + ")";
    }

    private static SyncEngine engine(SyncStore local, SyncStore remote) {
        return SyncEngine.between(local, remote)
                .table(SyncTable.named("items").key("code"))
                .table(SyncTable.named("makers").key("name"))
                .onConflict(ConflictPolicy.LOCAL)
                .batch(50)
                .build();
    }

    private static void run(Database database, List<String> statements) throws SQLException {
        try (Connection connection = Engine.connect(database);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
        }
    }

    private static List<String> shown(List<Divergence> found) {
        List<String> all = new ArrayList<>();
        found.forEach(one -> all.add(one.kind() + " " + one.table() + " " + one.key()));
        Collections.sort(all);
        return all;
    }

    /** With random differences in every column: what is found is what reading row by row finds, and what was changed. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void sumsFindWhatReadingEveryRowFinds(Engine engine) throws Exception {
        for (boolean floats : new boolean[] {false, true}) {
            sumsFindWhatReadingEveryRowFinds(engine, floats);
        }
    }

    private void sumsFindWhatReadingEveryRowFinds(Engine engine, boolean floats) throws Exception {
        long seed = System.nanoTime();
        System.out.printf("%s, seed %d%n", engine, seed);
        var random = new Random(seed);
        Database here = Engine.SQLITE.fresh(directory);
        Database there = engine.fresh(directory);
        makeTables(Engine.SQLITE, here, floats);
        makeTables(engine, there, floats);
        try (JdbcSyncStore local = SyncPair.open(here);
                JdbcSyncStore remote = SyncPair.open(there)) {
            List<String> rows = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                rows.add("INSERT INTO makers (name) VALUES ('m" + i + "')");
            }
            for (int i = 0; i < ROWS; i++) {
                rows.add(insert(Engine.SQLITE, "c" + i, floats, random));
            }
            run(here, rows);
            // So that ids differ.
            run(there, List.of("INSERT INTO makers (name) VALUES ('m2')"));
            var counting = BlindSyncStore.counting(remote);
            SyncEngine sums = engine(local, counting);
            SyncEngine reads = engine(BlindSyncStore.blind(local), BlindSyncStore.blind(remote));
            assertThat(sums.sync().isClean()).as("seed %d", seed).isTrue();
            int pages = counting.calls("page");
            assertThat(shown(sums.verify())).as("seed %d", seed).isEmpty();
            boolean canSum = engine == Engine.POSTGRESQL || (engine == Engine.MARIADB && !floats);
            if (canSum) {
                assertThat(counting.calls("page")).as("pages read").isEqualTo(pages);
            }
            for (int round = 0; round < 4; round++) {
                List<String> changes = new ArrayList<>();
                var changed = new TreeSet<String>();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    String code = "c" + random.nextInt(ROWS + 20);
                    String column =
                            columns(floats).get(random.nextInt(columns(floats).size()));
                    changes.add(
                            random.nextInt(4) == 0
                                    ? "DELETE FROM items WHERE code = '" + code + "'"
                                    : "UPDATE items SET " + column + " = " + value(engine, column, random)
                                            + " WHERE code = '" + code + "'");
                    changed.add("[" + code + "]");
                }
                changes.add(insert(engine, "new" + round, floats, random));
                changed.add("[new" + round + "]");
                run(there, changes);

                List<String> found = shown(sums.verify());

                assertThat(found).as("seed %d", seed).isEqualTo(shown(reads.verify()));
                assertThat(found).as("seed %d", seed).contains("MISSING_LOCAL items [new" + round + "]");
                assertThat(found)
                        .as("seed %d", seed)
                        .allSatisfy(one -> assertThat(changed).contains(one.substring(one.indexOf('['))));
                if (canSum) {
                    assertThat(counting.calls("page")).as("pages read").isEqualTo(pages);
                }
                sums.sync();
                pages = counting.calls("page");
                assertThat(sums.verify()).as("seed %d", seed).isEmpty();
            }
        }
    }

    /** Sums of exclusive ors would cancel out; these do not, as tidb-tools 634 tells of. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void likeChangesOfManyRowsDoNotCancelOut(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            for (String name : List.of("a", "b", "c", "d")) {
                pair.here("INSERT INTO domains (name, note, updated_at) VALUES ('" + name
                        + "', '11:22', '2026-01-01 10:00:00')");
            }
            SyncEngine sync = pair.engine().build();
            sync.sync();
            pair.there("UPDATE domains SET note = '11:32'");
            assertThat(sync.verify()).hasSize(4);
            sync.recompare();
            sync.sync();
            assertThat(sync.verify()).isEmpty();
        }
    }

    /** What no trigger has seen is found, and repaired at the cost of what was found. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatIsFoundIsRepairedWithoutReadingTheRest(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = pair.engine()
                    .capture(Capture.TRIGGERS)
                    .remoteCapture(Capture.TRIGGERS)
                    .build();
            for (int i = 0; i < 20; i++) {
                pair.here("INSERT INTO domains (name, note, updated_at) VALUES ('d" + i
                        + "', 'x', '2026-01-01 10:00:00')");
            }
            sync.sync();
            sync.sync();
            pair.here(
                    "UPDATE domains SET note = 'unseen here' WHERE name = 'd1'",
                    "DELETE FROM domains WHERE name = 'd2'",
                    "DELETE FROM berth_sync_change");
            pair.there(
                    "UPDATE domains SET note = 'unseen there' WHERE name = 'd3'",
                    "DELETE FROM domains WHERE name = 'd4'",
                    "INSERT INTO domains (name, note, updated_at) VALUES ('d99', 'x', '2026-01-01 10:00:00')",
                    "DELETE FROM berth_sync_change");
            List<Divergence> found = sync.verify();
            assertThat(shown(found))
                    .containsExactly(
                            "DIFFERENT domains [d1]",
                            "DIFFERENT domains [d3]",
                            "MISSING_LOCAL domains [d2]",
                            "MISSING_LOCAL domains [d99]",
                            "MISSING_REMOTE domains [d4]");
            assertThat(sync.sync().of("domains", Direction.PUSH).read()).isZero();

            sync.recompare(found);
            SyncReport report = sync.sync();

            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("UPDATED 1, SKIPPED 2, DELETED 1");
            assertThat(report.of("domains", Direction.PULL).count(Outcome.INSERTED))
                    .isEqualTo(1);
            assertThat(report.of("domains", Direction.PULL).count(Outcome.DELETED))
                    .isEqualTo(1);
            assertThat(sync.verify()).isEmpty();
            assertThat(pair.here()).hasSize(19).isEqualTo(pair.there());
        }
    }
}
