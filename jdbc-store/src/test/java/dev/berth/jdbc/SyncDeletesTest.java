package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Capture;
import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What was deleted goes, whatever refers to it and is deleted, too; and what strangers refer to stays as it is. */
class SyncDeletesTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    static Stream<Arguments> ways() {
        return SyncPair.REMOTES.stream()
                .flatMap(engine ->
                        Stream.of(Capture.COMPARISON, Capture.TRIGGERS).map(capture -> Arguments.of(engine, capture)));
    }

    private static String number(Engine engine) {
        return engine == Engine.SQLITE ? "INTEGER" : "BIGINT";
    }

    /** Children are in other batches than their parents, and deeper than one. */
    @ParameterizedTest
    @MethodSource("ways")
    void treesAreDeletedWholeAcrossBatchesAndBothWays(Engine engine, Capture capture) throws Exception {
        try (var tables = SyncTables.of(
                engine,
                directory,
                "up_id INTEGER REFERENCES t (id)",
                "up_id " + number(engine) + ", FOREIGN KEY (up_id) REFERENCES t (id)")) {
            String tree =
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO t (id,"
                            + " k, up_id) SELECT i, 'k' || i, CASE WHEN i > 1 THEN i / 3 + (i < 3) END FROM n";
            SyncEngine sync = tables.engine(SyncTable.named("t").key("k"))
                    .capture(capture)
                    .remoteCapture(capture)
                    // A comparison is told by nobody that they were deleted.
                    .mostMissing(100, 100)
                    .batch(7)
                    .build();
            tables.runHere(tree);
            assertThat(sync.sync().status()).isEqualTo(SyncReport.Status.SUCCESS);
            assertThat(tables.there("SELECT count(*) FROM t")).containsExactly("60");
            tables.runHere("DELETE FROM t");
            SyncReport report = sync.sync();
            assertThat(told(report, "t", Direction.PUSH)).isEqualTo("DELETED 60");
            assertThat(report.of("t", Direction.PULL).count(Outcome.INSERTED)).isZero();
            assertThat(tables.there("SELECT count(*) FROM t")).containsExactly("0");
            tables.runHere(tree);
            sync.sync();
            tables.runThere("UPDATE t SET up_id = NULL", "DELETE FROM t");
            assertThat(told(sync.sync(), "t", Direction.PULL)).isEqualTo("DELETED 60");
            assertThat(tables.here("SELECT count(*) FROM t")).containsExactly("0");
            assertThat(sync.sync().count(Outcome.INSERTED)).isZero();
        }
    }

    private static SyncEngine circle(SyncTables tables, Capture capture) throws Exception {
        for (boolean there : new boolean[] {false, true}) {
            String id = SyncTables.id(there ? tables.engine : Engine.SQLITE);
            String type = there ? number(tables.engine) : "INTEGER";
            String[] ddl = {
                "CREATE TABLE customers (" + id + ", name VARCHAR(20) NOT NULL UNIQUE, address_id " + type
                        + (there && tables.engine != Engine.SQLITE ? "" : " REFERENCES addresses (id)") + ")",
                "CREATE TABLE addresses (" + id + ", code VARCHAR(20) NOT NULL UNIQUE, customer_id " + type
                        + " NOT NULL, FOREIGN KEY (customer_id) REFERENCES customers (id))"
            };
            if (there) {
                tables.runThere(ddl);
                if (tables.engine != Engine.SQLITE) {
                    tables.runThere("ALTER TABLE customers ADD FOREIGN KEY (address_id) REFERENCES addresses (id)");
                }
                tables.runThere(
                        "CREATE TABLE strangers (a_id " + type + ", FOREIGN KEY (a_id) REFERENCES addresses (id))");
            } else {
                tables.runHere(ddl);
            }
        }
        tables.runHere(
                "INSERT INTO customers VALUES (1, 'acme', 1), (2, 'init', 2)",
                "INSERT INTO addresses VALUES (1, 'a1', 1), (2, 'a2', 2)");
        return tables.engine(
                        SyncTable.named("customers").key("name"),
                        SyncTable.named("addresses").key("code"))
                .capture(capture)
                .build();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void rowsThatReferToEachOtherInACircleAreDeletedTogether(Engine engine, Capture capture) throws Exception {
        try (var tables = SyncTables.of(engine, directory)) {
            SyncEngine sync = circle(tables, capture);
            sync.sync();
            assertThat(tables.there("SELECT count(*) FROM customers WHERE address_id IS NOT NULL"))
                    .containsExactly("2");
            tables.runHere("DELETE FROM addresses", "DELETE FROM customers");
            SyncReport report = sync.sync();
            assertThat(told(report, "customers", Direction.PUSH)).isEqualTo("DELETED 2");
            assertThat(told(report, "addresses", Direction.PUSH)).isEqualTo("DELETED 2");
            assertThat(tables.there("SELECT name FROM customers")).isEmpty();
            assertThat(tables.here("SELECT name FROM customers")).isEmpty();
            assertThat(sync.sync().count(Outcome.INSERTED)).isZero();
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void aCircleThatStrangersReferToStaysWithItsLinks(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory)) {
            SyncEngine sync = circle(tables, Capture.COMPARISON);
            sync.sync();
            tables.runThere("INSERT INTO strangers SELECT id FROM addresses WHERE code = 'a1'");
            tables.runHere("DELETE FROM addresses", "DELETE FROM customers");
            SyncReport report = sync.sync();
            assertThat(told(report, "customers", Direction.PUSH)).isEqualTo("CONFLICTED 1, DELETED 1");
            assertThat(told(report, "addresses", Direction.PUSH)).isEqualTo("CONFLICTED 1, DELETED 1");
            sync.sync();
            String both = "SELECT c.name, a.code FROM customers c JOIN addresses a ON a.id = c.address_id";
            assertThat(tables.there(both)).containsExactly("acme|a1");
            assertThat(tables.here(both)).containsExactly("acme|a1");
        }
    }

    /** SQLite gives the number of a deleted row again: the delete waits while the new row may be the old one. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aDeleteThatWaitsForTheRowInItsPlaceIsCounted(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory, "v INTEGER", "v INTEGER CHECK (v > 0)")) {
            tables.runHere("INSERT INTO t (k, v) VALUES ('a', 1)");
            SyncEngine sync = tables.sync();
            sync.sync();
            tables.runHere("DELETE FROM t", "INSERT INTO t (k, v) VALUES ('b', -1)");
            assertThat(told(sync.sync(), "t", Direction.PUSH)).isEqualTo("FAILED 1, BLOCKED 1");
            tables.runHere("UPDATE t SET v = 2");
            assertThat(told(sync.sync(), "t", Direction.PUSH)).isEqualTo("INSERTED 1, DELETED 1");
            assertThat(tables.there("SELECT k FROM t")).containsExactly("b");
        }
    }

    static Stream<Arguments> waysOfBothDirections() {
        return ways().flatMap(way ->
                Stream.of(Direction.values()).map(direction -> Arguments.of(way.get()[0], way.get()[1], direction)));
    }

    /** Three domains with a host each; when the third host's delete was carried, the source goes on writing. */
    private static SyncEngine meanwhile(SyncPair pair, Capture capture, Direction direction, String... statements)
            throws Exception {
        for (String name : List.of("a", "b", "c")) {
            pair.here(
                    "INSERT INTO domains (name) VALUES ('" + name + "')",
                    "INSERT INTO hosts (hostname, domain_id) SELECT 'h' || name, id FROM domains WHERE name = '" + name
                            + "'");
        }
        var begun = new AtomicBoolean();
        SyncEngine sync = SyncEngine.between(pair.local, pair.remote)
                .table(SyncTable.named("domains").key("name"))
                .table(SyncTable.named("hosts").key("hostname"))
                .capture(capture)
                .remoteCapture(capture)
                .onConflict(ConflictPolicy.REMOTE)
                .listening(table -> {
                    if (table.table().equals("hosts")
                            && table.direction() == direction
                            && table.count(Outcome.DELETED) > 0
                            && !begun.getAndSet(true)) {
                        run(pair, direction, statements);
                    }
                })
                .build();
        assertThat(sync.sync().isClean()).isTrue();
        assertThat(sync.sync().isClean()).isTrue();
        run(pair, direction, "DELETE FROM hosts WHERE hostname = 'hc'", "DELETE FROM domains WHERE name = 'c'");
        return sync;
    }

    private static void run(SyncPair pair, Direction source, String... statements) {
        try {
            Engine.run(source == Direction.PUSH ? pair.localBase : pair.remoteBase, statements);
        } catch (SQLException failed) {
            throw new AssertionError(failed);
        }
    }

    /** The children were read before, so they still refer to it on the other side: that is nobody's conflict. */
    @ParameterizedTest
    @MethodSource("waysOfBothDirections")
    @Tag("slow")
    void aParentThatIsDeletedWithItsChildrenWithinARunStaysDeleted(Engine engine, Capture capture, Direction direction)
            throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = meanwhile(
                    pair,
                    capture,
                    direction,
                    "DELETE FROM hosts WHERE hostname = 'ha'",
                    "DELETE FROM domains WHERE name = 'a'");
            SyncReport first = sync.sync();
            assertThat(told(first, "domains", direction)).contains("BLOCKED 1", "DELETED 1");
            sync.sync();
            sync.sync();

            assertThat(first.count(Outcome.CONFLICTED)).isZero();
            assertThat(pair.here())
                    .isEqualTo(pair.there())
                    .containsExactly("[domain, b, null]", "[host, hb, b, null, null, null]");
            assertThat(sync.lostRows("domains")).isEmpty();
            assertThat(sync.lostRows("hosts")).isEmpty();
            assertThat(sync.pendingWrites()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("waysOfBothDirections")
    @Tag("slow")
    void aParentWhoseChildrenAreGivenToAnotherWithinARunStaysDeleted(
            Engine engine, Capture capture, Direction direction) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = meanwhile(
                    pair,
                    capture,
                    direction,
                    "UPDATE hosts SET domain_id = (SELECT id FROM domains WHERE name = 'b') WHERE hostname = 'ha'",
                    "DELETE FROM domains WHERE name = 'a'");
            assertThat(sync.sync().count(Outcome.CONFLICTED)).isZero();
            sync.sync();
            sync.sync();

            assertThat(pair.here())
                    .isEqualTo(pair.there())
                    .containsExactly(
                            "[domain, b, null]", "[host, ha, b, null, null, null]", "[host, hb, b, null, null, null]");
            assertThat(sync.lostRows("domains")).isEmpty();
            assertThat(sync.pendingWrites()).isZero();
        }
    }

    /** One referrer leaves, and the other is somebody else's: that one needs the parent, as ever. */
    @ParameterizedTest
    @MethodSource("ways")
    void aParentThatAStrangersRowRefersToComesBackThoughItsOtherChildrenLeave(Engine engine, Capture capture)
            throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = meanwhile(
                    pair,
                    capture,
                    Direction.PUSH,
                    "DELETE FROM hosts WHERE hostname = 'ha'",
                    "DELETE FROM domains WHERE name = 'a'");
            pair.there("INSERT INTO hosts (hostname, domain_id) SELECT 'theirs', id FROM domains WHERE name = 'a'");
            for (int i = 0; i < 4; i++) {
                sync.sync();
            }

            assertThat(pair.here())
                    .isEqualTo(pair.there())
                    .containsExactly(
                            "[domain, a, null]",
                            "[domain, b, null]",
                            "[host, hb, b, null, null, null]",
                            "[host, theirs, a, null, null, null]");
            assertThat(sync.pendingWrites()).isZero();
        }
    }

    /** Hosts of the target that were marked as deleted long ago refer to the parent still, and say nothing. */
    @ParameterizedTest
    @MethodSource("ways")
    void childrenThatWereMarkedAsDeletedBeforeHideNoneThatLeaves(Engine engine, Capture capture) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            for (String table : List.of("domains", "hosts")) {
                pair.there("ALTER TABLE " + table + " ADD COLUMN gone INTEGER DEFAULT 0 NOT NULL");
            }
            pair.here(
                    "INSERT INTO domains (name) VALUES ('a'), ('c')",
                    "INSERT INTO hosts (hostname, domain_id) VALUES ('h1', 1), ('h2', 1), ('hc', 2)");
            var begun = new AtomicBoolean();
            SyncEngine sync = SyncEngine.between(pair.local, pair.remote)
                    .table(SyncTable.named("domains").key("name").tombstone("gone"))
                    .table(SyncTable.named("hosts").key("hostname").tombstone("gone"))
                    .capture(capture)
                    .onConflict(ConflictPolicy.REMOTE)
                    .listening(table -> {
                        if (table.table().equals("hosts")
                                && table.count(Outcome.DELETED) > 0
                                && !begun.getAndSet(true)) {
                            run(
                                    pair,
                                    Direction.PUSH,
                                    "DELETE FROM hosts WHERE hostname = 'h2'",
                                    "DELETE FROM domains WHERE name = 'a'");
                        }
                    })
                    .build();
            sync.sync();
            begun.set(true);
            pair.here("DELETE FROM hosts WHERE hostname = 'h1'");
            sync.sync();
            begun.set(false);
            pair.here("DELETE FROM hosts WHERE hostname = 'hc'", "DELETE FROM domains WHERE name = 'c'");
            assertThat(sync.sync().count(Outcome.CONFLICTED)).isZero();
            assertThat(sync.sync().count(Outcome.CONFLICTED)).isZero();

            assertThat(pair.here()).isEmpty();
            assertThat(pair.askThere("SELECT count(*) FROM hosts WHERE gone = 0"))
                    .isEqualTo("0");
        }
    }

    /** A root that refers to itself is not what keeps it, and neither is what waits with it; a long chain waits at once. */
    @ParameterizedTest
    @MethodSource("ways")
    void aTreeWhoseLeafIsDeletedWithinTheRunGoesWithTheNextOne(Engine engine, Capture capture) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(
                    "INSERT INTO domains (name) VALUES ('a')",
                    "INSERT INTO hosts (id, hostname, domain_id, up_id) VALUES (1, 'root', 1, 1), (2, 'stem', 1, 1), (3,"
                            + " 'leaf', 1, 2), (9, 'other', 1, NULL)",
                    "INSERT INTO tags (host_id, label) VALUES (3, 't'), (9, 't')");
            var begun = new AtomicBoolean();
            SyncEngine sync = SyncEngine.between(pair.local, pair.remote)
                    .table(SyncTable.named("domains").key("name"))
                    .table(SyncTable.named("hosts").key("hostname"))
                    .table(SyncTable.named("tags").key("host_id", "label"))
                    .capture(capture)
                    .mostMissing(100, 100)
                    .onConflict(ConflictPolicy.REMOTE)
                    .listening(table -> {
                        if (table.table().equals("tags")
                                && table.count(Outcome.DELETED) > 0
                                && !begun.getAndSet(true)) {
                            run(
                                    pair,
                                    Direction.PUSH,
                                    "DELETE FROM tags WHERE host_id = 3",
                                    "DELETE FROM hosts WHERE id = 3",
                                    "DELETE FROM hosts WHERE id = 2",
                                    "DELETE FROM hosts WHERE id = 1");
                        }
                    })
                    .build();
            sync.sync();
            assertThat(sync.sync().isClean()).isTrue();
            pair.here("DELETE FROM tags WHERE host_id = 9", "DELETE FROM hosts WHERE id = 9");
            SyncReport first = sync.sync();
            assertThat(first.count(Outcome.CONFLICTED)).isZero();
            assertThat(told(first, "hosts", Direction.PUSH)).contains("BLOCKED 3");
            assertThat(sync.sync().count(Outcome.CONFLICTED)).isZero();

            assertThat(pair.here()).isEqualTo(pair.there()).containsExactly("[domain, a, null]");
        }
    }

    /** Two references share a column, and either may be what keeps the parent. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void childrenLeaveWhicheverOfTwoReferencesWithOneColumnInCommonTheyReferBy(Engine engine) throws Exception {
        for (String values : List.of("'a', 'b'", "'b', 'a'")) {
            try (var tables = SyncTables.of(engine, directory)) {
                for (boolean here : List.of(true, false)) {
                    String id = SyncTables.id(here ? Engine.SQLITE : engine);
                    Engine.run(
                            here ? tables.localBase : tables.remoteBase,
                            "CREATE TABLE items (" + id
                                    + ", tenant VARCHAR(9) NOT NULL, name VARCHAR(20) NOT NULL UNIQUE, UNIQUE (tenant, name))",
                            "CREATE TABLE kids (" + id
                                    + ", k VARCHAR(20) NOT NULL UNIQUE, tenant VARCHAR(9) NOT NULL, item VARCHAR(20), other"
                                    + " VARCHAR(20), FOREIGN KEY (tenant, item) REFERENCES items (tenant, name), FOREIGN"
                                    + " KEY (tenant, other) REFERENCES items (tenant, name))");
                }
                tables.runHere(
                        "INSERT INTO items (tenant, name) VALUES ('t', 'a'), ('t', 'b')",
                        "INSERT INTO kids (k, tenant, item, other) VALUES ('ka', 't', " + values
                                + "), ('kb', 't', 'b', 'b')");
                var begun = new AtomicBoolean();
                SyncEngine sync = tables.engine(
                                SyncTable.named("items").key("name"),
                                SyncTable.named("kids").key("k"))
                        .capture(Capture.TRIGGERS)
                        .listening(table -> {
                            if (table.table().equals("kids")
                                    && table.count(Outcome.DELETED) > 0
                                    && !begun.getAndSet(true)) {
                                deleteA(tables);
                            }
                        })
                        .build();
                assertThat(sync.sync().isClean()).isTrue();
                tables.runHere("DELETE FROM kids WHERE k = 'kb'");
                assertThat(sync.sync().count(Outcome.CONFLICTED)).as(values).isZero();
                assertThat(sync.sync().count(Outcome.CONFLICTED)).as(values).isZero();
                assertThat(tables.here("SELECT name FROM items")).containsExactly("b");
                assertThat(tables.there("SELECT name FROM items")).containsExactly("b");
            }
        }
    }

    private static void deleteA(SyncTables tables) {
        try {
            tables.runHere("DELETE FROM kids WHERE k = 'ka'", "DELETE FROM items WHERE name = 'a'");
        } catch (SQLException failed) {
            throw new AssertionError(failed);
        }
    }

    /** What triggers have noted is carried however much it is, also when it had to wait for a run. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void deletesThatWaitAreStillKnownToHaveBeenNoted(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            String numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) ";
            pair.here(
                    numbers + "INSERT INTO domains (id, name) SELECT i, 'd' || i FROM n",
                    numbers + "INSERT INTO hosts (hostname, domain_id) SELECT 'h' || i, i FROM n");
            var begun = new AtomicBoolean();
            SyncEngine sync = SyncEngine.between(pair.local, pair.remote)
                    .table(SyncTable.named("domains").key("name"))
                    .table(SyncTable.named("hosts").key("hostname"))
                    .remoteCapture(Capture.TRIGGERS)
                    .onConflict(ConflictPolicy.REMOTE)
                    .listening(table -> {
                        if (table.table().equals("hosts")
                                && table.direction() == Direction.PULL
                                && table.count(Outcome.DELETED) > 0
                                && !begun.getAndSet(true)) {
                            run(
                                    pair,
                                    Direction.PULL,
                                    "DELETE FROM hosts WHERE hostname <> 'h2'",
                                    "DELETE FROM domains WHERE name <> 'd2'");
                        }
                    })
                    .build();
            sync.sync();
            sync.sync();
            pair.there("DELETE FROM hosts WHERE hostname = 'h1'", "DELETE FROM domains WHERE name = 'd1'");
            for (int i = 0; i < 3; i++) {
                assertThat(sync.sync().count(Outcome.CONFLICTED)).isZero();
            }

            assertThat(begun).isTrue();
            assertThat(pair.here())
                    .isEqualTo(pair.there())
                    .containsExactly("[domain, d2, null]", "[host, h2, d2, null, null, null]");
        }
    }
}
