package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.sync.Direction;
import dev.berth.sync.SetAside;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncRefusedException;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What other engines get wrong: values that must be unique, keys that are one to the other side, rows that poison. */
class SyncFieldCasesTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    private static String domain(String name, String note) {
        return "INSERT INTO domains (name, note, updated_at) VALUES ('" + name + "', '" + note
                + "', '2026-01-01 10:00:00')";
    }

    private static String host(String name, String domain, String slug) {
        return "INSERT INTO hosts (hostname, domain_id, slug, updated_at) SELECT '" + name + "', id, '" + slug
                + "', '2026-01-01 10:00:00' FROM domains WHERE name = '" + domain + "'";
    }

    /** Scenario 63. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void collidingIdsOfThreeClientsAllArrive(Engine engine) throws Exception {
        try (var first = SyncPair.of(engine, directory);
                var second = SyncPair.another(engine, first.remoteBase, directory);
                var third = SyncPair.another(engine, first.remoteBase, directory)) {
            int client = 0;
            for (SyncPair pair : List.of(first, second, third)) {
                client++;
                for (int i = 0; i < 20; i++) {
                    pair.here(
                            domain("d" + client + "-" + i, "of " + client),
                            host("h" + client + "-" + i, "d" + client + "-" + i, "s" + client + i));
                }
                assertThat(pair.push().isClean()).isTrue();
            }
            for (SyncPair pair : List.of(first, second, third)) {
                assertThat(pair.engine().build().pull().isClean()).isTrue();
                assertThat(pair.here()).hasSize(120).isEqualTo(pair.there());
            }
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void aUniqueValueThatAnotherRowHoldsIsNotTakenAndNoRowIsLost(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.there(domain("d", "x"), host("holder", "d", "wanted"));
            pair.here(domain("d", "x"), host("comer", "d", "wanted"), host("other", "d", "free"));
            SyncEngine sync = pair.engine().build();

            SyncReport report = sync.push();

            assertThat(told(report, "hosts", Direction.PUSH)).isEqualTo("INSERTED 1, FAILED 1");
            assertThat(sync.setAside("hosts", Direction.PUSH)).singleElement().satisfies(aside -> {
                assertThat(aside.reason()).isEqualTo(SetAside.Reason.UNIQUE_HELD);
                assertThat(aside.row()).containsEntry("hostname", "comer").containsEntry("slug", "wanted");
                assertThat(aside.message()).contains("holder");
            });
            assertThat(pair.there())
                    .containsExactly(
                            "[domain, d, x]",
                            "[host, holder, d, wanted, null, null]",
                            "[host, other, d, free, null, null]");

            pair.there("UPDATE hosts SET slug = 'given-up' WHERE hostname = 'holder'");
            assertThat(told(sync.push(), "hosts", Direction.PUSH)).isEqualTo("INSERTED 1, SKIPPED 1");
            assertThat(sync.setAside("hosts", Direction.PUSH)).isEmpty();
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void rowsThatExchangeUniqueValuesExchangeThemThereAlsoAcrossBatches(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domain("d", "x"));
            for (String name : List.of("a", "b", "c", "y", "z")) {
                pair.here(host(name, "d", "slug-" + name));
            }
            SyncEngine sync = pair.engine().batch(2).build();
            assertThat(sync.push().isClean()).isTrue();
            // A swap, and a ring of three.
            pair.here(
                    "UPDATE hosts SET slug = NULL",
                    "UPDATE hosts SET slug = 'slug-z' WHERE hostname = 'a'",
                    "UPDATE hosts SET slug = 'slug-a' WHERE hostname = 'z'",
                    "UPDATE hosts SET slug = 'slug-c' WHERE hostname = 'b'",
                    "UPDATE hosts SET slug = 'slug-y' WHERE hostname = 'c'",
                    "UPDATE hosts SET slug = 'slug-b' WHERE hostname = 'y'");

            SyncReport report = pair.engine().batch(10).build().push();

            assertThat(told(report, "hosts", Direction.PUSH)).isEqualTo("UPDATED 5");
            assertThat(pair.there()).isEqualTo(pair.here());

            pair.here(
                    "UPDATE hosts SET slug = NULL WHERE hostname IN ('a', 'z')",
                    "UPDATE hosts SET slug = 'slug-a' WHERE hostname = 'a'",
                    "UPDATE hosts SET slug = 'slug-z' WHERE hostname = 'z'");
            SyncReport across = pair.engine().batch(2).build().push();
            assertThat(told(across, "hosts", Direction.PUSH)).isEqualTo("UPDATED 2, SKIPPED 3");
            assertThat(pair.there()).isEqualTo(pair.here());
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void keysThatAreOneToTheOtherSideAreSetAsideBeforeTheyCollide(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            switch (engine) {
                case MARIADB -> {}
                case SQLITE -> pair.there("CREATE UNIQUE INDEX folding ON domains (name COLLATE NOCASE)");
                default ->
                    pair.there(
                            "CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                            "ALTER TABLE domains ALTER COLUMN name TYPE varchar(100) COLLATE folding");
            }
            pair.there(domain("Taken", "theirs"));
            pair.here(domain("Example", "x"), domain("EXAMPLE", "y"), domain("taken", "ours"), domain("plain", "z"));
            SyncEngine sync = pair.engine().build();

            SyncReport report = sync.push();

            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("INSERTED 1, FAILED 3");
            assertThat(sync.setAside("domains", Direction.PUSH))
                    .extracting(SetAside::reason)
                    .containsOnly(SetAside.Reason.KEY_FOLDED);
            assertThat(pair.there()).containsExactly("[domain, Taken, theirs]", "[domain, plain, z]");
        }
    }

    /** Scenario 74. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void poisonFirstInTheMiddleAndLastIsFoundAndTheOthersGoOn(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            if (engine == Engine.SQLITE) {
                pair.there("CREATE TRIGGER refuse BEFORE INSERT ON domains WHEN NEW.note = 'poison' BEGIN SELECT"
                        + " RAISE(ABORT, 'poison'); END");
            } else {
                pair.there("ALTER TABLE domains ADD CONSTRAINT healthy CHECK (note <> 'poison')");
            }
            for (int i = 0; i < 31; i++) {
                boolean poison = i == 0 || i == 15 || i == 30;
                pair.here(domain("d" + i, poison ? "poison" : "fine"), host("h" + i, "d" + i, "s" + i));
            }
            SyncEngine sync = pair.engine().build();

            SyncReport report = sync.push();

            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("INSERTED 28, FAILED 3");
            assertThat(told(report, "hosts", Direction.PUSH)).isEqualTo("INSERTED 28, BLOCKED 3");
            assertThat(sync.setAside("domains", Direction.PUSH)).allSatisfy(aside -> {
                assertThat(aside.reason()).isEqualTo(SetAside.Reason.REFUSED);
                assertThat(aside.row()).containsEntry("note", "poison");
                assertThat(aside.message()).isNotBlank();
            });

            pair.here("UPDATE domains SET note = 'cured' WHERE note = 'poison'");
            SyncReport cured = sync.push();
            assertThat(told(cured, "domains", Direction.PUSH)).isEqualTo("INSERTED 3, SKIPPED 28");
            assertThat(told(cured, "hosts", Direction.PUSH)).isEqualTo("INSERTED 3, SKIPPED 28");
            assertThat(pair.there()).isEqualTo(pair.here());
        }
    }

    /** Scenario 74. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatAlwaysFailsIsCountedToTenAndFromOneAgainWhenAskedFor(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domain("n".repeat(101), "too long"), domain("fine", "x"));
            SyncEngine sync = pair.engine().build();
            List<String> told = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                told.add(told(sync.push(), "domains", Direction.PUSH));
            }
            if (engine == Engine.SQLITE) {
                // It keeps texts of any length.
                assertThat(told.get(0)).isEqualTo("INSERTED 2");
                return;
            }
            assertThat(told.get(0)).isEqualTo("INSERTED 1, FAILED 1");
            assertThat(told.get(11)).isEqualTo("SKIPPED 1, FAILED 1");
            assertThat(sync.setAside("domains", Direction.PUSH)).singleElement().satisfies(aside -> {
                assertThat(aside.attempts()).isEqualTo(10);
                assertThat(aside.reason()).isEqualTo(SetAside.Reason.VALUE);
            });
            assertThat(sync.retry("domains", Direction.PUSH)).isEqualTo(1);
            sync.push();
            assertThat(sync.setAside("domains", Direction.PUSH))
                    .singleElement()
                    .satisfies(aside -> assertThat(aside.attempts()).isEqualTo(1));
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void linksToRowsOfTheSameTableArriveWhateverTheirOrder(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domain("d", "x"));
            for (int i = 0; i < 9; i++) {
                pair.here(host("h" + i, "d", "s" + i));
            }
            pair.here(
                    "UPDATE hosts SET up_id = id + 1 WHERE hostname < 'h8'",
                    "UPDATE hosts SET up_id = id WHERE hostname = 'h8'");

            SyncReport report = pair.engine().batch(3).build().push();

            assertThat(told(report, "hosts", Direction.PUSH)).isEqualTo("INSERTED 9");
            assertThat(pair.there()).isEqualTo(pair.here());
            assertThat(told(pair.push(), "hosts", Direction.PUSH)).isEqualTo("SKIPPED 9");
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void updatesBurnNoNumbersOfASequence(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domain("a", "x"));
            pair.push();
            for (int i = 0; i < 5; i++) {
                pair.here("UPDATE domains SET note = 'x" + i + "'");
                pair.push();
            }
            pair.here(domain("b", "y"));
            pair.push();
            assertThat(pair.askThere("SELECT max(id) - min(id) FROM domains")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatHoldsForSomeRowsOnlyIsLeftToTheDatabaseAndPoisonsOneRow(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            if (engine == Engine.MARIADB) {
                pair.there(
                        "ALTER TABLE hosts ADD COLUMN front INT AS (IF(port = 80, 80, NULL)) VIRTUAL",
                        "CREATE UNIQUE INDEX one_front ON hosts (front)");
            } else {
                pair.there("CREATE UNIQUE INDEX one_front ON hosts (port) WHERE port = 80");
            }
            pair.here(domain("d", "x"));
            for (String name : List.of("a", "b", "c")) {
                pair.here(host(name, "d", "s" + name), "UPDATE hosts SET port = 80 WHERE hostname IN ('a', 'b')");
            }

            SyncReport report = pair.push();

            assertThat(told(report, "hosts", Direction.PUSH)).isEqualTo("INSERTED 2, FAILED 1");
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void aPlanThatCannotBeSafeIsRefusedWithEveryReasonAndMovesNothing(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domain("a", "x"));
            SyncEngine sync = SyncEngine.between(pair.local, pair.remote)
                    .table(SyncTable.named("domains").key("note").version("updated_at"))
                    .table(SyncTable.named("hosts").key("hostname").version("renewed_at"))
                    .table(SyncTable.named("nowhere").key("x").version("y"))
                    .build();
            assertThatThrownBy(sync::push)
                    .isInstanceOf(SyncRefusedException.class)
                    .hasMessageContaining("nowhere");
            SyncEngine other = SyncEngine.between(pair.local, pair.remote)
                    .table(SyncTable.named("domains").key("note").version("updated_at"))
                    .build();
            assertThatThrownBy(other::push)
                    .isInstanceOf(SyncRefusedException.class)
                    .hasMessageContaining("takes NULL")
                    .hasMessageContaining("no unique key");
            assertThat(pair.there()).isEmpty();
        }
    }

    /** As Django declares foreign keys. At the commit, the whole batch would fail, again and again. */
    @Test
    void whatADeferredConstraintRefusesIsOneRowAndNotItsBatch() throws Exception {
        try (var pair = SyncPair.of(Engine.POSTGRESQL, directory)) {
            pair.there(
                    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.note = 'poison' THEN RAISE"
                            + " EXCEPTION 'poison' USING ERRCODE = '23514'; END IF; RETURN NULL; END $$",
                    "CREATE CONSTRAINT TRIGGER refusing AFTER INSERT ON domains DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
                            + " EXECUTE PROCEDURE refuse()",
                    "ALTER TABLE hosts DROP CONSTRAINT hosts_slug_key, ADD CONSTRAINT slugs UNIQUE (slug) DEFERRABLE"
                            + " INITIALLY DEFERRED");
            pair.here(
                    domain("a", "x"),
                    domain("b", "poison"),
                    domain("c", "y"),
                    host("ha", "a", "s"),
                    host("hc", "c", "t"));
            pair.there(domain("theirs", "x"), host("holder", "theirs", "s"));
            SyncEngine sync = pair.engine().build();

            SyncReport report = sync.push();

            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("INSERTED 2, FAILED 1");
            assertThat(told(report, "hosts", Direction.PUSH)).isEqualTo("INSERTED 1, FAILED 1");
            assertThat(sync.setAside("domains", Direction.PUSH))
                    .singleElement()
                    .satisfies(aside -> assertThat(aside.row()).containsEntry("name", "b"));
        }
    }
}
