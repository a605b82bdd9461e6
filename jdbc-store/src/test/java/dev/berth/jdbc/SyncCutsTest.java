package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Capture;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pulls whose connection is cut, connections that are half open, and servers that are killed at any moment. */
@Tag("slow")
class SyncCutsTest {
    @TempDir
    private Path directory;

    private static SyncEngine engine(SyncPair pair, JdbcSyncStore remote) {
        return SyncEngine.between(pair.local, remote)
                .table(SyncPair.DOMAINS)
                .table(SyncPair.HOSTS)
                .table(SyncPair.TAGS)
                .capture(Capture.TRIGGERS)
                .remoteCapture(Capture.TRIGGERS)
                .batch(3)
                .build();
    }

    private static JdbcSyncStore impatient(Database database) {
        return JdbcSyncStore.open(database.url(), Engine.settings(database).patience(Duration.ofSeconds(2)));
    }

    private static String[] rows(String prefix, int count) {
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = prefix + i;
            statements.add(
                    "INSERT INTO domains (name, note, updated_at) VALUES ('" + name + "', 'x', '2026-01-01 10:00:00')");
            statements.add("INSERT INTO hosts (hostname, domain_id, slug, updated_at) SELECT 'h" + name + "', id, 's"
                    + name + "', '2026-01-01 10:00:00' FROM domains WHERE name = '" + name + "'");
            statements.add(
                    "INSERT INTO tags (host_id, label, updated_at) SELECT id, 't', '2026-01-01 10:00:00' FROM hosts"
                            + " WHERE hostname = 'h" + name + "'");
        }
        return statements.toArray(String[]::new);
    }

    /** Scenario 76, the other way. */
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aPullThatIsCutAtAnyRequestLosesAndDoublesNothing(Engine engine) throws Exception {
        cutting(engine, 19);
    }

    @Tag("deep")
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aPullThatIsCutAtEachRequestLosesAndDoublesNothing(Engine engine) throws Exception {
        cutting(engine, 1);
    }

    private void cutting(Engine engine, int step) throws Exception {
        try (var pair = SyncPair.of(engine, directory);
                var proxy = FaultProxy.to(pair.remoteBase);
                var remote = impatient(proxy.database())) {
            SyncEngine sync = engine(pair, remote);
            assertThat(sync.sync().isClean()).isTrue();
            boolean reached = true;
            int cuts = 0;
            for (int request = 1; reached && request < 400; request += step) {
                for (boolean answer : new boolean[] {false, true}) {
                    String prefix = "r" + request + (answer ? "a" : "b");
                    pair.there(rows(prefix, 3));
                    pair.there("DELETE FROM tags WHERE host_id = (SELECT min(id) FROM hosts)");
                    if (answer) {
                        proxy.cutAnswer(request);
                    } else {
                        proxy.cutRequest(request);
                    }
                    SyncReport report = sync.pull();
                    reached = !proxy.isArmed();
                    proxy.disarm();
                    cuts += reached ? 1 : 0;
                    if (report.status() != SyncReport.Status.SUCCESS) {
                        assertThat(sync.pull().isClean()).as(prefix).isTrue();
                    }
                    assertThat(report.count(Outcome.CONFLICTED)).as(prefix).isZero();
                    assertThat(pair.here()).as(prefix).isEqualTo(pair.there());
                }
            }
            assertThat(cuts).isGreaterThan(2);
            assertThat(sync.verify()).isEmpty();
            assertThat(sync.push().count(Outcome.INSERTED)).isZero();
        }
    }

    /** Nothing comes and nothing goes, and then it is over; or then all that was sent arrives after all. */
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aConnectionThatWasHalfOpenLosesAndDoublesNothing(Engine engine) throws Exception {
        halfOpen(engine, 1);
    }

    @Tag("deep")
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aConnectionThatIsHalfOpenAtAnyMomentLosesAndDoublesNothing(Engine engine) throws Exception {
        halfOpen(engine, 30);
    }

    private void halfOpen(Engine engine, int rounds) throws Exception {
        long seed = Long.getLong("berth.seed", System.nanoTime());
        System.out.printf("%s: connections are half open with seed %d%n", engine, seed);
        var random = new Random(seed);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (var pair = SyncPair.of(engine, directory);
                var proxy = FaultProxy.to(pair.remoteBase);
                var remote = impatient(proxy.database())) {
            SyncEngine sync = engine(pair, remote);
            assertThat(sync.sync().isClean()).isTrue();
            for (int round = 0; round < rounds; round++) {
                for (boolean isOver : new boolean[] {true, false}) {
                    String prefix = "r" + round + (isOver ? "a" : "b");
                    pair.here(rows(prefix + "l", 4));
                    pair.there(rows(prefix + "r", 4));
                    Future<SyncReport> running = thread.submit(sync::sync);
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(150));
                    proxy.hold();
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(100));
                    if (isOver) {
                        proxy.cut();
                    }
                    proxy.resume();
                    running.get(1, TimeUnit.MINUTES);
                    assertThat(sync.sync().isClean())
                            .as("seed %d, %s", seed, prefix)
                            .isTrue();
                    assertThat(pair.here()).as("seed %d, %s", seed, prefix).isEqualTo(pair.there());
                }
            }
            assertThat(pair.here()).hasSize(rounds * 2 * 8 * 3);
            assertThat(sync.lostRows("domains")).isEmpty();
        } finally {
            thread.shutdownNow();
        }
    }

    /** Scenario 72, again and again. */
    @Tag("deep")
    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void aServerThatIsKilledAtAnyMomentLosesAndDoublesNothing(Engine engine) throws Exception {
        long seed = Long.getLong("berth.seed", System.nanoTime());
        System.out.printf("%s: the server is killed with seed %d%n", engine, seed);
        var random = new Random(seed);
        Server server = engine == Engine.POSTGRESQL ? Servers.postgres() : Servers.mariadb();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (var pair = SyncPair.of(engine, directory);
                var remote = impatient(pair.remoteBase)) {
            SyncEngine sync = engine(pair, remote);
            assertThat(sync.sync().isClean()).isTrue();
            int rounds = 8;
            for (int round = 0; round < rounds; round++) {
                pair.here(rows("r" + round + "l", 10));
                pair.there(rows("r" + round + "r", 10));
                Future<SyncReport> running = thread.submit(sync::sync);
                TimeUnit.MILLISECONDS.sleep(random.nextInt(400));
                server.kill();
                SyncReport report = running.get(1, TimeUnit.MINUTES);
                assertThat(report.status())
                        .isIn(SyncReport.Status.SUCCESS, SyncReport.Status.OFFLINE, SyncReport.Status.FAILED);
                server.restart();
                Await.until("the server is used again", () -> sync.sync().isClean());
                assertThat(pair.here()).as("seed %d, round %d", seed, round).isEqualTo(pair.there());
            }
            assertThat(pair.here()).hasSize(rounds * 20 * 3);
            assertThat(sync.lostRows("domains")).isEmpty();
            assertThat(sync.verify()).isEmpty();
        } finally {
            thread.shutdownNow();
            if (!server.isRunning()) {
                server.restart();
            }
        }
    }
}
