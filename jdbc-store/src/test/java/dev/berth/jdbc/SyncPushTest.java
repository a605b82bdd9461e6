package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Direction;
import dev.berth.sync.LostRow;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Rows go out, and each comes to exactly one end. */
class SyncPushTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    /** Scenario 63. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void idsThatAreTakenThereCollideWithNothing(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.there(
                    "INSERT INTO domains (id, name, note, updated_at) VALUES (378, 'theirs.org', 'kept', '2026-01-01 10:00:00')",
                    "INSERT INTO hosts (id, hostname, domain_id, updated_at) VALUES (225, 'their-host', 378, '2026-01-01 10:00:00')");
            pair.here(
                    "INSERT INTO domains (id, name, note, updated_at) VALUES (378, 'ours.org', 'new', '2026-01-02 10:00:00')",
                    "INSERT INTO hosts (id, hostname, domain_id, updated_at) VALUES (225, 'our-host', 378, '2026-01-02 10:00:00')",
                    "INSERT INTO tags VALUES (225, 'red', 7, '2026-01-02 10:00:00')");

            SyncReport report = pair.push();

            assertThat(report.cause()).isEmpty();
            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("INSERTED 1");
            assertThat(told(report, "hosts", Direction.PUSH)).isEqualTo("INSERTED 1");
            assertThat(told(report, "tags", Direction.PUSH)).isEqualTo("INSERTED 1");
            assertThat(report.isClean()).isTrue();
            assertThat(pair.there())
                    .containsExactly(
                            "[domain, ours.org, new]",
                            "[domain, theirs.org, kept]",
                            "[host, our-host, ours.org, null, null, null]",
                            "[host, their-host, theirs.org, null, null, null]",
                            "[tag, our-host, red, 7]");
            assertThat(pair.askThere("SELECT id FROM domains WHERE name = 'theirs.org'"))
                    .isEqualTo("378");
        }
    }

    /** Scenario 64. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aNewerUpdateIsAppliedANewRowInsertedAndEachIsCountedOnce(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(
                    "INSERT INTO domains (name, note, updated_at) VALUES ('a', 'one', '2026-01-01 10:00:00')",
                    "INSERT INTO domains (name, note, updated_at) VALUES ('b', 'one', '2026-01-01 10:00:00')");
            assertThat(told(pair.push(), "domains", Direction.PUSH)).isEqualTo("INSERTED 2");
            pair.here(
                    "UPDATE domains SET note = 'two', updated_at = '2026-01-01T10:00:01.5Z' WHERE name = 'a'",
                    "INSERT INTO domains (name, note, updated_at) VALUES ('c', 'one', NULL)");

            SyncReport report = pair.push();

            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("INSERTED 1, UPDATED 1, SKIPPED 1");
            assertThat(report.of("domains", Direction.PUSH).read()).isEqualTo(3);
            assertThat(pair.there()).containsExactly("[domain, a, two]", "[domain, b, one]", "[domain, c, one]");
            assertThat(told(pair.push(), "domains", Direction.PUSH)).isEqualTo("SKIPPED 3");
        }
    }

    /** In a first run nothing is in the books but what this run has carried itself: that is found there. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aRowThatIsGivenAnotherPlaceInAFirstRunIsNoConflictWithItself(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            for (int i = 10; i < 40; i++) {
                pair.here("INSERT INTO domains (id, name, note, updated_at) VALUES (" + i + ", 'd" + i
                        + "', 'one', '2026-01-01 10:00:00')");
            }
            var moves = new AtomicBoolean(true);
            SyncEngine sync = pair.engine()
                    .batch(4)
                    .listening(table -> {
                        if (table.read() >= 12 && moves.getAndSet(false)) {
                            try {
                                pair.here(
                                        "UPDATE domains SET id = 1000, note = 'two', updated_at = '2026-01-01 10:00:01'"
                                                + " WHERE name = 'd11'");
                            } catch (SQLException failed) {
                                throw new AssertionError(failed);
                            }
                        }
                    })
                    .build();

            SyncReport report = sync.push();

            assertThat(moves).isFalse();
            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("INSERTED 30, UPDATED 1");
            assertThat(sync.lostRows("domains")).isEmpty();
            assertThat(pair.there()).isEqualTo(pair.here()).contains("[domain, d11, two]");
        }
    }

    /** Scenario 63: the newer wins, and what it replaces is kept. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatBothHaveChangedIsDecidedByTheVersionAndTheLoserIsKeptWhole(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.there(
                    "INSERT INTO domains (name, note, updated_at) VALUES ('old', 'there', '2026-01-01 10:00:00')",
                    "INSERT INTO domains (name, note, updated_at) VALUES ('new', 'there', '2026-01-03 10:00:00')");
            pair.here(
                    "INSERT INTO domains (name, note, updated_at) VALUES ('old', 'here', '2026-01-02 10:00:00')",
                    "INSERT INTO domains (name, note, updated_at) VALUES ('new', 'here', '2026-01-02 10:00:00')");
            var engineOf = pair.engine().build();

            SyncReport report = engineOf.push();

            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("CONFLICTED 2");
            assertThat(pair.there()).containsExactly("[domain, new, there]", "[domain, old, here]");
            assertThat(engineOf.lostRows("domains"))
                    .extracting(lost -> lost.side() + " " + lost.row().get("name") + " "
                            + lost.row().get("note"))
                    .containsExactlyInAnyOrder("REMOTE old there", "LOCAL new here");

            assertThat(told(engineOf.pull(), "domains", Direction.PULL)).isEqualTo("UPDATED 1, SKIPPED 1");
            assertThat(pair.here()).isEqualTo(pair.there());

            LostRow lost = engineOf.lostRows("domains").stream()
                    .filter(one -> one.side() == LostRow.Side.LOCAL)
                    .findFirst()
                    .orElseThrow();
            engineOf.reapply(lost);
            assertThat(told(engineOf.push(), "domains", Direction.PUSH)).isEqualTo("UPDATED 1, SKIPPED 1");
            assertThat(pair.there()).contains("[domain, new, here]");
        }
    }
}
