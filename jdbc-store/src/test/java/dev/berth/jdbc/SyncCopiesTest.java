package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.sync.Capture;
import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncEngineBuilder;
import dev.berth.sync.SyncRefusedException;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncStore;
import dev.berth.sync.SyncTable;
import dev.berth.sync.SyncUnavailableException;
import dev.berth.sync.Unsent;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Restored databases, copied files and second processes are noticed by the marks of past batches, pulls included. */
@Tag("slow")
class SyncCopiesTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;
    private static final List<String> KEPT = List.of("berth_sync_note", "berth_sync_change", "domains");
    private static final SyncTable DOMAINS = SyncTable.named("domains").key("name");

    @TempDir
    private Path directory;

    private static SyncEngineBuilder engine(SyncStore local, SyncStore remote) {
        return SyncEngine.between(local, remote).table(DOMAINS).onConflict(ConflictPolicy.LOCAL);
    }

    private static String add(String name) {
        return "INSERT INTO domains (name, note) VALUES ('" + name + "', '1')";
    }

    private static String set(String name, String note) {
        return "UPDATE domains SET note = '" + note + "' WHERE name = '" + name + "'";
    }

    private static void backUp(SyncPair pair, String suffix) throws SQLException {
        for (String table : KEPT) {
            pair.there("CREATE TABLE " + suffix + table + " AS SELECT * FROM " + table);
        }
    }

    private static List<String> restoring(String suffix) {
        List<String> statements = new ArrayList<>();
        for (String table : KEPT) {
            statements.add("DELETE FROM " + table);
            statements.add("INSERT INTO " + table + " SELECT * FROM " + suffix + table);
        }
        return statements;
    }

    private static void restore(SyncPair pair, String suffix) throws SQLException {
        pair.there(restoring(suffix).toArray(String[]::new));
    }

    /** A file's copy, as a virtual machine's or an image's is. */
    private JdbcSyncStore copy(SyncPair pair) throws Exception {
        pair.here("PRAGMA wal_checkpoint(TRUNCATE)");
        Path copy = Files.createTempFile(directory, "copy", ".db");
        Files.write(copy, Files.readAllBytes(Path.of(pair.localBase.url().substring("jdbc:sqlite:".length()))));
        return SyncPair.open(new Database("jdbc:sqlite:" + copy, "", ""));
    }

    /** A reader that has sent nothing since the backup keeps what it has read since, and the remote gets it back. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void whatWasReadAfterABackupIsNotLostWhenTheRemoteIsRestored(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(add("mine"));
            pair.there(add("old"));
            SyncEngine sync = engine(pair.local, pair.remote).build();
            sync.sync();
            backUp(pair, "b_");
            pair.there(set("old", "2"), add("new"));
            assertThat(told(sync.pull(), "domains", Direction.PULL)).isEqualTo("INSERTED 1, UPDATED 1, SKIPPED 1");
            restore(pair, "b_");
            SyncReport report = sync.sync();
            assertThat(report.count(Outcome.DELETED)).isZero();
            assertThat(pair.here()).isEqualTo(pair.there()).contains("[domain, new, 1]", "[domain, old, 2]");
            assertThat(sync.lostRows("domains"))
                    .singleElement()
                    .satisfies(lost -> assertThat(lost.row()).containsEntry("note", "1"));
        }
    }

    /** Neither eats the other's changes, and neither takes the other's back. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void copiesOfOneFileAreTwoClients(Engine engine) throws Exception {
        for (Capture capture : List.of(Capture.COMPARISON, Capture.TRIGGERS)) {
            try (var pair = SyncPair.of(engine, directory)) {
                pair.here(add("x"), add("gone"));
                SyncEngine one = engine(pair.local, pair.remote)
                        .capture(capture)
                        .remoteCapture(capture)
                        .build();
                one.sync();
                one.sync();
                try (var local = copy(pair)) {
                    SyncEngine other = engine(local, pair.remote)
                            .capture(capture)
                            .remoteCapture(capture)
                            .build();
                    pair.here("DELETE FROM domains WHERE name = 'gone'", set("x", "2"));
                    pair.there(add("y"));
                    one.sync();
                    SyncReport report = other.sync();
                    assertThat(told(report, "domains", Direction.PULL)).isEqualTo("INSERTED 1, UPDATED 1, DELETED 1");
                    assertThat(report.count(Outcome.CONFLICTED)).isZero();
                    pair.there(set("x", "3"));
                    assertThat(told(other.sync(), "domains", Direction.PULL)).contains("UPDATED 1");
                    assertThat(told(one.sync(), "domains", Direction.PULL)).contains("UPDATED 1");
                    assertThat(one.lostRows("domains")).isEmpty();
                    assertThat(other.lostRows("domains")).isEmpty();
                    assertThat(pair.there()).containsExactly("[domain, x, 3]", "[domain, y, 1]");
                    assertThat(one.verify()).isEmpty();
                    assertThat(other.verify()).isEmpty();
                }
            }
        }
    }

    /** Who may not write there leaves no mark, and reads all the same. */
    @Test
    void whoMayOnlyReadPulls() throws Exception {
        String role = "reader_" + UUID.randomUUID().toString().replace("-", "");
        try (var pair = SyncPair.of(Engine.POSTGRESQL, directory)) {
            pair.there(
                    add("a"),
                    "CREATE ROLE " + role + " LOGIN PASSWORD 's3cr3t'",
                    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + role);
            try {
                var source = new PGSimpleDataSource();
                source.setUrl(pair.remoteBase.url());
                source.setUser(role);
                source.setPassword("s3cr3t");
                try (var remote = JdbcSyncStore.on(source)) {
                    SyncEngine sync = SyncEngine.between(pair.local, remote)
                            .table(DOMAINS)
                            .onConflict(ConflictPolicy.REMOTE)
                            .build();
                    assertThat(told(sync.pull(), "domains", Direction.PULL)).isEqualTo("INSERTED 1");
                    pair.there(set("a", "2"), add("b"));
                    assertThat(told(sync.pull(), "domains", Direction.PULL)).isEqualTo("INSERTED 1, UPDATED 1");
                    assertThat(pair.here()).isEqualTo(pair.there());
                }
            } finally {
                pair.there("DROP OWNED BY " + role, "DROP ROLE " + role);
            }
        }
    }

    /** Runs something when a store's next transaction that reads rows is over. */
    private static SyncStore then(SyncStore store, Runnable deed) {
        var done = new AtomicBoolean();
        return (SyncStore) Proxy.newProxyInstance(
                SyncStore.class.getClassLoader(), new Class<?>[] {SyncStore.class}, (p, m, a) -> {
                    try {
                        Object result = m.invoke(store, a);
                        if (result instanceof List<?> rows && !rows.isEmpty() && done.compareAndSet(false, true)) {
                            deed.run();
                        }
                        return result;
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    /** Scenario 73. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aPullThatAnotherHasOvertakenWritesNothing(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory);
                var sameLocal = SyncPair.open(pair.localBase);
                var sameRemote = SyncPair.open(pair.remoteBase)) {
            pair.there(add("x"));
            engine(pair.local, pair.remote).build().sync();
            pair.there(set("x", "2"));
            SyncEngine fast = engine(sameLocal, sameRemote).build();
            SyncEngine slow = engine(pair.local, then(pair.remote, () -> {
                        try {
                            pair.there(set("x", "3"));
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                        fast.pull();
                    }))
                    .build();
            assertThatThrownBy(slow::pull)
                    .isInstanceOfSatisfying(
                            SyncUnavailableException.class,
                            busy -> assertThat(busy.reason()).isEqualTo(SyncUnavailableException.Reason.BUSY));
            assertThat(pair.here()).containsExactly("[domain, x, 3]");
            assertThat(fast.sync().count(Outcome.CONFLICTED)).isZero();
        }
    }

    /** Scenario 76: the process is dead, but the server is still about to commit what it has sent. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aCommitThatIsOnItsWayIsWaitedFor(Engine engine) throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(add("x"), add("gone"));
            SyncEngine sync = engine(pair.local, pair.remote).build();
            sync.sync();
            backUp(pair, "b_");
            pair.here(set("x", "2"));
            for (int i = 1;
                    pair.askThere("SELECT note FROM domains WHERE name = 'x'").equals("1");
                    i++) {
                var remote = new MortalSyncStore(pair.remote, MortalSyncStore.Moment.AFTER, i);
                remote.dies(() -> engine(pair.local, remote).build().push());
            }
            backUp(pair, "a_");
            restore(pair, "b_");
            pair.here("DELETE FROM domains WHERE name = 'gone'");
            Future<SyncReport> run;
            try (Connection server = Engine.connect(pair.remoteBase);
                    Statement statement = server.createStatement()) {
                server.setAutoCommit(false);
                if (engine != Engine.SQLITE) {
                    statement.execute("UPDATE berth_sync_lock SET book = book");
                }
                for (String sql : restoring("a_")) {
                    statement.execute(sql);
                }
                run = threads.submit(sync::sync);
                assertThatThrownBy(() -> run.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
                server.commit();
            }
            assertThat(told(run.get(), "domains", Direction.PUSH)).isEqualTo("SKIPPED 1, DELETED 1");
            assertThat(pair.here()).isEqualTo(pair.there()).containsExactly("[domain, x, 2]");
        } finally {
            threads.shutdownNow();
        }
    }

    /** What is taken away here is deleted nowhere, whichever remote database the cache was emptied for. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aCacheOfTwoRemotesIsEmptiedForBoth(Engine engine) throws Exception {
        for (Capture capture : List.of(Capture.COMPARISON, Capture.TRIGGERS)) {
            try (var pair = SyncPair.of(engine, directory);
                    var second = SyncPair.of(engine, directory)) {
                pair.there(add("one"), add("two"));
                SyncEngine first =
                        engine(pair.local, pair.remote).capture(capture).build();
                SyncEngine other =
                        engine(pair.local, second.remote).capture(capture).build();
                first.sync();
                assertThatThrownBy(() -> {
                            other.sync();
                            pair.here(add("three"));
                            first.sync();
                            first.clearLocal(Unsent.KEEP);
                        })
                        .isInstanceOf(SyncRefusedException.class)
                        .hasMessageContaining("another remote database");
                other.sync();
                assertThat(first.clearLocal(Unsent.KEEP)).isEqualTo(3);
                assertThat(other.sync().count(Outcome.DELETED)).isZero();
                first.sync();
                assertThat(second.there()).isEqualTo(pair.there()).hasSize(3).isEqualTo(pair.here());
            }
        }
    }
}
