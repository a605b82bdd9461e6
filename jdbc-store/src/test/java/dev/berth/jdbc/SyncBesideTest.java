package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.berth.sync.Outcome;
import dev.berth.sync.RowFaultException;
import dev.berth.sync.RowShape;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncEngineBuilder;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncStore;
import dev.berth.sync.SyncUnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What a run does on threads of its own: it reads ahead, and writes its books beside the batches. */
class SyncBesideTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    private static SyncEngineBuilder engine(SyncStore local, SyncStore remote) {
        return SyncEngine.between(local, remote).table(SyncPair.DOMAINS);
    }

    private static void add(SyncPair pair, String prefix, int count) throws Exception {
        String[] rows = new String[count];
        for (int i = 0; i < count; i++) {
            rows[i] = "INSERT INTO domains (name, note, updated_at) VALUES ('" + prefix + i
                    + "', '1', '2026-01-01 10:00:00')";
        }
        pair.here(rows);
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("berth-sync-"))
                .filter(name -> name.endsWith("reader") || name.endsWith("writer"))
                .toList();
    }

    /** Where some of the books are written and some are not, nothing is taken for a change or a delete. Scenario 70. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    @Tag("slow")
    void aCrashWhileTheBooksAreWrittenIsMadeGood(Engine engine) throws Exception {
        crashing(engine, 5);
    }

    @Tag("deep")
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aCrashAtEachPartOfTheBooksIsMadeGood(Engine engine) throws Exception {
        crashing(engine, 1);
    }

    private void crashing(Engine engine, int step) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            int crashes = 0;
            for (MortalSyncStore.Moment moment : MortalSyncStore.Moment.values()) {
                boolean reached = true;
                for (int n = 1; reached && n < 300; n += step) {
                    String prefix = moment + "-" + n + "-";
                    add(pair, prefix, 12);
                    var mortal = new MortalSyncStore(pair.local, moment, n);
                    reached = mortal.dies(engine(mortal, pair.remote).batch(2).build()::push);
                    crashes += reached ? 1 : 0;
                    pair.there(
                            "UPDATE domains SET note = 'theirs', updated_at = '2026-01-01 12:00:00' WHERE name LIKE '"
                                    + prefix + "%'");
                    SyncReport report = engine(pair.local, pair.remote).build().sync();
                    assertThat(report.cause()).isEmpty();
                    assertThat(report.count(Outcome.CONFLICTED) + report.count(Outcome.DELETED))
                            .as("%s %s", moment, n)
                            .isZero();
                    assertThat(pair.there()).isEqualTo(pair.here());
                    // The next try is to be as long as this one.
                    pair.here("DELETE FROM domains");
                    assertThat(engine(pair.local, pair.remote).build().sync().cause())
                            .isEmpty();
                    assertThat(pair.there()).isEmpty();
                }
            }
            assertThat(crashes).isGreaterThan(6);
            assertThat(threads()).isEmpty();
        }
    }

    /** Then nothing is done beside, and nothing waits for itself. */
    @Test
    void aPoolOfOneConnectionIsEnough() throws Exception {
        try (var pair = SyncPair.of(Engine.SQLITE, directory);
                var alone = JdbcSyncStore.open(
                        pair.localBase.url(),
                        Engine.settings(pair.localBase)
                                .patience(Duration.ofSeconds(5))
                                .poolSize(1))) {
            add(pair, "x", 1_000);
            assertThat(alone.sessions()).isEqualTo(1);
            SyncReport report = engine(alone, pair.remote).batch(100).build().push();
            assertThat(report.cause()).isEmpty();
            assertThat(report.count(Outcome.INSERTED)).isEqualTo(1_000);
            assertThat(pair.there()).isEqualTo(pair.here());
        }
    }

    /** Of the application's pool as many may be had as it says; three may be less than are asked for at once. */
    @Test
    void aSmallPoolOfTheApplicationIsEnough() throws Exception {
        for (int size = 1; size <= 2; size++) {
            try (var pair = SyncPair.of(Engine.SQLITE, directory);
                    var pool = new HikariDataSource()) {
                pool.setJdbcUrl(pair.localBase.url());
                pool.setMaximumPoolSize(size);
                pool.setConnectionTimeout(5_000);
                add(pair, "x", 1_000);
                var local = JdbcSyncStore.on(pool);
                assertThat(local.sessions()).isEqualTo(size);
                SyncReport report =
                        engine(local, pair.remote).batch(100).build().push();
                assertThat(report.cause()).isEmpty();
                assertThat(report.count(Outcome.INSERTED)).isEqualTo(1_000);
                assertThat(pair.there()).isEqualTo(pair.here());
            }
        }
    }

    /** However a run ends, its threads end before it does, and what went wrong on them is what it ends for. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void noThreadOutlivesItsRun(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            add(pair, "x", 1_000);
            var failing = new FailingReads(pair.local, 6);
            SyncReport failed = engine(failing, pair.remote).batch(50).build().push();
            assertThat(failed.status()).isEqualTo(SyncReport.Status.OFFLINE);
            assertThat(failed.cause()).contains("the disk is gone");
            assertThat(threads()).isEmpty();
            SyncReport report = engine(pair.local, pair.remote)
                    .batch(50)
                    .listening(progress -> Thread.currentThread().interrupt())
                    .build()
                    .push();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(report.cause()).isEmpty();
            assertThat(threads()).isEmpty();
            assertThat(failed.count(Outcome.INSERTED)).isBetween(1L, 999L);
            assertThat(report.count(Outcome.INSERTED)).isEqualTo(1_000 - failed.count(Outcome.INSERTED));
            assertThat(pair.there()).isEqualTo(pair.here());
        }
    }

    /** A store that can be read a few times only. */
    private record FailingReads(SyncStore store, AtomicInteger left) implements SyncStore {
        FailingReads(SyncStore store, int reads) {
            this(store, new AtomicInteger(reads));
        }

        @Override
        public <T> T read(Work<T> work) throws RowFaultException {
            if (left.decrementAndGet() < 0) {
                throw new SyncUnavailableException(
                        "the disk is gone",
                        SyncUnavailableException.Reason.OFFLINE,
                        SyncUnavailableException.Outcome.NOT_DONE,
                        null);
            }
            return store.read(work);
        }

        @Override
        public int sessions() {
            return store.sessions();
        }

        @Override
        public <T> T transact(Work<T> work) throws RowFaultException {
            return store.transact(work);
        }

        @Override
        public UUID identity() {
            return store.identity();
        }

        @Override
        public String describe() {
            return store.describe();
        }

        @Override
        public Instant now() {
            return store.now();
        }

        @Override
        public Collection<String> tables() {
            return store.tables();
        }

        @Override
        public StoreTable table(String name) {
            return store.table(name);
        }

        @Override
        public Collection<String> startCapture(Collection<RowShape> shapes, UUID reader) {
            return store.startCapture(shapes, reader);
        }

        @Override
        public void endCapture(String table) {
            store.endCapture(table);
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
