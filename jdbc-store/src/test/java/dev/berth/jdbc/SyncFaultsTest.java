package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.sync.Capture;
import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Connections are cut, servers and processes die, copies are restored, and two run at once: nothing is lost or doubled. */
@Tag("slow")
class SyncFaultsTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;
    private static final int ROWS = 12;

    @TempDir
    private Path directory;

    private static void fill(SyncPair pair, String prefix) throws Exception {
        fill(pair, prefix, ROWS);
    }

    private static void fill(SyncPair pair, String prefix, int rows) throws Exception {
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            String name = prefix + i;
            statements.add(
                    "INSERT INTO domains (name, note, updated_at) VALUES ('" + name + "', 'x', '2026-01-01 10:00:00')");
            statements.add("INSERT INTO hosts (hostname, domain_id, slug, updated_at) SELECT 'h" + name + "', id, 's"
                    + name + "', '2026-01-01 10:00:00' FROM domains WHERE name = '" + name + "'");
        }
        pair.here(statements.toArray(String[]::new));
    }

    private static JdbcSyncStore impatient(Database database) {
        return JdbcSyncStore.open(database.url(), Engine.settings(database).patience(Duration.ofSeconds(2)));
    }

    /** Scenario 76: whichever request is cut, before or after the server did it. */
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aConnectionThatIsCutAtAnyRequestLosesAndDoublesNothing(Engine engine) throws Exception {
        cutting(engine, 17);
    }

    @Tag("deep")
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aConnectionThatIsCutAtEachRequestLosesAndDoublesNothing(Engine engine) throws Exception {
        cutting(engine, 1);
    }

    private void cutting(Engine engine, int step) throws Exception {
        try (var pair = SyncPair.of(engine, directory);
                var proxy = FaultProxy.to(pair.remoteBase);
                var remote = impatient(proxy.database())) {
            SyncEngine sync = SyncEngine.between(pair.local, remote)
                    .table(SyncPair.DOMAINS)
                    .table(SyncPair.HOSTS)
                    .table(SyncPair.TAGS)
                    .capture(Capture.TRIGGERS)
                    .remoteCapture(Capture.TRIGGERS)
                    .batch(3)
                    .build();
            assertThat(sync.sync().isClean()).isTrue();
            boolean reached = true;
            int cuts = 0;
            for (int request = 1; reached && request < 400; request += step) {
                for (boolean answer : new boolean[] {false, true}) {
                    fill(pair, "r" + request + (answer ? "a" : "b"), 4);
                    if (answer) {
                        proxy.cutAnswer(request);
                    } else {
                        proxy.cutRequest(request);
                    }
                    SyncReport report = sync.push();
                    reached = !proxy.isArmed();
                    proxy.disarm();
                    cuts += reached ? 1 : 0;
                    // It went on by itself, or goes on now; and conflicts, which only a doubt could make, are none.
                    if (report.status() != SyncReport.Status.SUCCESS) {
                        assertThat(sync.push().isClean()).isTrue();
                    }
                    assertThat(report.count(Outcome.CONFLICTED)).isZero();
                    assertThat(sync.lostRows("domains")).isEmpty();
                    assertThat(pair.there()).isEqualTo(pair.here());
                }
            }
            assertThat(cuts).isGreaterThan(2);
            assertThat(sync.verify()).isEmpty();
            assertThat(sync.push().count(Outcome.SKIPPED)).isZero();
        }
    }

    /** Scenarios 71 and 76: wherever it stops, the next run goes on, and knows what had arrived. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aCrashAtAnyTransactionIsMadeGood(Engine engine) throws Exception {
        crashing(engine, engine == Engine.SQLITE ? 7 : 13);
    }

    @Tag("deep")
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aCrashAtEachTransactionIsMadeGood(Engine engine) throws Exception {
        crashing(engine, 1);
    }

    private void crashing(Engine engine, int step) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            int crashes = 0;
            for (MortalSyncStore.Moment moment : MortalSyncStore.Moment.values()) {
                for (boolean isLocal : new boolean[] {true, false}) {
                    boolean reached = true;
                    for (int n = 1; reached && n < 200; n += step) {
                        String prefix = moment + "-" + isLocal + "-" + n + "-";
                        fill(pair, prefix, 4);
                        pair.here("DELETE FROM hosts WHERE id = (SELECT min(id) FROM hosts)");
                        var mortal = new MortalSyncStore(isLocal ? pair.local : pair.remote, moment, n);
                        SyncEngine doomed = SyncEngine.between(
                                        isLocal ? mortal : pair.local, isLocal ? pair.remote : mortal)
                                .table(SyncPair.DOMAINS)
                                .table(SyncPair.HOSTS)
                                .table(SyncPair.TAGS)
                                .capture(Capture.TRIGGERS)
                                .remoteCapture(Capture.TRIGGERS)
                                .batch(3)
                                .build();
                        reached = mortal.dies(doomed::push);
                        crashes += reached ? 1 : 0;
                        // What had arrived is changed by another; here it is as it was, so nothing is in conflict.
                        pair.there(
                                "UPDATE domains SET note = 'theirs', updated_at = '2026-01-01 12:00:00' WHERE name LIKE '"
                                        + prefix + "%'");
                        SyncEngine next = pair.engine()
                                .capture(Capture.TRIGGERS)
                                .remoteCapture(Capture.TRIGGERS)
                                .build();
                        SyncReport report = next.sync();
                        assertThat(report.cause()).isEmpty();
                        assertThat(report.count(Outcome.CONFLICTED))
                                .as("%s %s %s", moment, isLocal, n)
                                .isZero();
                        assertThat(pair.there()).isEqualTo(pair.here());
                    }
                }
            }
            assertThat(crashes).isGreaterThan(4);
        }
    }

    /** A copy that was restored goes on from what it had: what the other side has had since comes as plain changes. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aRestoredCopyIsNoticedAndTakesNothingBack(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            fill(pair, "a");
            pair.push();
            Path file = Path.of(pair.localBase.url().substring("jdbc:sqlite:".length()));
            Path copy = directory.resolve("copy.db");
            pair.here("PRAGMA wal_checkpoint(TRUNCATE)");
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            pair.here("UPDATE domains SET note = 'later', updated_at = '2026-01-01 12:00:00' WHERE name = 'a1'");
            pair.push();
            var restored = new Database("jdbc:sqlite:" + copy, "", "");
            try (var local = SyncPair.open(restored)) {
                SyncEngine sync = SyncEngine.between(local, pair.remote)
                        .table(SyncPair.DOMAINS)
                        .table(SyncPair.HOSTS)
                        .table(SyncPair.TAGS)
                        .build();
                SyncReport report = sync.sync();
                assertThat(told(report, "domains", Direction.PUSH)).isEqualTo("SKIPPED " + ROWS);
                assertThat(told(report, "domains", Direction.PULL)).isEqualTo("UPDATED 1, SKIPPED " + (ROWS - 1));
                assertThat(SyncPair.contents(restored)).isEqualTo(pair.there());
                assertThat(pair.there()).contains("[domain, a1, later]");
            }
        }
    }

    /** Scenario 73. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aSyncDuringASyncIsBusyOrWaitsAndTwoProcessesLoseNothing(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory);
                var sameLocal = SyncPair.open(pair.localBase);
                var sameRemote = SyncPair.open(pair.remoteBase)) {
            fill(pair, "a");
            var inside = new CountDownLatch(1);
            var go = new CountDownLatch(1);
            var first = new AtomicBoolean(true);
            SyncEngine one = pair.engine()
                    .batch(3)
                    .waiting(Duration.ofMillis(50))
                    .listening(table -> {
                        if (first.getAndSet(false)) {
                            inside.countDown();
                            await(go);
                        }
                    })
                    .build();
            SyncEngine other = SyncEngine.between(sameLocal, sameRemote)
                    .table(SyncPair.DOMAINS)
                    .table(SyncPair.HOSTS)
                    .table(SyncPair.TAGS)
                    .batch(3)
                    .build();
            ExecutorService thread = Executors.newSingleThreadExecutor();
            try {
                Future<Optional<Throwable>> running = thread.submit(() -> {
                    try {
                        one.push();
                        return Optional.empty();
                    } catch (SyncUnavailableException busy) {
                        return Optional.of(busy);
                    }
                });
                inside.await();
                assertThat(one.trySync()).isEmpty();
                assertThatThrownBy(one::push)
                        .isInstanceOfSatisfying(
                                SyncUnavailableException.class,
                                busy -> assertThat(busy.reason()).isEqualTo(SyncUnavailableException.Reason.BUSY));
                assertThat(other.push().isClean()).isTrue();
                // Something that the first has yet to carry.
                fill(pair, "b");
                go.countDown();
                assertThat(running.get(1, TimeUnit.MINUTES))
                        .hasValueSatisfying(busy -> assertThat(busy).hasMessageContaining("another process"));
            } finally {
                go.countDown();
                thread.shutdownNow();
            }
            assertThat(one.sync().isClean()).isTrue();
            assertThat(one.sync().count(Outcome.CONFLICTED)).isZero();
            assertThat(pair.there()).isEqualTo(pair.here());
            assertThat(one.lostRows("domains")).isEmpty();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Scenario 72. */
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aServerThatIsKilledIsOfflineAndTheRunAfterItsReturnGoesOn(Engine engine) throws Exception {
        Server server = engine == Engine.POSTGRESQL ? Servers.postgres() : Servers.mariadb();
        try (var pair = SyncPair.of(engine, directory);
                var remote = impatient(pair.remoteBase)) {
            var kill = new AtomicBoolean();
            SyncEngine sync = SyncEngine.between(pair.local, remote)
                    .table(SyncPair.DOMAINS)
                    .table(SyncPair.HOSTS)
                    .table(SyncPair.TAGS)
                    .batch(4)
                    .listening(table -> {
                        if (kill.getAndSet(false)) {
                            server.kill();
                        }
                    })
                    .build();
            assertThat(sync.sync().isClean()).isTrue();
            fill(pair, "a");
            kill.set(true);

            SyncReport report = sync.push();

            assertThat(report.status()).isEqualTo(SyncReport.Status.OFFLINE);
            assertThat(report.cause()).isPresent();
            assertThat(sync.push().status()).isEqualTo(SyncReport.Status.OFFLINE);
            server.restart();
            // The pool may need a moment to notice.
            Await.until("the server is used again", () -> sync.push().isClean());
            assertThat(pair.there()).isEqualTo(pair.here());
            assertThat(sync.lostRows("domains")).isEmpty();
        } finally {
            if (!server.isRunning()) {
                server.restart();
            }
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void aBatchThatFailsAlikeEverywhereEndsTheRunAndChangesNothing(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            List<String> statements = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                statements.add("INSERT INTO domains (name, note, updated_at) VALUES ('d" + i
                        + "', 'x', '2026-01-01 10:00:00')");
            }
            pair.here(statements.toArray(String[]::new));
            if (engine == Engine.SQLITE) {
                pair.there("CREATE TRIGGER refuse BEFORE INSERT ON domains BEGIN SELECT RAISE(ABORT, 'no'); END");
            } else {
                pair.there("ALTER TABLE domains ADD CONSTRAINT nothing_new CHECK (note = 'never')");
            }
            SyncEngine sync = pair.engine().build();
            SyncReport report = sync.push();
            assertThat(report.status()).isEqualTo(SyncReport.Status.FAILED);
            assertThat(report.cause()).hasValueSatisfying(why -> assertThat(why).contains("domains"));
            assertThat(sync.setAside("domains", Direction.PUSH)).isEmpty();
            assertThat(pair.there()).isEmpty();
        }
    }

    /** The application's own connections are given back as they were. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void thePoolOfTheApplicationIsGivenBackAsItWas(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory);
                Connection only = Engine.connect(pair.remoteBase)) {
            only.setAutoCommit(true);
            var source = new org.springframework.jdbc.datasource.SingleConnectionDataSource(only, true);
            try (var remote = JdbcSyncStore.on(source)) {
                fill(pair, "a");
                SyncEngine sync = SyncEngine.between(pair.local, remote)
                        .table(SyncPair.DOMAINS)
                        .table(SyncPair.HOSTS)
                        .table(SyncPair.TAGS)
                        .build();
                assertThat(sync.push().isClean()).isTrue();
                assertThat(only.getAutoCommit()).isTrue();
                assertThat(only.isClosed()).isFalse();
                assertThat(pair.there()).isEqualTo(pair.here());
            }
        }
    }
}
