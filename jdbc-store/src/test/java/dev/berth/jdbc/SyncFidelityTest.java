package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static dev.berth.jdbc.SyncTables.aside;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SetAside;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncRefusedException;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** What was written is what is there: no value is changed on its way, and no row is dropped, without being told of. */
class SyncFidelityTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    private static void isQuiet(SyncEngine sync) {
        SyncReport report = sync.sync();
        assertThat(report.status()).isEqualTo(SyncReport.Status.SUCCESS);
        for (Outcome outcome : List.of(Outcome.INSERTED, Outcome.UPDATED, Outcome.CONFLICTED, Outcome.DELETED)) {
            assertThat(report.count(outcome)).as("%s", outcome).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void numbersThatAColumnWouldRoundAreSetAsideAndStayAsTheyAre(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory, "amount DECIMAL(38,18)", "amount DECIMAL(38,18)")) {
            tables.runThere("INSERT INTO t (k, amount) VALUES ('a', 1234567890.123456789012345678), ('b', 12.5),"
                    + " ('c', 12345678901234567890), ('d', 9007199254740993)");
            List<String> before = tables.there("SELECT k, amount FROM t ORDER BY k");
            SyncEngine sync = tables.sync();
            assertThat(told(sync.sync(), "t", Direction.PULL)).isEqualTo("INSERTED 2, FAILED 2");
            assertThat(aside(sync, Direction.PULL)).containsExactly("a VALUE", "c VALUE");
            assertThat(tables.here("SELECT k, amount FROM t ORDER BY k"))
                    .containsExactly("b|12.5", "d|9007199254740993");
            isQuiet(sync);
            assertThat(tables.there("SELECT k, amount FROM t ORDER BY k")).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "POSTGRESQL")
    void whatIsNoNumberOrNoTimeIsSetAsideAndStaysAsItIs(Engine engine) throws Exception {
        try (var tables = SyncTables.of(
                engine,
                directory,
                "v DOUBLE, until TIMESTAMP, day DATE, ti TIME, note TEXT",
                "v double precision, until timestamptz, day date, ti time, note text")) {
            tables.runThere(
                    "INSERT INTO t (k, v) VALUES ('nan', 'NaN'), ('inf', 'Infinity'), ('zero', '-0.0')",
                    "INSERT INTO t (k, until) VALUES ('ever', 'infinity'), ('end', '9999-12-31 23:59:59+00')",
                    "INSERT INTO t (k, day) VALUES ('today', '2026-01-01'), ('doom', 'infinity')",
                    "INSERT INTO t (k, ti) VALUES ('noon', '12:00'), ('midnight', '24:00')");
            List<String> before = tables.there("SELECT k, v, until, day, ti FROM t ORDER BY k");
            SyncEngine sync = tables.sync();
            assertThat(told(sync.sync(), "t", Direction.PULL)).isEqualTo("INSERTED 5, FAILED 4");
            assertThat(aside(sync, Direction.PULL))
                    .containsExactly("doom VALUE", "ever VALUE", "midnight VALUE", "nan VALUE");
            assertThat(tables.here("SELECT ti FROM t WHERE k = 'noon'")).containsExactly("12:00:00");
            isQuiet(sync);
            tables.runHere("UPDATE t SET note = 'edited'");
            assertThat(told(sync.sync(), "t", Direction.PUSH)).isEqualTo("UPDATED 5");
            assertThat(tables.there("SELECT k, v + 0, until, day, ti FROM t WHERE k <> 'zero' ORDER BY k"))
                    .isEqualTo(before.stream()
                            .filter(row -> !row.startsWith("zero"))
                            .toList());
        }
    }

    @ParameterizedTest
    @EnumSource(names = "MARIADB")
    void numbersThatADriverTakesForFlagsAndDatesTravelAsNumbers(Engine engine) throws Exception {
        try (var tables = SyncTables.of(
                engine, directory, "prio INTEGER, y INTEGER, note TEXT", "prio TINYINT(1), y YEAR, note VARCHAR(20)")) {
            tables.runThere("INSERT INTO t (k, prio, y) VALUES ('a', 5, 2024), ('b', 0, NULL), ('c', -3, 1999)");
            SyncEngine sync = tables.sync();
            assertThat(told(sync.sync(), "t", Direction.PULL)).isEqualTo("INSERTED 3");
            assertThat(tables.here("SELECT k, prio, y FROM t ORDER BY k"))
                    .containsExactly("a|5|2024", "b|0|null", "c|-3|1999");
            tables.runHere("UPDATE t SET note = 'edited'");
            assertThat(told(sync.sync(), "t", Direction.PUSH)).isEqualTo("UPDATED 3");
            assertThat(tables.there("SELECT k, prio + 0 FROM t ORDER BY k")).containsExactly("a|5", "b|0", "c|-3");
            isQuiet(sync);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "MARIADB")
    void timesThatAreNoneAreSetAsideAndAreNotWrittenOver(Engine engine) throws Exception {
        try (var tables = SyncTables.of(
                engine,
                directory,
                "ti TIME, d DATE, at TIMESTAMP, note TEXT",
                "ti TIME, d DATE, at DATETIME(6), note TEXT")) {
            tables.runHere("INSERT INTO t (k, d) VALUES ('agreed', '2026-01-01')");
            tables.runThere("INSERT INTO t (k, ti, at) VALUES ('ok', '12:00:00', '2026-01-01 10:00:00.25'), ('long',"
                    + " '120:30:00', NULL), ('neg', '-01:00:00', NULL)");
            SyncEngine sync = tables.sync();
            sync.sync();
            try (Connection connection = Engine.connect(tables.remoteBase);
                    Statement statement = connection.createStatement()) {
                statement.execute("SET sql_mode = ''");
                statement.execute("INSERT INTO t (k, d) VALUES ('zero', '0000-00-00'), ('part', '2020-00-00')");
                statement.execute("INSERT INTO t (k, at) VALUES ('never', '0000-00-00 00:00:00')");
                statement.execute("UPDATE t SET d = '0000-00-00' WHERE k = 'agreed'");
            }
            tables.runHere("UPDATE t SET note = 'edited here'");
            SyncReport report = sync.sync();
            assertThat(report.status()).isEqualTo(SyncReport.Status.SUCCESS);
            assertThat(aside(sync, Direction.PUSH)).containsExactly("agreed VALUE");
            assertThat(aside(sync, Direction.PULL))
                    .containsExactly(
                            "agreed VALUE", "long VALUE", "neg VALUE", "never VALUE", "part VALUE", "zero VALUE");
            assertThat(tables.there("SELECT k, cast(ti AS CHAR), cast(d AS CHAR), note FROM t ORDER BY k"))
                    .contains(
                            "agreed|null|0000-00-00|null",
                            "ok|12:00:00|null|edited here",
                            "long|120:30:00|null|null",
                            "part|null|2020-00-00|null");
            assertThat(tables.here("SELECT k, ti, at FROM t ORDER BY k"))
                    .containsExactly("agreed|null|null", "ok|12:00:00|2026-01-01 10:00:00.25");
        }
    }

    /** Triggers and rules of the host's may drop rows, and some databases say nothing of it. */
    @ParameterizedTest
    @EnumSource(names = {"SQLITE", "POSTGRESQL"})
    void aRowThatTheOtherSideDropsWithoutAWordIsSetAsideAndLostNowhere(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory, "v TEXT", "v TEXT")) {
            if (engine == Engine.SQLITE) {
                tables.runThere(
                        "CREATE TRIGGER f BEFORE INSERT ON t WHEN NEW.k = 'spam' BEGIN SELECT RAISE(IGNORE); END",
                        "CREATE TRIGGER g BEFORE UPDATE ON t WHEN NEW.v = 'spam' BEGIN SELECT RAISE(IGNORE); END",
                        "CREATE TRIGGER h BEFORE DELETE ON t WHEN OLD.k = 'kept' BEGIN SELECT RAISE(IGNORE); END");
            } else {
                tables.runThere(
                        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN IF"
                                + " OLD.k = 'kept' THEN RETURN NULL; END IF; RETURN OLD; END IF; IF NEW.k = 'spam' OR"
                                + " NEW.v = 'spam' THEN RETURN NULL; END IF; RETURN NEW; END $$",
                        "CREATE TRIGGER f BEFORE INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE PROCEDURE f()");
            }
            tables.runHere("INSERT INTO t (k, v) VALUES ('a', '1'), ('spam', '1'), ('b', '1'), ('kept', '1')");
            SyncEngine sync = tables.sync();
            SyncReport first = sync.sync();
            assertThat(told(first, "t", Direction.PUSH)).isEqualTo("INSERTED 3, FAILED 1");
            assertThat(told(first, "t", Direction.PULL)).isEqualTo("SKIPPED 3");
            assertThat(aside(sync, Direction.PUSH)).containsExactly("spam REFUSED");
            assertThat(tables.here("SELECT count(*) FROM t")).containsExactly("4");
            tables.runHere("UPDATE t SET v = 'spam' WHERE k = 'a'", "UPDATE t SET v = '2' WHERE k = 'b'");
            assertThat(told(sync.sync(), "t", Direction.PUSH)).isEqualTo("UPDATED 1, SKIPPED 1, FAILED 2");
            assertThat(tables.here("SELECT v FROM t WHERE k = 'a'")).containsExactly("spam");
            // Where a delete is not done, the row is not taken for deleted.
            tables.runHere("DELETE FROM t WHERE k = 'kept'");
            assertThat(told(sync.sync(), "t", Direction.PUSH)).contains("CONFLICTED 1");
            sync.sync();
            assertThat(tables.here("SELECT count(*) FROM t WHERE k = 'kept'")).containsExactly("1");
        }
    }

    /** What the other side's own triggers make of a row is a change that it made. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void triggersOfTheHostThatChangeRowsOnBothSidesComeToRest(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory, "v TEXT, n INTEGER", "v VARCHAR(20), n INTEGER")) {
            tables.runHere(
                    "CREATE TRIGGER touch AFTER UPDATE OF v ON t BEGIN UPDATE t SET n = coalesce(OLD.n, 0) + 10 WHERE id ="
                            + " NEW.id; END");
            switch (engine) {
                case SQLITE ->
                    tables.runThere("CREATE TRIGGER f AFTER INSERT ON t BEGIN UPDATE t SET v = lower(v), n = 1"
                            + " WHERE id = NEW.id; END");
                case POSTGRESQL ->
                    tables.runThere(
                            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v = lower(NEW.v);"
                                    + " NEW.n = 1; RETURN NEW; END $$",
                            "CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE PROCEDURE f()");
                default ->
                    tables.runThere("CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW SET NEW.v = lower(NEW.v), NEW.n"
                            + " = 1");
            }
            tables.runHere("INSERT INTO t (k, v) VALUES ('a', 'LOUD')");
            SyncEngine sync = tables.sync();
            SyncReport first = sync.sync();
            assertThat(told(first, "t", Direction.PUSH)).isEqualTo("INSERTED 1");
            assertThat(told(first, "t", Direction.PULL)).isEqualTo("UPDATED 1");
            assertThat(tables.there("SELECT v, n FROM t")).containsExactly("loud|1");
            assertThat(tables.here("SELECT v FROM t")).containsExactly("loud");
            isQuiet(sync);
            isQuiet(sync);
            tables.runThere("UPDATE t SET v = 'quiet'");
            assertThat(told(sync.sync(), "t", Direction.PULL)).isEqualTo("UPDATED 1");
            assertThat(tables.here("SELECT v FROM t")).containsExactly("quiet");
            isQuiet(sync);
        }
    }

    /** SQLite takes NULL in primary keys, and finds no bytes by a text. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aPrimaryKeyByWhichNoRowIsFoundAgainIsRefused(Engine engine) throws Exception {
        for (String id : List.of("id TEXT PRIMARY KEY", "id BLOB PRIMARY KEY DEFAULT (randomblob(16))")) {
            try (var tables = SyncTables.of(engine, directory)) {
                tables.runHere("CREATE TABLE t (" + id + ", k VARCHAR(20) NOT NULL UNIQUE, v TEXT)");
                tables.runThere(
                        "CREATE TABLE t (" + SyncTables.id(engine) + ", k VARCHAR(20) NOT NULL UNIQUE, v TEXT)",
                        "INSERT INTO t (k) VALUES ('a')");
                SyncEngine sync = tables.sync();
                assertThatThrownBy(sync::sync)
                        .isInstanceOf(SyncRefusedException.class)
                        .hasMessageContaining("local")
                        .hasMessageContaining("t");
            }
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void rowsWithoutAPrimaryKeyHideNoOthersFromTheirPages(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory)) {
            tables.runHere(
                    "CREATE TABLE t (k VARCHAR(20) PRIMARY KEY, v TEXT)",
                    "INSERT INTO t VALUES (NULL, '1'), (NULL, '2'), (NULL, '3'), ('a', '4'), ('z', '5')");
            tables.runThere("CREATE TABLE t (k VARCHAR(20) NOT NULL PRIMARY KEY, v VARCHAR(20))");
            SyncEngine sync =
                    tables.engine(SyncTable.named("t").key("k")).batch(2).build();
            assertThat(told(sync.sync(), "t", Direction.PUSH)).startsWith("INSERTED 2, FAILED");
            assertThat(tables.there("SELECT k FROM t ORDER BY k")).containsExactly("a", "z");
        }
    }

    /** Blanks at the end say nothing to a column of type CHAR: it fills them up, or cuts them off. */
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void keysThatAreFilledUpWithBlanksStayOneRow(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory)) {
            tables.runHere(
                    "CREATE TABLE t (id INTEGER PRIMARY KEY, k VARCHAR(5) NOT NULL UNIQUE, v TEXT)",
                    "INSERT INTO t VALUES (1, 'ab', '1'), (2, 'cd ', '1')",
                    "CREATE TABLE kids (id INTEGER PRIMARY KEY, k VARCHAR(5) NOT NULL UNIQUE, t_id INTEGER NOT NULL"
                            + " REFERENCES t (id))",
                    "INSERT INTO kids VALUES (1, 'kid', 1)");
            String foreign = engine == Engine.POSTGRESQL ? "bigint" : "BIGINT";
            tables.runThere(
                    "CREATE TABLE t (" + SyncTables.id(engine) + ", k CHAR(5) NOT NULL UNIQUE, v VARCHAR(9))",
                    "CREATE TABLE kids (" + SyncTables.id(engine) + ", k CHAR(5) NOT NULL UNIQUE, t_id " + foreign
                            + " NOT NULL REFERENCES t (id))");
            SyncEngine sync = tables.engine(
                            SyncTable.named("t").key("k"),
                            SyncTable.named("kids").key("k"))
                    .build();
            SyncReport first = sync.sync();
            assertThat(told(first, "t", Direction.PUSH)).isEqualTo("INSERTED 1, FAILED 1");
            assertThat(told(first, "t", Direction.PULL)).isEqualTo("SKIPPED 1");
            assertThat(told(first, "kids", Direction.PUSH)).isEqualTo("INSERTED 1");
            assertThat(aside(sync, Direction.PUSH)).containsExactly("cd  VALUE");
            isQuiet(sync);
            tables.runThere("UPDATE t SET v = '2'");
            assertThat(told(sync.sync(), "t", Direction.PULL)).isEqualTo("UPDATED 1");
            assertThat(tables.here("SELECT id, k, v FROM t")).containsExactly("1|ab|2", "2|cd |1");
        }
    }

    @ParameterizedTest
    @EnumSource(names = "MARIADB")
    void wordsThatTheOtherSideSpellsOtherwiseAreSetAside(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory, "v TEXT", "v ENUM('Red', 'Green')")) {
            tables.runHere("INSERT INTO t (k, v) VALUES ('a', 'Red'), ('b', 'green'), ('c', 'Green')");
            SyncEngine sync = tables.sync();
            assertThat(told(sync.sync(), "t", Direction.PUSH)).isEqualTo("INSERTED 2, FAILED 1");
            assertThat(aside(sync, Direction.PUSH)).containsExactly("b VALUE");
            assertThat(tables.there("SELECT k, v FROM t ORDER BY k")).containsExactly("a|Red", "c|Green");
            isQuiet(sync);
        }
    }

    /** The commonest end of all times is beyond what fits into 64 bits of nanoseconds. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void theEndOfAllTimesIsATimeLikeOthers(Engine engine) throws Exception {
        String time = engine == Engine.MARIADB ? "DATETIME(6)" : "TIMESTAMP";
        try (var tables = SyncTables.of(engine, directory, "at TIMESTAMP, v TEXT", "at " + time + ", v VARCHAR(20)")) {
            tables.runHere(
                    "INSERT INTO t (k, at) VALUES ('here', '9999-12-31 23:59:59'), ('old', '1200-01-01 00:00:00')");
            tables.runHere("INSERT INTO t (k, at) VALUES ('micros', 1767261600000000), ('millis', 1767261600000)");
            tables.runThere("INSERT INTO t (k, at) VALUES ('there', '9999-12-31 23:59:59')");
            SyncEngine sync =
                    tables.engine(SyncTable.named("t").key("k").version("at")).build();
            assertThat(sync.sync().isClean()).isTrue();
            assertThat(tables.there("SELECT k FROM t ORDER BY k"))
                    .containsExactly("here", "micros", "millis", "old", "there");
            assertThat(tables.there("SELECT count(*) FROM t WHERE at = '2026-01-01 10:00:00'"))
                    .containsExactly(engine == Engine.SQLITE ? "0" : "2");
            assertThat(sync.verify()).isEmpty();
            assertThat(sync.pendingWrites()).isZero();
            assertThat(sync.plan(Direction.PUSH).status()).isEqualTo(SyncReport.Status.SUCCESS);
        }
    }

    /** A row that is kept is read again when the table has other columns. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aKeptRowIsReadByTheNamesOfItsColumns(Engine engine) throws Exception {
        String columns = "salary VARCHAR(20), street VARCHAR(20), town VARCHAR(20)";
        try (var tables = SyncTables.of(engine, directory, columns, columns)) {
            tables.runHere(
                    "INSERT INTO t (k, salary, street, town) VALUES ('x', '100', 's', 't'), ('y', '1', 's', 't')");
            tables.sync().sync();
            tables.runHere("UPDATE t SET salary = '999' WHERE k = 'x'", "UPDATE t SET street = 'mine'");
            tables.runThere("UPDATE t SET town = 'theirs'", "UPDATE t SET salary = NULL WHERE k = 'y'");
            tables.runHere("UPDATE t SET salary = NULL WHERE k = 'y'");
            SyncEngine before = tables.sync();
            assertThat(told(before.sync(), "t", Direction.PUSH)).isEqualTo("CONFLICTED 2");
            tables.runHere("ALTER TABLE t DROP COLUMN salary", "ALTER TABLE t ADD COLUMN p VARCHAR(20) DEFAULT 'p'");
            tables.runThere("ALTER TABLE t DROP COLUMN salary", "ALTER TABLE t ADD COLUMN p VARCHAR(20) DEFAULT 'p'");
            SyncEngine sync = tables.sync();
            sync.sync();
            var lost = sync.lostRows("t");
            assertThat(lost)
                    .extracting(row -> row.row().toString())
                    .contains("{k=x, salary=999, street=mine, town=t}", "{k=y, salary=null, street=mine, town=t}");
            for (var row : lost) {
                if (row.row().get("salary") != null) {
                    assertThatThrownBy(() -> sync.reapply(row))
                            .isInstanceOf(SyncRefusedException.class)
                            .hasMessageContaining("salary");
                } else if ("mine".equals(row.row().get("street"))) {
                    sync.reapply(row);
                }
            }
            assertThat(tables.here("SELECT k, street, town, p FROM t ORDER BY k"))
                    .containsExactly("x|s|theirs|p", "y|mine|t|p");
            assertThat(sync.sync().isClean()).isTrue();
            assertThat(tables.there("SELECT k, street, town, p FROM t ORDER BY k"))
                    .containsExactly("x|s|theirs|p", "y|mine|t|p");
        }
    }

    /** A foreign key of two columns of which one is NULL refers to nothing, but the other column says something. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aForeignKeyThatIsPartlySetLosesNoColumn(Engine engine) throws Exception {
        String number = engine == Engine.SQLITE ? "INTEGER" : "BIGINT";
        for (String own : List.of("NOT NULL REFERENCES tenants (id)", "")) {
            try (var tables = SyncTables.of(engine, directory)) {
                for (boolean there : new boolean[] {false, true}) {
                    String id = SyncTables.id(there ? engine : Engine.SQLITE);
                    String type = there ? number : "INTEGER";
                    String shared = own.isEmpty() || !there || engine != Engine.MARIADB
                            ? type + " " + own
                            : type + " NOT NULL, FOREIGN KEY (tenant_id) REFERENCES tenants (id)";
                    String[] ddl = {
                        "CREATE TABLE tenants (" + id + ", tname VARCHAR(20) NOT NULL UNIQUE)",
                        "CREATE TABLE hosts (tenant_id " + type + " NOT NULL, no " + type
                                + " NOT NULL, hostname VARCHAR(20) NOT NULL UNIQUE, PRIMARY KEY (tenant_id, no), FOREIGN"
                                + " KEY (tenant_id) REFERENCES tenants (id))",
                        "CREATE TABLE t (" + id + ", k VARCHAR(20) NOT NULL UNIQUE, host_no " + type + ", tenant_id "
                                + shared + ", FOREIGN KEY (tenant_id, host_no) REFERENCES hosts (tenant_id, no))"
                    };
                    if (there) {
                        tables.runThere(ddl);
                        tables.runThere("INSERT INTO tenants (tname) VALUES ('other')");
                    } else {
                        tables.runHere(ddl);
                    }
                }
                tables.runHere(
                        "INSERT INTO tenants VALUES (1, 'acme')",
                        "INSERT INTO hosts VALUES (1, 7, 'h1')",
                        "INSERT INTO t (k, tenant_id, host_no) VALUES ('both', 1, 7), ('tenant only', 1, NULL)");
                SyncEngine sync = tables.engine(
                                SyncTable.named("tenants").key("tname"),
                                SyncTable.named("hosts").key("hostname").columns("hostname", "tenant_id", "no"),
                                SyncTable.named("t").key("k"))
                        .build();
                sync.sync();
                List<String> arrived = tables.there(
                        "SELECT t.k, n.tname, t.host_no FROM t LEFT JOIN tenants n ON n.id = t.tenant_id ORDER BY t.k");
                if (own.isEmpty()) {
                    assertThat(arrived).containsExactly("both|acme|7");
                    assertThat(SyncTables.reasons(sync, Direction.PUSH)).containsExactly(SetAside.Reason.VALUE);
                } else {
                    assertThat(arrived).containsExactly("both|acme|7", "tenant only|acme|null");
                    assertThat(sync.verify()).isEmpty();
                    isQuiet(sync);
                }
            }
        }
    }
}
