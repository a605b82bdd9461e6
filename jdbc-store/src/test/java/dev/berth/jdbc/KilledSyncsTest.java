package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncUnavailableException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Processes that sync are killed with SIGKILL, at chosen statements and at any moment, or stopped with SIGSTOP and woken
 * when another has done the work. Each row has one side that writes it, so nothing may ever be a conflict, and what there
 * is in the end is known.
 */
class KilledSyncsTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    private static final int ROWS = 6;
    private static final int MOST_STATEMENTS = 220;
    private static final int LONGEST_MILLIS = 500;

    @TempDir
    private Path directory;

    /** The users of both sides, and what there must be in the end. */
    private static final class Users {
        private final SyncPair pair;
        private final Random random;
        private final TreeSet<String> expected = new TreeSet<>();
        private int round;

        Users(SyncPair pair, Random random) {
            this.pair = pair;
            this.random = random;
        }

        /** Each side makes new rows, changes some of its older ones and deletes others. */
        void write() throws Exception {
            pair.here(statements("l").toArray(String[]::new));
            pair.there(statements("r").toArray(String[]::new));
            round++;
        }

        private List<String> statements(String side) {
            List<String> all = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                String name = side + round + "-" + i;
                all.add("INSERT INTO domains (name, note, updated_at) VALUES ('" + name
                        + "', 'new', '2026-01-01 10:00:00')");
                all.add("INSERT INTO hosts (hostname, domain_id, slug, port, updated_at) SELECT 'h" + name + "', id, 's"
                        + name + "', 1, '2026-01-01 10:00:00' FROM domains WHERE name = '" + name + "'");
                all.add("INSERT INTO tags (host_id, label, weight, updated_at) SELECT id, 't', 1, '2026-01-01 10:00:00'"
                        + " FROM hosts WHERE hostname = 'h" + name + "'");
                expected.add("[domain, " + name + ", new]");
                expected.add("[host, h" + name + ", " + name + ", s" + name + ", 1, null]");
                expected.add("[tag, h" + name + ", t, 1]");
            }
            for (int old = 0; old < round; old++) {
                int i = random.nextInt(ROWS);
                String name = side + old + "-" + i;
                if (expected.remove("[domain, " + name + ", new]")) {
                    all.add("UPDATE domains SET note = 'changed', updated_at = '2026-01-01 11:00:00' WHERE name = '"
                            + name + "'");
                    expected.add("[domain, " + name + ", changed]");
                } else if (expected.remove("[tag, h" + name + ", t, 1]")) {
                    all.add("DELETE FROM tags WHERE host_id = (SELECT id FROM hosts WHERE hostname = 'h" + name + "')");
                    all.add("DELETE FROM hosts WHERE hostname = 'h" + name + "'");
                    expected.remove("[host, h" + name + ", " + name + ", s" + name + ", 1, null]");
                }
            }
            return all;
        }

        /** Another process goes on, and then all is as the users know it. */
        void check(String when) throws Exception {
            try (var here = SyncPair.open(pair.localBase);
                    var there = SyncPair.open(pair.remoteBase)) {
                SyncEngine sync = SyncProcess.engine(here, there);
                for (int i = 0; i < 2; i++) {
                    SyncReport report = sync.sync();
                    assertThat(report.cause()).as(when).isEmpty();
                    assertThat(report.count(Outcome.CONFLICTED)).as(when).isZero();
                }
                assertThat(pair.here()).as(when).containsExactlyElementsOf(expected);
                assertThat(pair.there()).as(when).containsExactlyElementsOf(expected);
                for (String table : List.of("domains", "hosts", "tags")) {
                    assertThat(sync.lostRows(table)).as(when).isEmpty();
                }
                assertThat(sync.verify()).as(when).isEmpty();
            }
        }
    }

    /** Scenarios 71 and 76. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void whereverAProcessIsKilledAnotherGoesOnAndNothingIsLostOrDoubled(Engine engine) throws Exception {
        kill(engine, 2);
    }

    @Tag("deep")
    @ParameterizedTest
    @FieldSource("REMOTES")
    void howeverManyProcessesAreKilledNothingIsLostOrDoubled(Engine engine) throws Exception {
        kill(engine, 40);
    }

    private void kill(Engine engine, int deaths) throws Exception {
        long seed = Long.getLong("berth.seed", System.nanoTime());
        System.out.printf("%s: syncs are killed with seed %d%n", engine, seed);
        var random = new Random(seed);
        try (var pair = SyncPair.of(engine, directory)) {
            var users = new Users(pair, random);
            for (int death = 0; death < deaths; death++) {
                users.write();
                boolean atStatement = death % 2 == 0;
                int statement = atStatement ? 1 + random.nextInt(MOST_STATEMENTS) : 0;
                var moment = random.nextBoolean() ? Lifeline.Moment.BEFORE : Lifeline.Moment.AFTER;
                String when = engine + ", seed " + seed + ", death " + death + " "
                        + (atStatement ? moment + " statement " + statement : "at any time");
                try (var process = OtherProcess.start(
                        directory, SyncProcess.arguments(pair, statement, moment, atStatement ? 2 : 1_000))) {
                    process.go();
                    if (atStatement) {
                        // It says where it waits, or that it came through.
                        process.next();
                    } else {
                        TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_MILLIS));
                    }
                    process.kill();
                    assertThat(process.complaints()).as(when).isEmpty();
                }
                // Sometimes what follows is killed, too.
                if (random.nextInt(4) > 0 || death >= deaths - 2) {
                    users.check(when);
                }
            }
        }
    }

    /** Scenarios 62 and 73, for a sync. */
    @ParameterizedTest
    @FieldSource("REMOTES")
    void aProcessThatSleptWhileAnotherSyncedNeitherLosesNorDoublesARow(Engine engine) throws Exception {
        sleep(engine, 1);
    }

    @Tag("deep")
    @ParameterizedTest
    @FieldSource("REMOTES")
    void howeverOftenAProcessSleepsWhileAnotherSyncsNothingIsLostOrDoubled(Engine engine) throws Exception {
        sleep(engine, 25);
    }

    private void sleep(Engine engine, int times) throws Exception {
        long seed = Long.getLong("berth.seed", System.nanoTime());
        System.out.printf("%s: syncs are stopped with seed %d%n", engine, seed);
        var random = new Random(seed);
        try (var pair = SyncPair.of(engine, directory)) {
            var users = new Users(pair, random);
            for (int time = 0; time < times; time++) {
                users.write();
                int statement = 20 + random.nextInt(MOST_STATEMENTS);
                // Within a transaction it keeps the other waiting; between two it does not.
                var moment = time % 3 == 2 ? Lifeline.Moment.BEFORE : Lifeline.Moment.BETWEEN;
                String when = engine + ", seed " + seed + ", sleep " + time + " " + moment + " statement " + statement;
                try (var process = OtherProcess.start(directory, SyncProcess.arguments(pair, statement, moment, 1))) {
                    process.go();
                    String where = process.next();
                    boolean sleeps = where.equals("within") || where.equals("between");
                    if (sleeps) {
                        process.signal("STOP");
                        boolean done = another(pair);
                        assertThat(done || where.equals("within")).as(when).isTrue();
                        process.signal("CONT");
                        process.go();
                        assertThat(process.next()).as(when).matches("SUCCESS|BUSY|OFFLINE .*");
                    }
                    process.finish();
                }
                users.check(when);
            }
        }
    }

    /** Whether another process came through while one sleeps. */
    private static boolean another(SyncPair pair) {
        try (var here = SyncPair.open(pair.localBase);
                var there = SyncPair.open(pair.remoteBase)) {
            return SyncProcess.engine(here, there).sync().cause().isEmpty();
        } catch (SyncUnavailableException busy) {
            return false;
        }
    }
}
