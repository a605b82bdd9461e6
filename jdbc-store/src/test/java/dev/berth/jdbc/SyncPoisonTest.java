package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static dev.berth.jdbc.SyncTables.aside;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.sync.Capture;
import dev.berth.sync.Direction;
import dev.berth.sync.SetAside;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncRefusedException;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** A row that cannot go stops no other, whatever it is that refuses it. */
class SyncPoisonTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    private static String many(int rows, String value) {
        return "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + rows
                + ") INSERT INTO t (k, v) SELECT 'k' || i, " + value + " FROM n";
    }

    /** Constraints that wait for the commit, rights to rows, limits of indexes, and codes of the application's own. */
    @ParameterizedTest
    @EnumSource(names = "POSTGRESQL")
    void whateverRefusesARowRefusesThatRowOnly(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory, "v TEXT", "v text")) {
            tables.runThere(
                    "CREATE INDEX long ON t (v)",
                    "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.v = 'late' THEN RAISE"
                            + " EXCEPTION 'too late' USING ERRCODE = 'check_violation'; END IF; RETURN NULL; END $$",
                    "CREATE CONSTRAINT TRIGGER late AFTER INSERT OR UPDATE ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
                            + " EXECUTE PROCEDURE late()",
                    "CREATE FUNCTION soon() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.v = 'own' THEN RAISE"
                            + " EXCEPTION 'mine' USING ERRCODE = 'XAPP1'; ELSIF NEW.v = 'rights' THEN RAISE EXCEPTION"
                            + " 'not yours' USING ERRCODE = '42501'; END IF; RETURN NEW; END $$",
                    "CREATE TRIGGER soon BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE PROCEDURE soon()");
            tables.runHere(
                    many(30, "'x'"),
                    "UPDATE t SET v = 'late' WHERE k = 'k3'",
                    "UPDATE t SET v = 'own' WHERE k = 'k4'",
                    "UPDATE t SET v = 'rights' WHERE k = 'k9'",
                    "UPDATE t SET v = hex(randomblob(9000)) WHERE k = 'k30'");
            SyncEngine sync = tables.sync();
            SyncReport report = sync.sync();
            assertThat(report.status()).isEqualTo(SyncReport.Status.SUCCESS);
            assertThat(told(report, "t", Direction.PUSH)).isEqualTo("INSERTED 26, FAILED 4");
            assertThat(aside(sync, Direction.PUSH))
                    .containsExactly("k3 REFUSED", "k30 REFUSED", "k4 REFUSED", "k9 REFUSED");
            assertThat(tables.there("SELECT count(*) FROM t")).containsExactly("26");
        }
    }

    /** SQLite keeps texts where numbers are declared, in primary keys too. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aTextInAColumnOfNumbersStopsNobody(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory)) {
            tables.runHere(
                    "CREATE TABLE t (id INT NOT NULL DEFAULT (abs(random())) PRIMARY KEY, k VARCHAR(20) NOT NULL UNIQUE, v INT)",
                    "INSERT INTO t VALUES (1, 'a', 1), ('x-2', 'b', 2), (3, 'c', 'no number'), ('y', 'd', 4)");
            tables.runThere("CREATE TABLE t (" + SyncTables.id(engine) + ", k VARCHAR(20) NOT NULL UNIQUE, v INTEGER)");
            SyncEngine sync = tables.engine(SyncTable.named("t").key("k"))
                    .capture(Capture.TRIGGERS)
                    .batch(1)
                    .build();
            if (engine == Engine.SQLITE) {
                // There, too, what is no number is kept.
                assertThat(sync.push().isClean()).isTrue();
                return;
            }
            assertThat(told(sync.push(), "t", Direction.PUSH)).isEqualTo("INSERTED 3, FAILED 1");
            tables.runHere("UPDATE t SET v = 20 WHERE id = 'x-2'");
            assertThat(told(sync.push(), "t", Direction.PUSH)).contains("UPDATED 1");
            assertThat(tables.there("SELECT k, v FROM t ORDER BY k")).containsExactly("a|1", "b|20", "d|4");
        }
    }

    /** Rows whose parents are missing have no key by which they could be told from each other. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void rowsWithoutAWholeKeyAreSetAsideEachForItself(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(
                    "INSERT INTO domains (id, name) VALUES (1, 'd')",
                    "INSERT INTO hosts (id, hostname, domain_id) VALUES (1, 'h', 1)",
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <"
                            + " 2500) INSERT INTO tags (host_id, label) SELECT i, 'web' FROM n");
            SyncEngine sync = pair.engine().build();
            assertThat(told(sync.push(), "tags", Direction.PUSH)).isEqualTo("INSERTED 1, FAILED 2499");
            assertThat(sync.setAside("tags", Direction.PUSH)).hasSize(2499);
            SyncReport again = sync.push();
            assertThat(again.status()).isEqualTo(SyncReport.Status.SUCCESS);
            assertThat(told(again, "tags", Direction.PUSH)).isEqualTo("SKIPPED 1, FAILED 2499");
        }
    }

    /** Scenario 74: a twelfth of the rows are no reason to stop the others; a third is, once what fits has arrived. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void theBreakerCountsRowsAndStopsNoneThatFit(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory, "v INTEGER", "v INTEGER CHECK (v <> 0)")) {
            tables.runHere(many(600, "i % 12"));
            SyncEngine sync =
                    tables.engine(SyncTable.named("t").key("k")).batch(600).build();
            SyncReport report = sync.push();
            assertThat(report.status()).isEqualTo(SyncReport.Status.SUCCESS);
            assertThat(told(report, "t", Direction.PUSH)).isEqualTo("INSERTED 550, FAILED 50");
        }
        try (var tables = SyncTables.of(engine, directory, "v INTEGER", "v INTEGER CHECK (v <> 0)")) {
            tables.runHere(many(300, "i % 3"));
            SyncEngine sync =
                    tables.engine(SyncTable.named("t").key("k")).batch(150).build();
            SyncReport report = sync.push();
            assertThat(report.status()).isEqualTo(SyncReport.Status.FAILED);
            assertThat(report.cause().orElseThrow()).contains("something else must be wrong");
            assertThat(sync.setAside("t", Direction.PUSH)).hasSizeGreaterThan(20);
            int arrived =
                    Integer.parseInt(tables.there("SELECT count(*) FROM t").get(0));
            assertThat(arrived).isPositive();
            // What is set aside rests, so that the next run comes further.
            sync.push();
            assertThat(Integer.parseInt(tables.there("SELECT count(*) FROM t").get(0)))
                    .isGreaterThan(arrived);
        }
    }

    /** Sort positions are what is swapped most, and are often not to be negative. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void valuesThatMustNotBeNegativeAreSwappedToo(Engine engine) throws Exception {
        String there = engine == Engine.MARIADB
                ? "v INT UNSIGNED NOT NULL UNIQUE"
                : "v INTEGER NOT NULL UNIQUE CHECK (v >= 0)";
        try (var tables = SyncTables.of(engine, directory, "v INTEGER NOT NULL UNIQUE", there)) {
            tables.runHere("INSERT INTO t (k, v) VALUES ('a', 0), ('b', 1)");
            SyncEngine sync = tables.sync();
            sync.sync();
            tables.runHere(
                    "UPDATE t SET v = 7 WHERE k = 'a'",
                    "UPDATE t SET v = 0 WHERE k = 'b'",
                    "UPDATE t SET v = 1" + " WHERE k = 'a'");
            assertThat(told(sync.sync(), "t", Direction.PUSH)).isEqualTo("UPDATED 2");
            assertThat(tables.there("SELECT k, v FROM t ORDER BY k")).containsExactly("a|1", "b|0");
        }
    }

    /** Types with an order of their own. */
    @ParameterizedTest
    @EnumSource(names = "POSTGRESQL")
    void rowsArePagedInTheOrderOfTheirOwnKeys(Engine engine) throws Exception {
        for (String type : List.of("citext", "mood", "uuid", "char(5)", "varchar(9) COLLATE \"und-x-icu\"")) {
            boolean uuid = type.equals("uuid");
            List<String> keys = uuid
                    ? List.of("00000000-0000-0000-0000-00000000000a", "a0000000-0000-0000-0000-000000000000")
                    : List.of("Bob", "Dave", "alice", "carol");
            try (var tables = SyncTables.of(engine, directory)) {
                tables.runThere(
                        "CREATE EXTENSION IF NOT EXISTS citext",
                        "CREATE TYPE mood AS ENUM ('carol', 'Bob', 'alice', 'Dave')",
                        "CREATE TABLE t (k " + type + " PRIMARY KEY)",
                        "INSERT INTO t VALUES ('" + String.join("'), ('", keys) + "')");
                tables.runHere("CREATE TABLE t (k VARCHAR(40) NOT NULL PRIMARY KEY)");
                SyncEngine sync =
                        tables.engine(SyncTable.named("t").key("k")).batch(1).build();
                SyncReport report = sync.sync();
                assertThat(told(report, "t", Direction.PULL)).as(type).isEqualTo("INSERTED " + keys.size());
                assertThat(tables.here("SELECT k FROM t ORDER BY k")).isEqualTo(keys);
                assertThat(sync.verify()).isEmpty();
            }
        }
    }

    /** Who holds the value is the row itself, under the key that it had. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aNewKeyOfARowThatHasAUniqueValueGoesOverWithItsChildren(Engine engine) throws Exception {
        for (Capture capture : List.of(Capture.COMPARISON, Capture.TRIGGERS)) {
            try (var pair = SyncPair.of(engine, directory)) {
                pair.here(
                        "INSERT INTO domains (id, name) VALUES (1, 'd')",
                        "INSERT INTO hosts (id, hostname, domain_id, slug) VALUES (1, 'old', 1, 's')",
                        "INSERT INTO tags (host_id, label) VALUES (1, 'web')");
                SyncEngine sync = pair.engine().capture(capture).build();
                sync.sync();
                String id = pair.askThere("SELECT id FROM hosts");
                pair.here("UPDATE hosts SET hostname = 'new', updated_at = '2026-02-01 00:00:00'");
                assertThat(told(sync.sync(), "hosts", Direction.PUSH)).startsWith("UPDATED 1");
                sync.sync();
                assertThat(pair.there()).isEqualTo(pair.here());
                assertThat(pair.askThere("SELECT id FROM hosts WHERE hostname = 'new'"))
                        .isEqualTo(id);
                assertThat(pair.askThere("SELECT count(*) FROM hosts")).isEqualTo("1");
                assertThat(sync.verify()).isEmpty();
                assertThat(sync.setAside("hosts", Direction.PUSH)).isEmpty();
            }
        }
    }

    /** What costs nothing to try is tried in every run, however often it was in vain. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aValueThatBecomesFreeIsTakenHoweverLateThatIs(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory, "v VARCHAR(9) UNIQUE", "v VARCHAR(9) UNIQUE")) {
            tables.runThere("INSERT INTO t (k, v) VALUES ('holder', 'x')");
            tables.runHere("INSERT INTO t (k, v) VALUES ('a', 'x')");
            SyncEngine sync = tables.sync();
            for (int i = 0; i < 12; i++) {
                assertThat(sync.push().count(dev.berth.sync.Outcome.FAILED)).isEqualTo(1);
            }
            assertThat(SyncTables.reasons(sync, Direction.PUSH)).containsExactly(SetAside.Reason.UNIQUE_HELD);
            tables.runThere("UPDATE t SET v = 'y'");
            assertThat(told(sync.push(), "t", Direction.PUSH)).isEqualTo("INSERTED 1");
        }
    }

    /** Two parents of one column, or a parent whose key has more columns than the link. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aLinkWhoseParentCannotBeToldIsRefused(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory)) {
            for (boolean there : new boolean[] {false, true}) {
                String id = SyncTables.id(there ? engine : Engine.SQLITE);
                String type = there && engine != Engine.SQLITE ? "BIGINT" : "INTEGER";
                String[] ddl = {
                    "CREATE TABLE a (" + id + ", k VARCHAR(9) NOT NULL UNIQUE)",
                    "CREATE TABLE b (" + id + ", k VARCHAR(9) NOT NULL UNIQUE)",
                    "CREATE TABLE c (x INTEGER NOT NULL, y INTEGER NOT NULL, PRIMARY KEY (x, y))",
                    "CREATE TABLE t (" + id + ", k VARCHAR(9) NOT NULL UNIQUE, p_id " + type + ", c_id " + type
                            + ", FOREIGN KEY (p_id) REFERENCES " + (there ? "a" : "b") + " (id))"
                };
                if (there) {
                    tables.runThere(ddl);
                } else {
                    tables.runHere(ddl);
                }
            }
            SyncEngine sync = tables.engine(
                            SyncTable.named("a").key("k"),
                            SyncTable.named("b").key("k"),
                            SyncTable.named("c").key("x", "y"),
                            SyncTable.named("t").key("k").reference("c_id", "c"))
                    .build();
            assertThatThrownBy(sync::sync)
                    .isInstanceOf(SyncRefusedException.class)
                    .hasMessageContaining("p_id refers to b and to a")
                    .hasMessageContaining("c_id is to refer to c");
        }
    }

    /** MariaDB takes 64 MB at once here, and 16 MB elsewhere. */
    @Tag("deep")
    @ParameterizedTest
    @EnumSource(names = "MARIADB")
    void rowsThatAreLargeTogetherGoInSeveralStatements(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory, "v TEXT", "v LONGTEXT")) {
            tables.runHere(many(500, "hex(zeroblob(80000))"));
            SyncEngine sync = tables.sync();
            assertThat(told(sync.push(), "t", Direction.PUSH)).isEqualTo("INSERTED 500");
            tables.runHere("INSERT INTO t (k, v) VALUES ('huge', hex(zeroblob(40000000))), ('small', 'x')");
            SyncReport report = sync.push();
            assertThat(report.status()).isEqualTo(SyncReport.Status.SUCCESS);
            assertThat(told(report, "t", Direction.PUSH)).isEqualTo("INSERTED 1, SKIPPED 500, FAILED 1");
        }
    }
}
