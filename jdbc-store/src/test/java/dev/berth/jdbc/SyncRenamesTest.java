package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Capture;
import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Keys that change, and what that means for rows that refer to them, where changes are captured and not compared. */
class SyncRenamesTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    private static SyncEngine captured(SyncPair pair) {
        return pair.engine()
                .capture(Capture.TRIGGERS)
                .remoteCapture(Capture.TRIGGERS)
                .build();
    }

    private static void fill(SyncPair pair) throws Exception {
        pair.here(
                "INSERT INTO domains (name, note, updated_at) VALUES ('a', 'x', '2026-01-01 10:00:00')",
                "INSERT INTO domains (name, note, updated_at) VALUES ('b', 'x', '2026-01-01 10:00:00')",
                "INSERT INTO hosts (hostname, domain_id, updated_at) SELECT 'h' || name, id, '2026-01-01 10:00:00' FROM domains",
                "INSERT INTO tags (host_id, label, weight, updated_at) SELECT id, 't', 1, '2026-01-01 10:00:00' FROM hosts");
        assertThat(captured(pair).sync().isClean()).isTrue();
        assertThat(captured(pair).sync().isClean()).isTrue();
    }

    /** Nobody wrote the children, so no trigger told of them. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    @Tag("slow")
    void childrenOfARowThatWasRenamedThereFollowItHere(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory);
                var other = SyncPair.another(engine, pair.remoteBase, directory)) {
            fill(pair);
            assertThat(captured(other).sync().isClean()).isTrue();
            pair.here("UPDATE domains SET name = 'c', updated_at = '2026-01-01 11:00:00' WHERE name = 'a'");
            assertThat(told(captured(pair).push(), "domains", Direction.PUSH)).isEqualTo("UPDATED 1");

            SyncReport report = captured(other).sync();

            assertThat(told(report, "hosts", Direction.PULL)).startsWith("UPDATED 1, SKIPPED");
            assertThat(told(report, "domains", Direction.PULL)).isEqualTo("INSERTED 1, DELETED 1");
            assertThat(other.here()).isEqualTo(pair.here()).isEqualTo(pair.there());
            assertThat(pair.there()).contains("[host, ha, c, null, null, null]");
            // And what was agreed of the children is what they are now: a change of one side is no conflict.
            pair.here("UPDATE hosts SET port = 1, updated_at = '2026-01-01 09:00:00'");
            assertThat(captured(pair).push().count(Outcome.CONFLICTED)).isZero();
            assertThat(captured(other).sync().count(Outcome.CONFLICTED)).isZero();
            assertThat(other.here()).isEqualTo(pair.here()).isEqualTo(pair.there());
        }
    }

    /** Two exchange their keys: both keys were agreed on, and the children are the other's now. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void childrenOfRowsThatExchangeTheirKeysAreTheOthersInTheEnd(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            fill(pair);
            pair.there(
                    "UPDATE domains SET name = 'z' WHERE name = 'a'",
                    "UPDATE domains SET name = 'a' WHERE name = 'b'",
                    "UPDATE domains SET name = 'b' WHERE name = 'z'");
            assertThat(captured(pair).sync().isClean()).isTrue();
            assertThat(pair.here()).isEqualTo(pair.there()).contains("[host, ha, b, null, null, null]");
            pair.here(
                    "UPDATE domains SET name = 'z' WHERE name = 'a'",
                    "UPDATE domains SET name = 'a' WHERE name = 'b'",
                    "UPDATE domains SET name = 'b' WHERE name = 'z'");
            assertThat(captured(pair).sync().isClean()).isTrue();
            assertThat(pair.there()).isEqualTo(pair.here()).contains("[host, ha, a, null, null, null]");
        }
    }

    /** Else the row that was there would be written twice in one statement, and one of the two would be lost. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    @Tag("slow")
    void aRowThatTakesTheKeyOfARenamedOneInTheSameBatchIsAnotherRow(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            fill(pair);
            pair.here(
                    "UPDATE domains SET name = 'c', note = 'renamed', updated_at = '2026-01-01 11:00:00' WHERE name = 'a'",
                    "INSERT INTO domains (name, note, updated_at) VALUES ('a', 'new', '2026-01-01 11:00:00')");
            assertThat(captured(pair).sync().isClean()).isTrue();
            assertThat(pair.there())
                    .isEqualTo(pair.here())
                    .contains("[domain, a, new]", "[domain, c, renamed]", "[host, ha, c, null, null, null]");
            SyncReport report = captured(pair).sync();
            assertThat(report.count(Outcome.CONFLICTED) + report.count(Outcome.UPDATED))
                    .isZero();
        }
    }

    /** It was deleted there and is kept here, since others refer to it: it goes back there though nobody has written it. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    @Tag("slow")
    void whatADeleteThereCouldNotTakeHereGoesBackThere(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            fill(pair);
            pair.here(
                    "CREATE TABLE outsiders (id INTEGER PRIMARY KEY, host_id INTEGER REFERENCES hosts (id))",
                    "INSERT INTO outsiders (host_id) SELECT id FROM hosts WHERE hostname = 'ha'");
            pair.there(
                    "DELETE FROM tags WHERE host_id IN (SELECT id FROM hosts WHERE hostname = 'ha')",
                    "DELETE FROM hosts WHERE hostname = 'ha'");
            assertThat(told(captured(pair).sync(), "hosts", Direction.PULL)).contains("CONFLICTED 1");

            assertThat(told(captured(pair).sync(), "hosts", Direction.PUSH)).contains("INSERTED 1");
            assertThat(pair.there()).isEqualTo(pair.here()).contains("[host, ha, a, null, null, null]");
        }
    }

    /** What was agreed of the renamed row under its old key must not be forgotten for what was agreed of the deleted one. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aRenamedRowThatTakesTheKeyOfADeletedOneLeavesNothingUnderItsOwn(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            fill(pair);
            pair.here(
                    "DELETE FROM tags WHERE host_id IN (SELECT id FROM hosts WHERE hostname = 'ha')",
                    "DELETE FROM hosts WHERE hostname = 'ha'",
                    "DELETE FROM domains WHERE name = 'a'",
                    "UPDATE domains SET name = 'a', updated_at = '2026-01-01 11:00:00' WHERE name = 'b'");
            assertThat(captured(pair).sync().isClean()).isTrue();
            assertThat(pair.there())
                    .isEqualTo(pair.here())
                    .containsExactly("[domain, a, x]", "[host, hb, a, null, null, null]", "[tag, hb, t, 1]");
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    @Tag("slow")
    void aRenamedRowThatWasSetAsideIsStillRenamedWhenItCanGo(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            fill(pair);
            pair.there("UPDATE hosts SET slug = 'wanted' WHERE hostname = 'hb'");
            pair.here("UPDATE hosts SET hostname = 'hc', slug = 'wanted' WHERE hostname = 'ha'");
            assertThat(told(captured(pair).push(), "hosts", Direction.PUSH)).contains("FAILED 1");
            pair.there("UPDATE hosts SET slug = NULL WHERE hostname = 'hb'");
            assertThat(told(captured(pair).push(), "hosts", Direction.PUSH)).contains("UPDATED 1");
            assertThat(captured(pair).sync().isClean()).isTrue();
            assertThat(pair.there())
                    .isEqualTo(pair.here())
                    .contains("[host, hc, a, wanted, null, null]", "[tag, hc, t, 1]")
                    .noneMatch(row -> row.startsWith("[host, ha"));
        }
    }

    /** It has a reused number, and waits: the row that had the number is gone all the same. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aDeletedRowIsDeletedThereThoughARowThatCannotGoHasItsPlace(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            fill(pair);
            pair.there("UPDATE hosts SET slug = 'wanted' WHERE hostname = 'ha'");
            pair.here(
                    "DELETE FROM tags WHERE host_id IN (SELECT id FROM hosts WHERE hostname = 'hb')",
                    "INSERT INTO hosts (id, hostname, domain_id, slug, updated_at) SELECT 1000, 'new', domain_id, 'wanted',"
                            + " updated_at FROM hosts WHERE hostname = 'hb'",
                    "UPDATE hosts SET id = id + 5000 WHERE hostname = 'hb'",
                    "UPDATE hosts SET id = (SELECT max(id) FROM hosts) - 5000 WHERE hostname = 'new'",
                    "DELETE FROM hosts WHERE hostname = 'hb'");
            SyncReport report = captured(pair).push();
            assertThat(told(report, "hosts", Direction.PUSH))
                    .contains("DELETED 1")
                    .contains("FAILED 1");
            assertThat(pair.there()).noneMatch(row -> row.startsWith("[host, hb"));
        }
    }

    /** The older change loses whole, and its row goes here too, though nobody has deleted it there. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    @Tag("slow")
    void aNewKeyThatLosesAgainstANewerChangeGoesAndIsKept(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            fill(pair);
            // What refers to it would keep it.
            pair.here("DELETE FROM tags");
            assertThat(captured(pair).sync().isClean()).isTrue();
            pair.here("UPDATE hosts SET hostname = 'hc', updated_at = '2026-01-01 11:00:00' WHERE hostname = 'ha'");
            pair.there("UPDATE hosts SET port = 7, updated_at = '2026-01-01 12:00:00' WHERE hostname = 'ha'");
            assertThat(told(captured(pair).push(), "hosts", Direction.PUSH)).contains("CONFLICTED 1");
            captured(pair).sync();
            captured(pair).sync();
            assertThat(pair.there())
                    .isEqualTo(pair.here())
                    .contains("[host, ha, a, null, 7, null]")
                    .noneMatch(row -> row.startsWith("[host, hc"));
            assertThat(captured(pair).lostRows("hosts"))
                    .anySatisfy(lost -> assertThat(lost.row()).containsEntry("hostname", "hc"));
        }
    }

    /** Another's row of the new key came first, and is what this place holds now. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    @Tag("slow")
    void aRenameThatAPullHasOvertakenStillTakesTheOldKeyAway(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            fill(pair);
            pair.here(
                    "DELETE FROM tags",
                    "DELETE FROM hosts",
                    "UPDATE domains SET name = 'c', updated_at = '2026-01-01 11:00:00' WHERE name = 'a'");
            pair.there("INSERT INTO domains (name, note, updated_at) VALUES ('c', 'newer', '2026-01-01 12:00:00')");
            captured(pair).pull();
            captured(pair).sync();
            captured(pair).sync();
            assertThat(pair.there()).isEqualTo(pair.here()).containsExactly("[domain, b, x]", "[domain, c, newer]");
            assertThat(captured(pair).lostRows("domains"))
                    .anySatisfy(lost -> assertThat(lost.row()).containsEntry("note", "x"));
        }
    }

    /** A comparison has carried the row in between, and nobody has forgotten that it was inserted. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aRowThatWasComparedSinceItWasInsertedLeavesNothingUnderItsOldKey(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            fill(pair);
            pair.here("INSERT INTO domains (name, note, updated_at) VALUES ('p', 'x', '2026-01-01 10:00:00')");
            SyncEngine sync = captured(pair);
            sync.recompare();
            assertThat(told(sync.push(), "domains", Direction.PUSH)).contains("INSERTED 1");
            pair.here("UPDATE domains SET name = 'q', updated_at = '2026-01-01 11:00:00' WHERE name = 'p'");
            for (int i = 0; i < 3; i++) {
                sync.sync();
            }

            assertThat(pair.here()).isEqualTo(pair.there()).contains("[domain, q, x]");
            assertThat(sync.pendingWrites()).isZero();
            assertThat(sync.verify()).isEmpty();
        }
    }

    /** Only a comparison of the parents finds it, and nobody has noted that their children are others by that. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void childrenOfARowThatWasRenamedWhileNobodyLookedFollowIt(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            fill(pair);
            pair.local.endCapture("domains");
            pair.local.endCapture("hosts");
            pair.here(
                    "UPDATE domains SET name = 'c' WHERE name = 'a'",
                    "UPDATE hosts SET hostname = 'hc' WHERE hostname = 'ha'");
            SyncEngine sync = captured(pair);
            for (int i = 0; i < 4; i++) {
                assertThat(sync.sync().count(Outcome.CONFLICTED)).isZero();
            }

            assertThat(pair.here())
                    .isEqualTo(pair.there())
                    .containsExactly(
                            "[domain, b, x]",
                            "[domain, c, x]",
                            "[host, hb, b, null, null, null]",
                            "[host, hc, c, null, null, null]",
                            "[tag, hb, t, 1]",
                            "[tag, hc, t, 1]");
            assertThat(sync.pendingWrites()).isZero();
        }
    }

    /** It wants a value that it had under its former key, and of that key's row nobody would tell that it is gone. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aRowThatTakesTheKeyOfADeletedOneKeepsItsUniqueValue(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory, "slug VARCHAR(20) UNIQUE", "slug VARCHAR(20) UNIQUE")) {
            SyncEngine sync = tables.engine(SyncTable.named("t").key("k"))
                    .capture(Capture.TRIGGERS)
                    .build();
            tables.runHere("INSERT INTO t (k, slug) VALUES ('a', NULL), ('b', 's'), ('c', 'z')");
            sync.sync();
            sync.sync();
            tables.runHere("DELETE FROM t WHERE k = 'a'", "UPDATE t SET k = 'a' WHERE k = 'b'");

            assertThat(sync.sync().count(Outcome.FAILED)).isZero();
            assertThat(tables.there("SELECT k, slug FROM t ORDER BY k")).containsExactly("a|s", "c|z");
            assertThat(sync.pendingWrites()).isZero();
        }
    }
}
