package dev.berth.jdbc;

import static dev.berth.jdbc.SyncPair.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Capture;
import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SetAside;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What other engines get wrong when others write, too: late commits, values that are taken here, many clients at once. */
class SyncStrangersTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    @TempDir
    private Path directory;

    static Stream<Arguments> captures() {
        return REMOTES.stream()
                .flatMap(engine ->
                        Stream.of(Capture.COMPARISON, Capture.TRIGGERS).map(capture -> Arguments.of(engine, capture)));
    }

    private static String domain(String name, String note, String time) {
        return "INSERT INTO domains (name, note, updated_at) VALUES ('" + name + "', '" + note + "', " + time + ")";
    }

    private static String domain(String name) {
        return domain(name, "x", "'2026-01-01 10:00:00'");
    }

    private static String host(String name, String domain, String slug) {
        return "INSERT INTO hosts (hostname, domain_id, slug, updated_at) SELECT '" + name + "', id, '" + slug
                + "', '2026-01-01 10:00:00' FROM domains WHERE name = '" + domain + "'";
    }

    /** A transaction that began before a run and commits after it has older times and lower ids than what was seen. */
    @ParameterizedTest
    @MethodSource("captures")
    void rowsThatAreCommittedBehindACursorArriveBothWays(Engine engine, Capture capture) throws Exception {
        try (var pair = SyncPair.of(engine, directory);
                Connection late = Engine.connect(pair.remoteBase);
                Statement statement = late.createStatement()) {
            SyncEngine sync =
                    pair.engine().capture(capture).remoteCapture(capture).build();
            sync.sync();
            if (engine != Engine.SQLITE) {
                // SQLite has one writer at a time: there the row only looks late.
                late.setAutoCommit(false);
                statement.execute(domain("late-there", "x", "'2026-01-01 09:00:00'"));
            }
            pair.there(domain("early-there", "x", "'2026-01-01 11:00:00'"));
            pair.here(domain("early-here", "x", "'2026-01-01 11:00:00'"));
            assertThat(sync.sync().isClean()).isTrue();
            if (engine == Engine.SQLITE) {
                statement.execute(domain("late-there", "x", "'2026-01-01 09:00:00'"));
            } else {
                late.commit();
            }
            pair.there(domain("timeless-there", "x", "NULL"));
            pair.here(
                    "INSERT INTO domains (id, name, note, updated_at) VALUES (-5, 'late-here', 'x', '2026-01-01 09:00:00')",
                    domain("timeless-here", "x", "NULL"));

            SyncReport report = sync.sync();

            assertThat(report.of("domains", Direction.PUSH).count(Outcome.INSERTED))
                    .isEqualTo(2);
            assertThat(report.of("domains", Direction.PULL).count(Outcome.INSERTED))
                    .isEqualTo(2);
            assertThat(pair.here()).hasSize(6).isEqualTo(pair.there());
        }
    }

    /** Time that goes back, and a change that leaves the version as it was, are changes all the same. */
    @ParameterizedTest
    @MethodSource("captures")
    void aChangeWhoseVersionDoesNotGrowTravelsBothWays(Engine engine, Capture capture) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync =
                    pair.engine().capture(capture).remoteCapture(capture).build();
            pair.here(domain("a"), domain("b"), domain("c"), domain("d"));
            sync.sync();
            pair.here("UPDATE domains SET note = 'same time' WHERE name = 'a'");
            pair.here("UPDATE domains SET note = 'before', updated_at = '2025-01-01 10:00:00' WHERE name = 'b'");
            pair.there("UPDATE domains SET note = 'same time' WHERE name = 'c'");
            pair.there("UPDATE domains SET note = 'before', updated_at = '2025-01-01 10:00:00' WHERE name = 'd'");
            SyncReport report = sync.sync();
            assertThat(report.of("domains", Direction.PUSH).count(Outcome.UPDATED))
                    .isEqualTo(2);
            assertThat(report.of("domains", Direction.PULL).count(Outcome.UPDATED))
                    .isEqualTo(2);
            assertThat(report.count(Outcome.CONFLICTED)).isZero();
            assertThat(pair.here()).isEqualTo(pair.there());
        }
    }

    /** Hijack by a secondary key, on the way in: the local row keeps what it has, and no row is overwritten. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aUniqueValueThatALocalRowHoldsIsNotTakenByAPull(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domain("d"), host("holder", "d", "wanted"));
            pair.there(domain("d"), host("comer", "d", "wanted"), host("other", "d", "free"));
            SyncEngine sync = pair.engine().build();
            SyncReport report = sync.pull();
            assertThat(told(report, "hosts", Direction.PULL)).isEqualTo("INSERTED 1, FAILED 1");
            assertThat(sync.setAside("hosts", Direction.PULL))
                    .singleElement()
                    .satisfies(aside -> assertThat(aside.reason()).isEqualTo(SetAside.Reason.UNIQUE_HELD));
            assertThat(pair.askHere("SELECT hostname FROM hosts WHERE slug = 'wanted'"))
                    .isEqualTo("holder");
            // It is deleted there: what was set aside is forgotten.
            pair.there("DELETE FROM hosts WHERE hostname = 'comer'");
            assertThat(sync.pull().isClean()).isTrue();
            assertThat(sync.setAside("hosts", Direction.PULL)).isEmpty();
        }
    }

    @ParameterizedTest
    @FieldSource("REMOTES")
    void rowsThatExchangeUniqueValuesThereExchangeThemHereByAPull(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here(domain("d"), host("a", "d", "one"), host("b", "d", "two"));
            SyncEngine sync = pair.engine().build();
            sync.sync();
            pair.there(
                    "UPDATE hosts SET slug = NULL",
                    "UPDATE hosts SET slug = 'two' WHERE hostname = 'a'",
                    "UPDATE hosts SET slug = 'one' WHERE hostname = 'b'");
            assertThat(told(sync.pull(), "hosts", Direction.PULL)).isEqualTo("UPDATED 2");
            assertThat(pair.here()).isEqualTo(pair.there());
        }
    }

    /** Poison on the way in: the local database refuses some rows, their children wait, the others come. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void poisonFromThereIsSetAsideAndItsChildrenWait(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            pair.here("CREATE TRIGGER refuse BEFORE INSERT ON domains WHEN NEW.note = 'poison' BEGIN SELECT"
                    + " RAISE(ABORT, 'poison'); END");
            for (int i = 0; i < 15; i++) {
                boolean poison = i == 0 || i == 7 || i == 14;
                pair.there(
                        domain("d" + i, poison ? "poison" : "fine", "'2026-01-01 10:00:00'"),
                        host("h" + i, "d" + i, "s" + i));
            }
            SyncEngine sync = pair.engine().build();
            SyncReport report = sync.pull();
            assertThat(told(report, "domains", Direction.PULL)).isEqualTo("INSERTED 12, FAILED 3");
            assertThat(told(report, "hosts", Direction.PULL)).isEqualTo("INSERTED 12, BLOCKED 3");
            pair.there("UPDATE domains SET note = 'cured'");
            assertThat(sync.pull().isClean()).isTrue();
            assertThat(pair.here()).isEqualTo(pair.there());
        }
    }

    /** Numbers that a pull or a push gives leave no gap where the sequence of the other side would run into. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void rowsThatAreInsertedBetweenSyncsNeverMeetANumberThatASyncHasUsed(Engine engine) throws Exception {
        try (var pair = SyncPair.of(engine, directory)) {
            SyncEngine sync = pair.engine().build();
            for (int i = 0; i < 4; i++) {
                pair.here(domain("here" + i));
                pair.there(domain("there" + i));
                assertThat(sync.sync().isClean()).isTrue();
            }
            assertThat(pair.here()).hasSize(8).isEqualTo(pair.there());
            assertThat(pair.askThere("SELECT max(id) FROM domains")).isEqualTo("8");
        }
    }

    /** Clients that sync at once with one database wait for each other or begin anew; nothing is lost or refused. */
    @ParameterizedTest
    @MethodSource("captures")
    void threeClientsThatSyncAtOnceLoseNothing(Engine engine, Capture capture) throws Exception {
        try (var first = SyncPair.of(engine, directory);
                var second = SyncPair.another(engine, first.remoteBase, directory);
                var third = SyncPair.another(engine, first.remoteBase, directory)) {
            List<SyncPair> pairs = List.of(first, second, third);
            var barrier = new CyclicBarrier(pairs.size());
            ExecutorService threads = Executors.newFixedThreadPool(pairs.size());
            try {
                List<Future<SyncReport>> running = new ArrayList<>();
                for (int n = 0; n < pairs.size(); n++) {
                    SyncPair pair = pairs.get(n);
                    String mine = "m" + n + "-";
                    running.add(threads.submit(() -> {
                        SyncEngine sync = pair.engine()
                                .capture(capture)
                                .remoteCapture(capture)
                                .batch(4)
                                .build();
                        SyncReport report = null;
                        for (int round = 0; round < 3; round++) {
                            for (int i = 0; i < 5; i++) {
                                String name = mine + round + i;
                                pair.here(domain(name), host("h" + name, name, "s" + name));
                            }
                            // Each round all make this one, and one of them is there first.
                            pair.here(domain("shared" + round, mine, "'2026-01-01 10:00:00'"));
                            barrier.await();
                            report = sync.sync();
                            assertThat(report.cause()).isEmpty();
                            assertThat(report.count(Outcome.FAILED)).isZero();
                        }
                        return report;
                    }));
                }
                for (Future<SyncReport> one : running) {
                    one.get();
                }
            } finally {
                threads.shutdownNow();
            }
            for (int round = 0; round < 2; round++) {
                for (SyncPair pair : pairs) {
                    assertThat(pair.engine()
                                    .capture(capture)
                                    .remoteCapture(capture)
                                    .build()
                                    .sync()
                                    .isClean())
                            .isTrue();
                }
            }
            for (SyncPair pair : pairs) {
                assertThat(pair.here()).hasSize(93).isEqualTo(first.there());
                assertThat(pair.engine().build().verify()).isEmpty();
            }
        }
    }
}
