package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.sync.Capture;
import dev.berth.sync.DeletePolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.SetAside;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncEngineBuilder;
import dev.berth.sync.SyncRefusedException;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncTable;
import dev.berth.sync.Unsent;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows that are marked as deleted, where one side has the mark or both have. */
class SyncTombstoneTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    private static final String LIVING_HERE = "SELECT count(*) FROM domains WHERE deleted_at IS NULL";

    @TempDir
    private Path directory;

    static Stream<Arguments> captures() {
        return REMOTES.stream()
                .flatMap(engine ->
                        Stream.of(Capture.COMPARISON, Capture.TRIGGERS).map(capture -> Arguments.of(engine, capture)));
    }

    private static SyncEngineBuilder engine(SyncPair pair, Capture capture) {
        return SyncEngine.between(pair.local, pair.remote)
                .table(SyncPair.TAGS)
                .table(SyncPair.HOSTS.tombstone("deleted_at"))
                .table(SyncPair.DOMAINS.tombstone("deleted_at"))
                .capture(capture)
                .remoteCapture(capture);
    }

    private static void markHere(SyncPair pair) throws SQLException {
        pair.here("ALTER TABLE domains ADD COLUMN deleted_at TEXT", "ALTER TABLE hosts ADD COLUMN deleted_at TEXT");
    }

    private static void markThere(SyncPair pair) throws SQLException {
        String time = pair.engine == Engine.SQLITE
                ? "TEXT"
                : pair.engine == Engine.POSTGRESQL ? "timestamptz" : "DATETIME(6)";
        pair.there(
                "ALTER TABLE domains ADD COLUMN deleted_at " + time, "ALTER TABLE hosts ADD COLUMN deleted_at " + time);
    }

    private static String domain(String name, String note) {
        return "INSERT INTO domains (name, note, updated_at) VALUES ('" + name + "', '" + note
                + "', '2026-01-01 10:00:00')";
    }

    private static String host(String name, String domain) {
        return "INSERT INTO hosts (hostname, domain_id, updated_at) SELECT '" + name
                + "', id, '2026-01-01 10:00:00' FROM domains WHERE name = '" + domain + "'";
    }

    private static String mark(String table, String key, String value) {
        return "UPDATE " + table + " SET deleted_at = '2026-01-02 10:00:00' WHERE " + key + " = '" + value + "'";
    }

    /** A mark that the other side does not have travels as a delete, and its deletes arrive as marks. */
    @ParameterizedTest
    @MethodSource("captures")
    @Tag("slow")
    void whatIsMarkedHereIsDeletedThereAndWhatIsDeletedThereIsMarkedHere(Engine engine, Capture capture)
            throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            markHere(pair);
            SyncEngine sync = engine(pair, capture).build();
            for (String name : List.of("a", "b", "c")) {
                pair.here(domain(name, "x"), host("h" + name, name));
            }
            assertThat(sync.sync().isClean()).isTrue();
            assertThat(pair.there()).hasSize(6);

            pair.here(mark("domains", "name", "a"), mark("hosts", "hostname", "ha"));
            assertThat(sync.pendingWrites()).isEqualTo(2);
            pair.there("DELETE FROM hosts WHERE hostname = 'hb'", "DELETE FROM domains WHERE name = 'b'");
            SyncReport report = sync.sync();

            for (String table : List.of("domains", "hosts")) {
                assertThat(told(report, table, Direction.PUSH))
                        .contains("DELETED 1")
                        .doesNotContain("CONFLICTED");
                assertThat(told(report, table, Direction.PULL))
                        .contains("DELETED 1")
                        .doesNotContain("CONFLICTED");
            }
            assertThat(pair.there()).containsExactly("[domain, c, x]", "[host, hc, c, null, null, null]");
            assertThat(pair.here()).hasSize(6);
            assertThat(pair.askHere("SELECT name FROM domains WHERE deleted_at IS NULL"))
                    .isEqualTo("c");
            assertThat(pair.askHere("SELECT hostname FROM hosts WHERE deleted_at IS NULL"))
                    .isEqualTo("hc");
            assertThat(pair.askHere("SELECT typeof(deleted_at) FROM domains WHERE name = 'b'"))
                    .isEqualTo("text");
            assertThat(sync.verify()).isEmpty();
            assertThat(sync.pendingWrites()).isZero();
            SyncReport quiet = sync.sync();
            assertThat(quiet.count(dev.berth.sync.Outcome.DELETED) + quiet.count(dev.berth.sync.Outcome.UPDATED))
                    .isZero();

            // What is there again is here again, and the other way round.
            pair.there(domain("b", "again"));
            pair.here("UPDATE domains SET deleted_at = NULL, note = 'back' WHERE name = 'a'");
            SyncReport back = sync.sync();
            assertThat(told(back, "domains", Direction.PUSH))
                    .startsWith("INSERTED 1")
                    .doesNotContain("CONFLICTED");
            assertThat(told(back, "domains", Direction.PULL))
                    .startsWith("INSERTED 1")
                    .doesNotContain("CONFLICTED");
            assertThat(pair.askHere(LIVING_HERE)).isEqualTo("3");
            assertThat(pair.askHere("SELECT count(*) FROM domains")).isEqualTo("3");
            assertThat(pair.askHere("SELECT note FROM domains WHERE name = 'b'"))
                    .isEqualTo("again");
            assertThat(pair.askThere("SELECT note FROM domains WHERE name = 'a'"))
                    .isEqualTo("back");
            // What the marked row had is not thrown away when it is written over.
            assertThat(sync.lostRows("domains"))
                    .singleElement()
                    .satisfies(lost ->
                            assertThat(lost.row()).containsEntry("name", "b").containsEntry("note", "x"));
            assertThat(sync.verify()).isEmpty();

            assertThat(sync.clearLocal(Unsent.KEEP)).isEqualTo(6);
            assertThat(sync.sync().count(dev.berth.sync.Outcome.DELETED)).isZero();
            assertThat(pair.here()).isEqualTo(pair.there());
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void whatIsDeletedHereIsMarkedThereAndWhatIsMarkedThereIsDeletedHere(Engine engine, Capture capture)
            throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            markThere(pair);
            SyncEngine sync = engine(pair, capture).build();
            for (String name : List.of("a", "b", "c")) {
                pair.here(domain(name, "x"), host("h" + name, name));
            }
            assertThat(sync.sync().isClean()).isTrue();
            pair.here("DELETE FROM hosts WHERE hostname = 'ha'", "DELETE FROM domains WHERE name = 'a'");
            pair.there(mark("domains", "name", "b"), mark("hosts", "hostname", "hb"));

            SyncReport report = sync.sync();

            for (String table : List.of("domains", "hosts")) {
                assertThat(told(report, table, Direction.PUSH))
                        .contains("DELETED 1")
                        .doesNotContain("CONFLICTED");
                assertThat(told(report, table, Direction.PULL))
                        .contains("DELETED 1")
                        .doesNotContain("CONFLICTED");
            }
            assertThat(pair.here()).containsExactly("[domain, c, x]", "[host, hc, c, null, null, null]");
            assertThat(pair.there()).hasSize(6);
            assertThat(pair.askThere("SELECT name FROM domains WHERE deleted_at IS NULL"))
                    .isEqualTo("c");
            assertThat(sync.verify()).isEmpty();

            pair.here(domain("a", "again"));
            pair.there("UPDATE domains SET deleted_at = NULL WHERE name = 'b'");
            SyncReport back = sync.sync();
            assertThat(told(back, "domains", Direction.PUSH))
                    .startsWith("INSERTED 1")
                    .doesNotContain("CONFLICTED");
            assertThat(told(back, "domains", Direction.PULL))
                    .startsWith("INSERTED 1")
                    .doesNotContain("CONFLICTED");
            assertThat(pair.askThere("SELECT count(*) FROM domains WHERE deleted_at IS NULL"))
                    .isEqualTo("3");
            assertThat(pair.askHere("SELECT count(*) FROM domains")).isEqualTo("3");
            assertThat(sync.verify()).isEmpty();
        }
    }

    /** Where both have the column its value travels, and the row stays on both. */
    @ParameterizedTest
    @MethodSource("captures")
    void aMarkThatBothHaveTravelsAsAnUpdateAndCountsAsADelete(Engine engine, Capture capture) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            markHere(pair);
            markThere(pair);
            SyncEngine sync = engine(pair, capture).build();
            for (String name : List.of("a", "b", "c")) {
                pair.here(domain(name, "x"), host("h" + name, name));
            }
            sync.sync();
            pair.here(mark("domains", "name", "a"), mark("hosts", "hostname", "ha"));
            pair.there(mark("domains", "name", "b"));

            SyncReport report = sync.sync();

            assertThat(told(report, "domains", Direction.PUSH))
                    .contains("DELETED 1")
                    .doesNotContain("UPDATED");
            assertThat(told(report, "hosts", Direction.PUSH))
                    .contains("DELETED 1")
                    .doesNotContain("UPDATED");
            assertThat(told(report, "domains", Direction.PULL))
                    .contains("DELETED 1")
                    .doesNotContain("UPDATED");
            assertThat(pair.here()).hasSize(6).isEqualTo(pair.there());
            assertThat(pair.askThere("SELECT name FROM domains WHERE deleted_at IS NULL"))
                    .isEqualTo("c");
            assertThat(pair.askHere("SELECT name FROM domains WHERE deleted_at IS NULL"))
                    .isEqualTo("c");
            assertThat(sync.verify()).isEmpty();

            pair.here("UPDATE domains SET deleted_at = NULL WHERE name = 'a'");
            pair.there("DELETE FROM hosts WHERE hostname = 'ha'");
            SyncReport back = sync.sync();
            assertThat(told(back, "domains", Direction.PUSH))
                    .startsWith("INSERTED 1")
                    .doesNotContain("UPDATED");
            assertThat(told(back, "hosts", Direction.PULL)).contains("DELETED 1");
            assertThat(pair.here()).hasSize(5).isEqualTo(pair.there());
        }
    }

    /** Scenario 68, with marks. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    @Tag("slow")
    void whoWinsBetweenAMarkAndAChangeIsSaidByTheDeletePolicy(Engine engine) throws Exception {
        int round = REMOTES.indexOf(engine);
        for (DeletePolicy policy : DeletePolicy.values()) {
            for (String where : List.of("here", "there", "both")) {
                Capture capture = round++ % 2 == 0 ? Capture.COMPARISON : Capture.TRIGGERS;
                try (var pair = SyncPair.of(engine, directory)) {
                    if (!where.equals("there")) {
                        markHere(pair);
                    }
                    if (!where.equals("here")) {
                        markThere(pair);
                    }
                    SyncEngine sync = engine(pair, capture).onDelete(policy).build();
                    pair.here(domain("a", "x"), domain("b", "x"));
                    sync.sync();
                    pair.here("UPDATE domains SET note = 'y' WHERE name = 'b'");
                    pair.there("UPDATE domains SET note = 'y' WHERE name = 'a'");
                    if (where.equals("there")) {
                        pair.here("DELETE FROM domains WHERE name = 'a'");
                    } else {
                        pair.here(mark("domains", "name", "a"));
                    }
                    if (where.equals("here")) {
                        pair.there("DELETE FROM domains WHERE name = 'b'");
                    } else {
                        pair.there(mark("domains", "name", "b"));
                    }

                    SyncReport report = sync.sync();
                    sync.sync();

                    assertThat(told(report, "domains", Direction.PUSH))
                            .as(where)
                            .isEqualTo("CONFLICTED 2");
                    int living = policy == DeletePolicy.UPDATE_WINS ? 2 : 0;
                    String marked = " WHERE deleted_at IS NULL";
                    assertThat(pair.askHere("SELECT count(*) FROM domains" + (where.equals("there") ? "" : marked)))
                            .as(where + policy)
                            .isEqualTo("" + living);
                    assertThat(pair.askThere("SELECT count(*) FROM domains" + (where.equals("here") ? "" : marked)))
                            .as(where + policy)
                            .isEqualTo("" + living);
                    if (living > 0) {
                        assertThat(pair.here()).containsExactly("[domain, a, y]", "[domain, b, y]");
                    } else {
                        assertThat(sync.lostRows("domains"))
                                .as(where)
                                .extracting(lost -> lost.row().get("note"))
                                .contains("y", "y");
                    }
                    assertThat(sync.verify()).as(where + policy).isEmpty();
                }
            }
        }
    }

    /** What living rows refer to is not taken from under them, nor marked. */
    @ParameterizedTest
    @MethodSource("captures")
    void aMarkedParentWithLivingChildrenComesBackAndOneWithMarkedChildrenDoesNot(Engine engine, Capture capture)
            throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            markHere(pair);
            SyncEngine sync = engine(pair, capture).build();
            pair.here(domain("a", "x"), domain("b", "x"), host("hb", "b"));
            sync.sync();
            pair.here(mark("domains", "name", "a"));
            pair.there(host("stranger", "a"), "DELETE FROM hosts WHERE hostname = 'hb'");
            assertThat(told(sync.sync(), "domains", Direction.PUSH)).contains("CONFLICTED 1");
            assertThat(pair.askHere("SELECT count(*) FROM domains WHERE name = 'a' AND deleted_at IS NULL"))
                    .isEqualTo("1");
            assertThat(pair.askHere("SELECT count(*) FROM hosts WHERE hostname = 'hb' AND deleted_at IS NOT NULL"))
                    .isEqualTo("1");

            pair.there("DELETE FROM domains WHERE name = 'b'");
            assertThat(told(sync.sync(), "domains", Direction.PULL)).contains("DELETED 1");
            assertThat(pair.askHere("SELECT count(*) FROM domains WHERE name = 'b' AND deleted_at IS NOT NULL"))
                    .isEqualTo("1");
        }
    }

    /** A row that is marked still has its unique values; no other row gets them. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aUniqueValueOfAMarkedRowIsHeldUnlessTheKeyHoldsForLivingRowsOnly(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            markHere(pair);
            markThere(pair);
            SyncEngine sync = engine(pair, Capture.COMPARISON).batch(1).build();
            pair.there(
                    domain("d", "x"),
                    host("old", "d"),
                    "UPDATE hosts SET slug = 's'",
                    mark("hosts", "hostname", "old"));
            pair.here(domain("d", "x"), host("new", "d"), "UPDATE hosts SET slug = 's'");

            sync.push();

            assertThat(sync.setAside("hosts", Direction.PUSH)).singleElement().satisfies(aside -> {
                assertThat(aside.reason()).isEqualTo(SetAside.Reason.UNIQUE_HELD);
                assertThat(aside.message()).contains("old").contains("which is deleted");
            });
            assertThat(pair.askThere("SELECT slug FROM hosts WHERE hostname = 'old'"))
                    .isEqualTo("s");
        }
        try (var pair = SyncPair.of(engine, directory)) {
            String text = " VARCHAR(20)";
            String table =
                    "CREATE TABLE items (code VARCHAR(20) NOT NULL PRIMARY KEY, slug" + text + ", deleted_at" + text
                            + (engine == Engine.MARIADB
                                    ? ", living VARCHAR(20) AS (IF(deleted_at IS NULL, slug, NULL)) VIRTUAL, UNIQUE (living))"
                                    : ")");
            String local = "CREATE TABLE items (code VARCHAR(20) NOT NULL PRIMARY KEY, slug" + text + ", deleted_at"
                    + text + ")";
            String index = "CREATE UNIQUE INDEX living_slug ON items (slug) WHERE deleted_at IS NULL";
            pair.here(local, index);
            pair.there(table);
            if (engine != Engine.MARIADB) {
                pair.there(index);
            }
            SyncEngine sync = SyncEngine.between(pair.local, pair.remote)
                    .table(SyncTable.named("items").key("code").tombstone("deleted_at"))
                    .onConflict(dev.berth.sync.ConflictPolicy.LOCAL)
                    .batch(1)
                    .build();
            pair.here("INSERT INTO items VALUES ('old', 's', NULL)");
            sync.sync();
            // In the order of their keys the new one comes first.
            pair.here("UPDATE items SET deleted_at = '2026-01-02'", "INSERT INTO items VALUES ('new', 's', NULL)");

            SyncReport report = sync.sync();

            assertThat(told(report, "items", Direction.PUSH)).isEqualTo("INSERTED 1, DELETED 1");
            assertThat(sync.setAside("items", Direction.PUSH)).isEmpty();
            assertThat(pair.askThere("SELECT code FROM items WHERE deleted_at IS NULL AND slug = 's'"))
                    .isEqualTo("new");
            assertThat(sync.verify()).isEmpty();
        }
    }

    /** A flag or a number is a mark too, and a row that comes back has the column's default. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void flagsAndNumbersMarkToo(Engine engine) throws Exception {
        for (String type : List.of("INTEGER NOT NULL DEFAULT 0", "BOOLEAN NOT NULL DEFAULT FALSE")) {
            Capture capture = type.startsWith("INT") ? Capture.COMPARISON : Capture.TRIGGERS;
            try (var pair = SyncPair.of(engine, directory)) {
                pair.there("ALTER TABLE domains ADD COLUMN gone " + type);
                SyncEngine sync = SyncEngine.between(pair.local, pair.remote)
                        .table(SyncPair.DOMAINS.tombstone("gone"))
                        .capture(capture)
                        .remoteCapture(capture)
                        .build();
                pair.here(domain("a", "x"), domain("b", "x"));
                sync.sync();
                String before = pair.askThere("SELECT gone FROM domains WHERE name = 'a'");
                pair.here("DELETE FROM domains WHERE name = 'a'");
                assertThat(told(sync.sync(), "domains", Direction.PUSH)).contains("DELETED 1");
                assertThat(pair.askThere("SELECT gone FROM domains WHERE name = 'a'"))
                        .isIn("1", "t", "true");
                assertThat(told(sync.sync(), "domains", Direction.PULL)).doesNotContain("INSERTED");
                pair.here(domain("a", "back"));
                assertThat(told(sync.sync(), "domains", Direction.PUSH)).contains("INSERTED 1");
                assertThat(pair.askThere("SELECT gone FROM domains WHERE name = 'a'"))
                        .isEqualTo(before);
                assertThat(pair.askThere("SELECT count(*) FROM domains")).isEqualTo("2");
                assertThat(sync.verify()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void aTombstoneThatCannotBeOneIsRefusedWithItsReason(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.there("ALTER TABLE domains ADD COLUMN ended VARCHAR(20) NOT NULL DEFAULT ''");
            for (var refused : List.of(
                    List.of("nowhere", "neither side"),
                    List.of("name", "is its key or version"),
                    List.of("updated_at", "is its key or version"),
                    List.of("ended", "takes no NULL"))) {
                SyncEngine sync = SyncEngine.between(pair.local, pair.remote)
                        .table(SyncPair.DOMAINS.tombstone(refused.get(0)))
                        .build();
                assertThatThrownBy(sync::push)
                        .isInstanceOf(SyncRefusedException.class)
                        .hasMessageContaining(refused.get(1));
            }
            SyncEngine link = SyncEngine.between(pair.local, pair.remote)
                    .table(SyncPair.DOMAINS)
                    .table(SyncPair.HOSTS.tombstone("up_id"))
                    .build();
            assertThatThrownBy(link::push)
                    .isInstanceOf(SyncRefusedException.class)
                    .hasMessageContaining("foreign key");
        }
    }
}
