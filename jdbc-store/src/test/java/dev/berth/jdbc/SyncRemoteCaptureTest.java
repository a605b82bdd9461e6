package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.sync.Capture;
import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Changes of the remote database are captured for each client; a pull reads those, and misses nothing. */
class SyncRemoteCaptureTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    private static String domain(String name) {
        return "INSERT INTO domains (name, note, updated_at) VALUES ('" + name + "', 'x', '2026-01-01 10:00:00')";
    }

    private static SyncEngine engine(SyncPair pair) {
        return pair.engine().remoteCapture(Capture.TRIGGERS).batch(3).build();
    }

    private static String pulled(SyncEngine sync) {
        return told(sync.pull(), "domains", Direction.PULL);
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void eachClientReadsItsOwnChangesOnceAndNothingElse(Engine engine) throws Exception {
        try (var first = SyncPair.of(engine, directory);
                var second = SyncPair.another(engine, first.remoteBase, directory)) {
            first.there(domain("a"), domain("b"), domain("c"), domain("d"));
            SyncEngine one = engine(first);
            SyncEngine other = engine(second);
            assertThat(pulled(one)).isEqualTo("INSERTED 4");
            assertThat(pulled(other)).isEqualTo("INSERTED 4");
            assertThat(one.pull().of("domains", Direction.PULL).read()).isZero();
            first.there(
                    "UPDATE domains SET note = 'y' WHERE name IN ('a', 'b')",
                    "UPDATE domains SET note = 'z' WHERE name = 'a'",
                    domain("e"));
            assertThat(pulled(one)).isEqualTo("INSERTED 1, UPDATED 2");
            assertThat(one.pull().of("domains", Direction.PULL).read()).isZero();
            assertThat(pulled(other)).isEqualTo("INSERTED 1, UPDATED 2");
            assertThat(first.here()).isEqualTo(second.here()).isEqualTo(first.there());
            assertThat(first.askThere("SELECT count(*) FROM berth_sync_change")).isEqualTo("0");
        }
    }

    /** Scenario 68: a bulk delete there, and rows whose keys were changed there. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatIsDeletedOrRenamedThereIsSoHere(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            for (int i = 0; i < 9; i++) {
                pair.there(domain("d" + i));
            }
            SyncEngine sync = engine(pair);
            assertThat(pulled(sync)).isEqualTo("INSERTED 9");
            pair.there("DELETE FROM domains WHERE name < 'd5'");
            assertThat(pulled(sync)).isEqualTo("DELETED 5");
            pair.there("UPDATE domains SET name = 'renamed' WHERE name = 'd7'");
            assertThat(pulled(sync)).isEqualTo("INSERTED 1, DELETED 1");
            assertThat(pair.here()).hasSize(4).isEqualTo(pair.there());
            // Gone and back under the same key, with another id.
            pair.there("DELETE FROM domains WHERE name = 'd8'", domain("d8"));
            assertThat(sync.pull().count(Outcome.DELETED)).isZero();
            assertThat(pair.here()).isEqualTo(pair.there());
            assertThat(sync.verify()).isEmpty();
        }
    }

    /** A run that ends before it has looked for what a changed key leaves behind is made good by the next one. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    @Tag("slow")
    void aCrashAtAnyTransactionOfAPullIsMadeGood(Engine engine) throws Exception {
        crash(engine, 7);
    }

    @Tag("deep")
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aCrashAtEachTransactionOfAPullIsMadeGood(Engine engine) throws Exception {
        crash(engine, 1);
    }

    private void crash(Engine engine, int step) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = engine(pair);
            for (MortalSyncStore.Moment moment : MortalSyncStore.Moment.values()) {
                boolean reached = true;
                for (int n = 1; reached && n < 100; n += step) {
                    String name = moment + "-" + n;
                    pair.there(domain(name + "-old"), domain(name + "-doomed"), domain(name + "-same"));
                    assertThat(sync.pull().isClean()).isTrue();
                    pair.there(
                            "UPDATE domains SET name = '" + name + "-new' WHERE name = '" + name + "-old'",
                            "DELETE FROM domains WHERE name = '" + name + "-doomed'",
                            "UPDATE domains SET note = 'y' WHERE name = '" + name + "-same'");
                    var mortal = new MortalSyncStore(n % 2 == 0 ? pair.local : pair.remote, moment, n);
                    SyncEngine doomed = SyncEngine.between(
                                    n % 2 == 0 ? mortal : pair.local, n % 2 == 0 ? pair.remote : mortal)
                            .tables(List.of(SyncPair.DOMAINS, SyncPair.HOSTS, SyncPair.TAGS))
                            .remoteCapture(Capture.TRIGGERS)
                            .batch(3)
                            .build();
                    reached = mortal.dies(doomed::pull);
                    SyncReport report = sync.pull();
                    assertThat(report.isClean()).isTrue();
                    assertThat(pair.here()).as("%s", name).isEqualTo(pair.there());
                    pair.there("DELETE FROM domains");
                }
            }
        }
    }

    /** Whoever has no right to make triggers compares, and gets everything all the same. */
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    @Tag("slow")
    void whoMayNotMakeTriggersCompares(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            String user = "reader_" + Long.toString(System.nanoTime(), 36);
            pair.push();
            if (engine == Engine.POSTGRESQL) {
                pair.there(
                        "CREATE ROLE " + user + " LOGIN PASSWORD 's3cr3t'",
                        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + user,
                        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO " + user);
            } else {
                pair.there(
                        "CREATE USER " + user + " IDENTIFIED BY 's3cr3t'",
                        "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE TEMPORARY TABLES ON *.* TO " + user);
            }
            var source = new DriverManagerDataSource(pair.remoteBase.url(), user, "s3cr3t");
            try (var remote = JdbcSyncStore.on(source)) {
                SyncEngine sync = SyncEngine.between(pair.local, remote)
                        .tables(List.of(SyncPair.DOMAINS, SyncPair.HOSTS, SyncPair.TAGS))
                        .remoteCapture(Capture.TRIGGERS)
                        .build();
                pair.there(domain("a"), domain("b"));
                SyncReport report = sync.pull();
                assertThat(report.cause()).isEmpty();
                assertThat(told(report, "domains", Direction.PULL)).isEqualTo("INSERTED 2");
                pair.there("DELETE FROM domains WHERE name = 'a'");
                assertThat(pulled(sync)).isEqualTo("SKIPPED 1, DELETED 1");
                assertThat(pair.here()).isEqualTo(pair.there());
            }
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void captureEndsForAllAndTheNextRunBeginsItAnew(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = engine(pair);
            pair.there(domain("a"), domain("b"));
            sync.pull();
            for (String table : List.of("domains", "hosts", "tags")) {
                pair.remote.endCapture(table);
            }
            pair.there("DELETE FROM domains WHERE name = 'a'", domain("c"));
            assertThat(pair.askThere("SELECT count(*) FROM berth_sync_change")).isEqualTo("0");
            assertThat(pulled(sync)).isEqualTo("INSERTED 1, SKIPPED 1, DELETED 1");
            pair.there("DELETE FROM domains WHERE name = 'b'");
            assertThat(pulled(sync)).isEqualTo("DELETED 1");
            assertThatThrownBy(() -> pair.engine().remoteCapture(Capture.CALLS))
                    .isInstanceOf(InvalidInputException.class);
        }
    }

    /** What triggers did not see is found by a look at both sides, and mended by a run that compares. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatVerifyFindsTheNextRunMendsWhenItIsToCompare(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = pair.engine()
                    .capture(Capture.TRIGGERS)
                    .remoteCapture(Capture.TRIGGERS)
                    .batch(3)
                    .build();
            for (int i = 0; i < 6; i++) {
                pair.here(domain("d" + i));
            }
            assertThat(sync.sync().isClean()).isTrue();
            sync.sync();
            pair.here("DELETE FROM domains WHERE name = 'd0'", domain("here"));
            pair.there(
                    "UPDATE domains SET note = 'y' WHERE name = 'd1'",
                    "DELETE FROM domains WHERE name = 'd2'",
                    domain("there"));
            // As if no trigger had seen it.
            pair.here("DELETE FROM berth_sync_change");
            pair.there("DELETE FROM berth_sync_change");
            assertThat(sync.sync().count(Outcome.SKIPPED)).isZero();
            assertThat(sync.verify())
                    .extracting(one -> one.kind() + " " + one.key())
                    .containsExactlyInAnyOrder(
                            "MISSING_LOCAL [d0]",
                            "MISSING_LOCAL [there]",
                            "MISSING_REMOTE [d2]",
                            "MISSING_REMOTE [here]",
                            "DIFFERENT [d1]");

            sync.recompare();
            SyncReport report = sync.sync();

            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("INSERTED 1, SKIPPED 5, DELETED 1");
            assertThat(report.of("domains", Direction.PULL).count(Outcome.DELETED))
                    .isEqualTo(1);
            assertThat(report.of("domains", Direction.PULL).count(Outcome.UPDATED))
                    .isEqualTo(1);
            assertThat(report.of("domains", Direction.PULL).count(Outcome.INSERTED))
                    .isEqualTo(1);
            assertThat(sync.verify()).isEmpty();
            assertThat(pair.here()).isEqualTo(pair.there());
        }
    }

    /** A local database with two remote ones: what the first has read, the second has yet to. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void eachRemoteDatabaseHasItsOwnChangesOfTheLocalOne(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory);
                var other = SyncPair.of(engine, directory)) {
            SyncEngine one = SyncEngine.between(pair.local, pair.remote)
                    .table(SyncPair.DOMAINS)
                    .capture(Capture.TRIGGERS)
                    .build();
            SyncEngine two = SyncEngine.between(pair.local, other.remote)
                    .table(SyncPair.DOMAINS)
                    .capture(Capture.TRIGGERS)
                    .build();
            one.push();
            two.push();
            pair.here(domain("a"));
            assertThat(told(one.push(), "domains", Direction.PUSH)).isEqualTo("INSERTED 1");
            assertThat(told(two.push(), "domains", Direction.PUSH)).isEqualTo("INSERTED 1");
            assertThat(pair.there()).isEqualTo(other.there()).hasSize(1);
        }
    }
}
