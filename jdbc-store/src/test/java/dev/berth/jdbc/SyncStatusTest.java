package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.sync.Capture;
import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncRefusedException;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncStatus;
import dev.berth.sync.SyncStore;
import dev.berth.sync.SyncTable;
import dev.berth.sync.Unsent;
import dev.berth.testkit.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a sync tells of itself: counts, states, history, what waits, and what was set aside. */
class SyncStatusTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    static Stream<Arguments> captures() {
        return REMOTES.stream()
                .flatMap(engine ->
                        Stream.of(Capture.COMPARISON, Capture.TRIGGERS).map(capture -> Arguments.of(engine, capture)));
    }

    private static String domain(String name, String note) {
        return "INSERT INTO domains (name, note, updated_at) VALUES ('" + name + "', '" + note
                + "', '2026-01-01 10:00:00')";
    }

    /** The remote database refuses domains whose note is poison. */
    private static void refusePoison(SyncPair pair) throws SQLException {
        if (pair.engine == Engine.SQLITE) {
            pair.there("CREATE TRIGGER refuse BEFORE INSERT ON domains WHEN NEW.note = 'poison' BEGIN SELECT"
                    + " RAISE(ABORT, 'poison'); END");
        } else {
            pair.there("ALTER TABLE domains ADD CONSTRAINT healthy CHECK (note <> 'poison')");
        }
    }

    private static int attempts(SyncEngine sync) {
        return sync.setAside("domains", Direction.PUSH).get(0).attempts();
    }

    /** Scenario 64: each row is counted once, though it was set aside, and changed many times. */
    @ParameterizedTest
    @MethodSource("captures")
    void aRowThatWasSetAsideAndThenChangedOftenIsCountedOnce(Engine engine, Capture capture) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            refusePoison(pair);
            SyncEngine sync = pair.engine()
                    .capture(capture)
                    .remoteCapture(capture)
                    .batch(2)
                    .build();
            pair.here(domain("bad", "poison"), domain("worse", "poison"), domain("good", "x"));
            assertThat(told(sync.push(), "domains", Direction.PUSH)).isEqualTo("INSERTED 1, FAILED 2");

            for (int i = 0; i < 5; i++) {
                pair.here(
                        "UPDATE domains SET updated_at = '2026-01-01 11:00:0" + i + "'",
                        "UPDATE domains SET updated_at = '2026-01-01 12:00:0" + i + "' WHERE name = 'worse'");
            }
            pair.here(domain("new", "y"));
            SyncReport report = sync.push();
            assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("INSERTED 1, UPDATED 1, FAILED 2");
            assertThat(report.of("domains", Direction.PUSH).read()).isEqualTo(4);

            pair.here(
                    "UPDATE domains SET note = 'cured' WHERE name = 'bad'", "DELETE FROM domains WHERE name = 'worse'");
            SyncReport last = sync.push();
            assertThat(last.count(Outcome.INSERTED)).isEqualTo(1);
            assertThat(last.count(Outcome.FAILED)).isZero();
            assertThat(sync.setAside("domains", Direction.PUSH)).isEmpty();
            assertThat(pair.there()).isEqualTo(pair.here());
        }
    }

    /** Scenario 74: what the database refuses is tried after pauses that grow; what is asked for or changed, at once. */
    @ParameterizedTest
    @MethodSource("captures")
    @Tag("slow")
    void whatWasRefusedRestsLongerEachTime(Engine engine, Capture capture) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            refusePoison(pair);
            ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
            SyncEngine sync = pair.engine()
                    .capture(capture)
                    .remoteCapture(capture)
                    .clock(clock)
                    .build();
            pair.here(domain("bad", "poison"));
            List<Integer> attempts = new ArrayList<>();
            for (int seconds : new int[] {0, 0, 9, 1, 10, 9, 1, 39, 1}) {
                clock.advance(Duration.ofSeconds(seconds));
                assertThat(told(sync.push(), "domains", Direction.PUSH)).isEqualTo("FAILED 1");
                attempts.add(attempts(sync));
            }
            assertThat(attempts).containsExactly(1, 1, 1, 2, 2, 2, 3, 3, 4);

            assertThat(sync.retry("domains", Direction.PUSH)).isEqualTo(1);
            sync.push();
            assertThat(attempts(sync)).isEqualTo(1);
            pair.here("UPDATE domains SET updated_at = '2026-01-01 11:00:00'");
            sync.push();
            sync.push();
            assertThat(attempts(sync)).isEqualTo(1);
            pair.here("UPDATE domains SET note = 'cured'");
            assertThat(told(sync.push(), "domains", Direction.PUSH)).isEqualTo("INSERTED 1");
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void theStatusTellsWhatWaitsAndWhatTheLastRunCameToAlsoAfterARestart(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            List<SyncStatus.State> during = new ArrayList<>();
            List<SyncReport> told = new ArrayList<>();
            SyncEngine[] self = new SyncEngine[1];
            SyncEngine sync = pair.engine()
                    .capture(Capture.TRIGGERS)
                    .remoteCapture(Capture.TRIGGERS)
                    .listening(table -> during.add(self[0].status().state()))
                    .reporting(told::add)
                    .build();
            self[0] = sync;
            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.PENDING);
            assertThat(sync.status().last()).isEmpty();
            assertThat(sync.status().pendingWrites()).isEmpty();
            pair.here(domain("a", "x"));
            SyncReport first = sync.sync();
            assertThat(during).isNotEmpty().containsOnly(SyncStatus.State.IN_PROGRESS);
            // What a pull writes is captured, too, and forgotten by the next run.
            sync.sync();
            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.SUCCESS);
            pair.here("UPDATE domains SET note = 'y'", domain("b", "x"));
            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.PENDING);
            assertThat(sync.status().pendingWrites()).hasValue(2);
            assertThat(sync.pendingWrites()).isEqualTo(2);
            SyncReport third = sync.push();

            assertThat(sync.history()).hasSize(3).first().isEqualTo(third);
            assertThat(sync.history()).extracting(SyncReport::number).containsExactly(3L, 2L, 1L);
            assertThat(sync.history().get(2)).isEqualTo(first);
            assertThat(told).hasSize(3).last().isEqualTo(third);
            SyncEngine again = pair.engine().build();
            assertThat(again.history()).isEqualTo(sync.history());
            assertThat(again.status().state()).isEqualTo(SyncStatus.State.SUCCESS);
            assertThat(again.status().pendingWrites()).isEmpty();
            assertThat(again.pendingWrites()).isZero();
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    @Tag("slow")
    void onlyTheLastHundredReportsAreKeptAndARefusedPlanIsAmongThem(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = SyncEngine.between(pair.local, pair.remote)
                    .table(SyncTable.named("domains").key("note").version("updated_at"))
                    .build();
            for (int i = 0; i < 103; i++) {
                assertThatThrownBy(sync::push).isInstanceOf(SyncRefusedException.class);
            }
            assertThat(sync.history()).hasSize(100);
            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.FAILED);
            assertThat(sync.status().last().orElseThrow().cause())
                    .hasValueSatisfying(why -> assertThat(why).contains("takes NULL"));
        }
    }

    /** One cache, and two places that it is synced with: the state of one is not that of the other. */
    @Test
    void afterARestartEachRemoteHasItsOwnLastRun() throws Exception {
        Database other = new Database("jdbc:sqlite:" + directory.resolve("other.db"), "", "");
        SyncPair.makeTables(Engine.SQLITE, other);
        try (var pair = SyncPair.of(Engine.SQLITE, directory);
                SyncStore two = JdbcSyncStore.open(other.url())) {
            pair.here(domain("a", "x"));
            assertThat(pair.engine().build().push().isClean()).isTrue();
            Engine.run(other, "DROP TABLE tags");
            SyncEngine second = SyncEngine.between(pair.local, two)
                    .table(SyncPair.TAGS)
                    .table(SyncPair.HOSTS)
                    .table(SyncPair.DOMAINS)
                    .build();
            assertThatThrownBy(second::push).isInstanceOf(SyncRefusedException.class);

            SyncEngine again = pair.engine().build();
            assertThat(again.status().state()).isEqualTo(SyncStatus.State.SUCCESS);
            assertThat(SyncEngine.between(pair.local, two)
                            .table(SyncPair.TAGS)
                            .table(SyncPair.HOSTS)
                            .table(SyncPair.DOMAINS)
                            .build()
                            .status()
                            .state())
                    .isEqualTo(SyncStatus.State.FAILED);
            assertThat(again.history())
                    .extracting(SyncReport::status)
                    .containsExactly(SyncReport.Status.FAILED, SyncReport.Status.SUCCESS);
        }
    }

    /** Scenario 72, where the remote database is a file. */
    @Test
    void aFileWhoseShareIsNotMountedIsOfflineUntilItIs() throws Exception {
        Path mount = directory.resolve("mount");
        Database remote = new Database("jdbc:sqlite:" + mount.resolve("share.db"), "", "");
        try (var pair = SyncPair.another(Engine.SQLITE, Engine.SQLITE.fresh(directory), directory);
                SyncStore late = SyncStore.opening(() -> JdbcSyncStore.open(remote.url()))) {
            SyncEngine sync =
                    SyncEngine.between(pair.local, late).table(SyncPair.DOMAINS).build();
            pair.here(domain("a", "written offline"));
            SyncReport offline = sync.sync();
            assertThat(offline.status()).isEqualTo(SyncReport.Status.OFFLINE);
            assertThat(offline.cause())
                    .hasValueSatisfying(why -> assertThat(why).contains("share.db"));
            Files.createDirectory(mount);
            SyncPair.makeTables(Engine.SQLITE, remote);
            assertThat(sync.sync().isClean()).isTrue();
            assertThat(Engine.ask(remote, "SELECT note FROM domains")).isEqualTo("written offline");
        }
    }

    /** Scenario 72: nothing of the remote server is there when the application starts. */
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    @Tag("slow")
    void whoStartsOfflineIsToldSoAndDrainsWhenTheServerIsThere(Engine engine) throws Exception {
        Server server = engine == Engine.POSTGRESQL ? Servers.postgres() : Servers.mariadb();
        Database remote = engine.fresh(directory);
        SyncPair.makeTables(engine, remote);
        server.kill();
        try (var pair = SyncPair.another(Engine.SQLITE, Engine.SQLITE.fresh(directory), directory);
                SyncStore late = SyncStore.opening(() ->
                        JdbcSyncStore.open(remote.url(), Engine.settings(remote).patience(Duration.ofSeconds(2))))) {
            SyncEngine sync =
                    SyncEngine.between(pair.local, late).table(SyncPair.DOMAINS).build();
            pair.here(domain("a", "written offline"));
            assertThat(sync.sync().status()).isEqualTo(SyncReport.Status.OFFLINE);
            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.OFFLINE);
            server.restart();
            Await.until("the server is used", () -> sync.sync().isClean());
            assertThat(Engine.ask(remote, "SELECT note FROM domains")).isEqualTo("written offline");
            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.SUCCESS);
        } finally {
            if (!server.isRunning()) {
                server.restart();
            }
        }
    }

    /** Scenario 77. */
    @ParameterizedTest
    @MethodSource("captures")
    void clearingTheCacheWithWritesPendingIsRefusedUnlessTheyAreGivenUp(Engine engine, Capture capture)
            throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = pair.engine()
                    .capture(capture)
                    .remoteCapture(capture)
                    .batch(3)
                    .build();
            for (int i = 0; i < 7; i++) {
                pair.here(
                        domain("d" + i, "x"),
                        "INSERT INTO hosts (hostname, domain_id, updated_at) SELECT 'h" + i
                                + "', id, '2026-01-01 10:00:00' FROM domains WHERE name = 'd" + i + "'");
            }
            pair.here("UPDATE hosts SET up_id = 8 - id");
            sync.sync();
            List<String> shared = pair.there();

            for (String write : List.of(
                    "UPDATE domains SET note = 'pending' WHERE name = 'd1'",
                    "DELETE FROM hosts WHERE hostname = 'h3'",
                    domain("new", "pending"))) {
                pair.here(write);
                List<String> before = pair.here();
                assertThatThrownBy(() -> sync.clearLocal(Unsent.KEEP))
                        .isInstanceOf(SyncRefusedException.class)
                        .hasMessageContaining("1 local changes");
                assertThat(pair.here()).isEqualTo(before);
                assertThat(sync.clearLocal(Unsent.GIVE_UP)).isEqualTo(before.size());
                assertThat(pair.here()).isEmpty();
                SyncReport report = sync.sync();
                assertThat(report.count(Outcome.DELETED)).isZero();
                assertThat(report.count(Outcome.CONFLICTED)).isZero();
                assertThat(pair.here()).isEqualTo(shared).isEqualTo(pair.there());
            }
            assertThat(sync.clearLocal(Unsent.KEEP)).isEqualTo(14);
            assertThat(sync.sync().isClean()).isTrue();
            assertThat(pair.here()).isEqualTo(shared).isEqualTo(pair.there());
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatWaitsIsToldForEachRemoteDatabaseAndOnlyWhereItIsKnown(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory);
                var second = SyncPair.of(Engine.SQLITE, directory)) {
            SyncTable domains = SyncTable.named("domains").key("name");
            SyncEngine sync = SyncEngine.between(pair.local, pair.remote)
                    .table(domains)
                    .capture(Capture.TRIGGERS)
                    .build();
            SyncEngine other = SyncEngine.between(pair.local, second.remote)
                    .table(domains)
                    .capture(Capture.TRIGGERS)
                    .build();
            pair.here(domain("a", "x"));
            sync.sync();
            sync.sync();
            assertThat(sync.status().pendingWrites()).hasValue(0);
            assertThat(other.status().pendingWrites()).isEmpty();
            other.sync();
            other.sync();
            pair.here(domain("b", "x"));
            sync.sync();
            // What a pull writes comes back as a change.
            sync.sync();
            assertThat(sync.status().pendingWrites()).hasValue(0);
            assertThat(other.status().pendingWrites()).hasValue(1);

            // Nobody notes what is written after it.
            pair.local.endCapture("domains");
            pair.here(domain("c", "x"));
            assertThat(sync.status().pendingWrites()).isEmpty();
            assertThat(sync.pendingWrites()).isEqualTo(1);
            sync.sync();
            sync.sync();
            assertThat(sync.status().pendingWrites()).hasValue(0);
            sync.recompare();
            assertThat(sync.status().pendingWrites()).isEmpty();
        }
    }

    /** It was opened late, and cannot be opened now: the one that was met is meant. */
    @Test
    void whatWaitsIsToldWhileTheRemoteDatabaseCannotBeOpened() throws Exception {
        try (var pair = SyncPair.of(Engine.SQLITE, directory)) {
            SyncEngine sync = pair.engine().capture(Capture.TRIGGERS).build();
            sync.sync();
            sync.sync();
            pair.here(domain("a", "x"));
            SyncStore away = SyncStore.opening(() -> {
                throw new AssertionError("nobody may ask for it");
            });
            assertThat(SyncEngine.between(pair.local, away)
                            .table(SyncPair.TAGS)
                            .table(SyncPair.HOSTS)
                            .table(SyncPair.DOMAINS)
                            .capture(Capture.TRIGGERS)
                            .build()
                            .status()
                            .pendingWrites())
                    .hasValue(1);
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void rowsThatWereSetAsideWaitToo(Engine engine) throws Exception {
        try (var tables = SyncTables.of(engine, directory, "v VARCHAR(20)", "v VARCHAR(20) CHECK (v <> 'bad')")) {
            SyncEngine sync = tables.engine(SyncTable.named("t").key("k"))
                    .capture(Capture.TRIGGERS)
                    .build();
            tables.runHere("INSERT INTO t (k, v) VALUES ('a', 'good')");
            sync.sync();
            sync.sync();
            tables.runHere("INSERT INTO t (k, v) VALUES ('b', 'bad')");
            assertThat(sync.sync().count(Outcome.FAILED)).isEqualTo(1);

            assertThat(sync.status().pendingWrites()).hasValue(1);
            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.PENDING);
            assertThat(sync.pendingWrites()).isEqualTo(1);
        }
    }

    /** Another database is there by now: it counts. */
    @Test
    void whatWaitsIsToldOfARemoteDatabaseThatWasMadeAnewInItsPlace() throws Exception {
        try (var pair = SyncPair.of(Engine.SQLITE, directory)) {
            SyncTable domains = SyncTable.named("domains").key("name");
            pair.here(domain("a", "x"));
            for (int i = 0; i < 2; i++) {
                try (var remote = SyncPair.open(pair.remoteBase)) {
                    SyncEngine sync = SyncEngine.between(pair.local, remote)
                            .table(domains)
                            .capture(Capture.TRIGGERS)
                            .build();
                    sync.sync();
                    sync.sync();
                    pair.here(domain("more" + i, "x"));
                    assertThat(sync.status().pendingWrites()).hasValue(1);
                }
                pair.remote.close();
                Path file = Path.of(pair.remoteBase.url().substring("jdbc:sqlite:".length()));
                for (String suffix : List.of("", "-wal", "-shm")) {
                    Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
                }
                SyncPair.makeTables(Engine.SQLITE, pair.remoteBase);
            }
        }
    }

    @Test
    void theStatusWaitsForNoConnectionThatIsBeingMade() throws Exception {
        try (var pair = SyncPair.of(Engine.SQLITE, directory)) {
            var connecting = new CountDownLatch(1);
            var go = new CountDownLatch(1);
            SyncEngine sync = SyncEngine.between(pair.local, SyncStore.opening(() -> {
                        connecting.countDown();
                        await(go);
                        return SyncPair.open(pair.remoteBase);
                    }))
                    .table(SyncTable.named("domains").key("name"))
                    .capture(Capture.TRIGGERS)
                    .build();
            ExecutorService thread = Executors.newSingleThreadExecutor();
            try {
                Future<SyncReport> running = thread.submit(sync::sync);
                assertThat(connecting.await(60, TimeUnit.SECONDS)).isTrue();
                assertThat(sync.status().state()).isEqualTo(SyncStatus.State.IN_PROGRESS);
                go.countDown();
                assertThat(running.get(60, TimeUnit.SECONDS).isClean()).isTrue();
            } finally {
                go.countDown();
                thread.shutdown();
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
