package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncUnavailableException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A run that another process overtakes between two of its transactions knows nothing of what that one has written. */
@Tag("slow")
class SyncOvertakenTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    /** Scenario 73: what was read before is not written over what came after it, and no change is forgotten. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aRunThatIsOvertakenAnywhereWritesNothingOldOverNewRowsAndBooks(Engine engine) throws Exception {
        overtake(engine, 31);
    }

    @Tag("deep")
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aRunThatIsOvertakenAtEachStatementWritesNothingOldOverNewRowsAndBooks(Engine engine) throws Exception {
        overtake(engine, 1);
    }

    private void overtake(Engine engine, int step) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(
                    "INSERT INTO domains (name, note, updated_at) VALUES ('ours', '0', '2026-01-01 10:00:00')",
                    "INSERT INTO domains (name, note, updated_at) VALUES ('theirs', '0', '2026-01-01 10:00:00')",
                    "INSERT INTO domains (name, note, updated_at) VALUES ('gone', '0', '2026-01-01 10:00:00')");
            SyncEngine other = SyncProcess.engine(pair.local, pair.remote);
            assertThat(other.sync().isClean()).isTrue();
            boolean reached = true;
            int overtaken = 0;
            for (int statement = 1; reached && statement < 400; statement += step) {
                int n = statement;
                pair.here("UPDATE domains SET note = 'a" + n + "' WHERE name = 'ours'");
                pair.there("UPDATE domains SET note = 'a" + n + "' WHERE name = 'theirs'");
                var life = new Lifeline();
                JdbcSettings settings = JdbcSettings.defaults().patience(Duration.ofSeconds(2));
                try (var here = JdbcSyncStore.on(life.source(pair.localBase), settings);
                        var there = JdbcSyncStore.on(life.source(pair.remoteBase), settings)) {
                    SyncEngine one = SyncProcess.engine(here, there);
                    life.happensAt(statement, Lifeline.Moment.BETWEEN, () -> meanwhile(pair, other, n));
                    try {
                        one.sync();
                    } catch (SyncUnavailableException busy) {
                        assertThat(busy.reason()).isEqualTo(SyncUnavailableException.Reason.BUSY);
                        overtaken++;
                    }
                    reached = !life.isArmed();
                } finally {
                    life.end();
                }
                other.sync();
                assertThat(other.sync().isClean()).isTrue();
                String last = (reached ? "b" : "a") + n;
                assertThat(pair.here())
                        .as("statement %d", statement)
                        .isEqualTo(pair.there())
                        .contains("[domain, ours, " + last + "]", "[domain, theirs, " + last + "]");
                assertThat(other.lostRows("domains"))
                        .as("statement %d", statement)
                        .isEmpty();
            }
            assertThat(overtaken).isPositive();
        }
    }

    private static void meanwhile(SyncPair pair, SyncEngine other, int n) {
        try {
            other.sync();
            pair.here("UPDATE domains SET note = 'b" + n + "' WHERE name = 'ours'");
            pair.there("UPDATE domains SET note = 'b" + n + "' WHERE name = 'theirs'");
            other.sync();
        } catch (SQLException failed) {
            throw new AssertionError(failed);
        }
    }
}
