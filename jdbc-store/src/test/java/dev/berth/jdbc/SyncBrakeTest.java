package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Capture;
import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.LostRow;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncEngineBuilder;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Rows that are missing and that nobody has noted as deleted are not deleted by the hundred. */
class SyncBrakeTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;
    private static final int ROWS = 60;
    private static final SyncTable DOMAINS = SyncTable.named("domains").key("name");

    @TempDir
    private Path directory;

    private static SyncEngineBuilder engine(SyncPair pair) {
        return SyncEngine.between(pair.local, pair.remote).table(DOMAINS).onConflict(ConflictPolicy.LOCAL);
    }

    private static void fill(SyncPair pair) throws SQLException {
        pair.here(IntStream.range(0, ROWS)
                .mapToObj(i -> "INSERT INTO domains (name, note) VALUES ('d" + i + "', 'x')")
                .toArray(String[]::new));
    }

    /** A table that was made anew is no table whose rows were deleted. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aTableThatWasMadeAnewEmptiesNoOther(Engine engine) throws Exception {
        for (Capture capture : List.of(Capture.COMPARISON, Capture.TRIGGERS)) {
            try (var pair = SyncPair.of(engine, directory)) {
                fill(pair);
                SyncEngine sync = engine(pair).capture(capture).build();
                sync.sync();
                pair.here(
                        "DROP TABLE tags",
                        "DROP TABLE hosts",
                        "DROP TABLE domains",
                        "CREATE TABLE domains (id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL UNIQUE, note VARCHAR(200),"
                                + " updated_at TEXT)");
                if (capture == Capture.COMPARISON) {
                    assertThat(told(sync.plan(Direction.PUSH), "domains", Direction.PUSH))
                            .isEqualTo("WITHHELD " + ROWS);
                }
                for (int i = 0; i < 2; i++) {
                    SyncReport report = sync.sync();
                    assertThat(told(report, "domains", Direction.PUSH))
                            .as("%s %s", capture, i)
                            .isEqualTo("WITHHELD " + ROWS);
                    assertThat(report.isClean()).isFalse();
                    assertThat(pair.askThere("SELECT count(*) FROM domains")).isEqualTo(Integer.toString(ROWS));
                }
                sync.allowDeletes("domains", Direction.PUSH, ROWS - 1);
                assertThat(sync.push().count(Outcome.DELETED)).isZero();
                sync.allowDeletes("domains", Direction.PUSH, ROWS);
                assertThat(sync.push().count(Outcome.DELETED)).isEqualTo(ROWS);
                assertThat(pair.askThere("SELECT count(*) FROM domains")).isEqualTo("0");
                List<LostRow> deleted = sync.deletedRows("domains");
                assertThat(deleted).hasSize(ROWS).allMatch(row -> row.side() == LostRow.Side.REMOTE);
                sync.reapply(deleted.get(0));
                assertThat(sync.deletedRows("domains")).hasSize(ROWS - 1);
                if (capture == Capture.COMPARISON) {
                    sync.push();
                    assertThat(pair.askThere("SELECT note FROM domains")).isEqualTo("x");
                }
            }
        }
    }

    /** The remote table is just being filled again. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aRemoteTableThatWasEmptiedUnnotedEmptiesNoCache(Engine engine) throws Exception {
        for (Capture capture : List.of(Capture.COMPARISON, Capture.TRIGGERS)) {
            try (var pair = SyncPair.of(engine, directory)) {
                fill(pair);
                SyncEngine sync = engine(pair).remoteCapture(capture).build();
                sync.sync();
                sync.sync();
                pair.there("CREATE TABLE away AS SELECT * FROM domains");
                // Nobody notes these: they are deleted where triggers do not see it.
                pair.there(
                        switch (engine) {
                            case POSTGRESQL -> "TRUNCATE domains CASCADE";
                            default -> "DELETE FROM domains";
                        },
                        "DELETE FROM berth_sync_change");
                sync.recompare();
                assertThat(told(sync.sync(), "domains", Direction.PULL)).isEqualTo("WITHHELD " + ROWS);
                assertThat(pair.askHere("SELECT count(*) FROM domains")).isEqualTo(Integer.toString(ROWS));
                pair.there("INSERT INTO domains SELECT * FROM away");
                assertThat(sync.sync().count(Outcome.WITHHELD)).isZero();
                assertThat(pair.here()).isEqualTo(pair.there()).hasSize(ROWS);
            }
        }
    }

    /** What was noted as deleted is carried, however much it is; and so are few rows, or no great share. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatWasMeantIsCarried(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            fill(pair);
            SyncEngine captured = engine(pair)
                    .capture(Capture.TRIGGERS)
                    .remoteCapture(Capture.TRIGGERS)
                    .build();
            captured.sync();
            captured.sync();
            pair.here("DELETE FROM domains WHERE name > 'd3'");
            long first = captured.push().count(Outcome.DELETED);
            assertThat(first).isGreaterThan(ROWS / 2);
            pair.there("DELETE FROM domains");
            assertThat(captured.pull().count(Outcome.DELETED)).isEqualTo(ROWS - first);
            fill(pair);
            SyncEngine compared = engine(pair).build();
            compared.sync();
            pair.here("DELETE FROM domains WHERE id IN (SELECT id FROM domains LIMIT " + ROWS / 2 + ")");
            assertThat(compared.push().count(Outcome.DELETED)).isEqualTo(ROWS / 2);
            pair.here("DELETE FROM domains WHERE id IN (SELECT id FROM domains LIMIT 20)");
            assertThat(compared.push().count(Outcome.DELETED)).isEqualTo(20);
            fill(pair, "e");
            compared.sync();
            pair.here("DELETE FROM domains");
            assertThat(engine(pair).mostMissing(0, 100).build().push().count(Outcome.DELETED))
                    .isEqualTo(ROWS + 10);
        }
    }

    private static void fill(SyncPair pair, String prefix) throws SQLException {
        pair.here(IntStream.range(0, ROWS)
                .mapToObj(i -> "INSERT INTO domains (name, note) VALUES ('" + prefix + i + "', 'x')")
                .toArray(String[]::new));
    }
}
