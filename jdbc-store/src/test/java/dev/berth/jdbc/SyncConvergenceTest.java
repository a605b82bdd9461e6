package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Capture;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncEngineBuilder;
import dev.berth.sync.SyncReport;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Random scripts on several clients and the shared database: inserts, updates, deletes, new keys, swapped values,
 * rollbacks, clocks that are an hour apart, and processes that die. Then syncs until nothing moves: all have the same, and
 * no key is gone that nobody deleted or renamed.
 */
class SyncConvergenceTest {
    static final List<Engine> REMOTES = SyncPair.REMOTES;

    private static final int NAMES = 12;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @FieldSource("REMOTES")
    void allStoresConverge(Engine engine) throws Exception {
        converge(engine, 1, 2);
    }

    @Tag("deep")
    @ParameterizedTest
    @FieldSource("REMOTES")
    void manyStoresConvergeAgainAndAgain(Engine engine) throws Exception {
        for (int i = 0; i < 10; i++) {
            converge(engine, 4, 1 + i % 4);
        }
    }

    private void converge(Engine engine, int scripts, int clients) throws Exception {
        long seed = System.nanoTime();
        System.out.printf("%s, %d clients, seed %d%n", engine, clients, seed);
        var random = new Random(seed);
        List<SyncPair> pairs = new ArrayList<>();
        try {
            pairs.add(SyncPair.of(engine, directory));
            while (pairs.size() < clients) {
                pairs.add(SyncPair.another(engine, pairs.get(0).remoteBase, directory));
            }
            Set<String> removed = new TreeSet<>();
            Set<String> made = new TreeSet<>();
            for (int script = 0; script < scripts; script++) {
                for (int step = 0; step < 8; step++) {
                    SyncPair pair = pairs.get(random.nextInt(pairs.size()));
                    boolean isHere = random.nextInt(4) > 0;
                    act(isHere ? pair.localBase : pair.remoteBase, random, made, removed);
                    if (random.nextInt(3) == 0) {
                        run(pair, random);
                    }
                }
            }
            settle(pairs, seed);
            check(pairs, made, removed, seed);
        } finally {
            pairs.forEach(SyncPair::close);
        }
    }

    private static void run(SyncPair pair, Random random) {
        if (random.nextInt(3) > 0) {
            engine(pair.engine(), pair).sync();
            return;
        }
        var moment = List.of(MortalSyncStore.Moment.values()).get(random.nextInt(3));
        boolean isLocal = random.nextBoolean();
        var mortal = new MortalSyncStore(isLocal ? pair.local : pair.remote, moment, 1 + random.nextInt(20));
        SyncEngine doomed = engine(
                SyncEngine.between(isLocal ? mortal : pair.local, isLocal ? pair.remote : mortal)
                        .table(SyncPair.DOMAINS)
                        .table(SyncPair.HOSTS)
                        .table(SyncPair.TAGS),
                pair);
        mortal.dies(doomed::sync);
    }

    /** A client keeps to its way of finding changes. */
    private static SyncEngine engine(SyncEngineBuilder builder, SyncPair pair) {
        boolean triggers = pair.localBase.url().hashCode() % 2 == 0;
        return builder.capture(triggers ? Capture.TRIGGERS : Capture.COMPARISON)
                .remoteCapture(triggers ? Capture.TRIGGERS : Capture.COMPARISON)
                .batch(4)
                .build();
    }

    private static void act(Database database, Random random, Set<String> made, Set<String> removed)
            throws SQLException {
        try (Connection connection = Engine.connect(database);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            boolean commits = random.nextInt(6) > 0;
            String skew = String.format(
                    "2026-01-01 %02d:%02d:%02d", 10 + random.nextInt(2), random.nextInt(60), random.nextInt(60));
            String name = "n" + random.nextInt(NAMES);
            String other = "n" + random.nextInt(NAMES);
            int kind = random.nextInt(10);
            try {
                if (kind < 5) {
                    statement.executeUpdate("INSERT INTO domains (name, note, updated_at) VALUES ('" + name
                            + "', 'note " + random.nextInt(100) + "', '" + skew + "')");
                    statement.executeUpdate(
                            "INSERT INTO hosts (hostname, domain_id, port, slug, updated_at) SELECT 'h" + name
                                    + "', id, " + random.nextInt(100) + ", 's" + name + "', '" + skew
                                    + "' FROM domains WHERE name = '"
                                    + name + "'");
                    if (commits) {
                        made.add(name);
                    }
                } else if (kind < 8) {
                    statement.executeUpdate("UPDATE domains SET note = 'changed " + random.nextInt(100)
                            + "', updated_at = '" + skew + "' WHERE name = '" + name + "'");
                    statement.executeUpdate("UPDATE hosts SET port = " + random.nextInt(100) + ", updated_at = '" + skew
                            + "' WHERE hostname = 'h" + other + "'");
                } else if (kind == 8) {
                    int gone = statement.executeUpdate("DELETE FROM hosts WHERE hostname = 'h" + name + "'");
                    gone += statement.executeUpdate("DELETE FROM domains WHERE name = '" + name + "'");
                    if (commits && gone > 0) {
                        removed.add(name);
                    }
                } else {
                    // Two hosts exchange what must be unique.
                    statement.executeUpdate("UPDATE hosts SET slug = NULL WHERE hostname = 'h" + name + "'");
                    statement.executeUpdate("UPDATE hosts SET slug = NULL, updated_at = '" + skew
                            + "' WHERE hostname = 'h" + other + "'");
                    statement.executeUpdate("UPDATE hosts SET slug = 's" + other + "', updated_at = '" + skew
                            + "' WHERE hostname = 'h" + name
                            + "' AND NOT EXISTS (SELECT 1 FROM (SELECT slug FROM hosts) x WHERE x.slug"
                            + " = 's" + other + "')");
                }
            } catch (SQLException unique) {
                // It is there already, or somebody refers to it.
                connection.rollback();
                return;
            }
            if (commits) {
                connection.commit();
            } else {
                connection.rollback();
            }
        }
    }

    /** Syncs until nothing moves. */
    private static void settle(List<SyncPair> pairs, long seed) {
        for (int round = 0; round < 12; round++) {
            boolean quiet = true;
            for (SyncPair pair : pairs) {
                SyncReport report = engine(pair.engine(), pair).sync();
                assertThat(report.cause()).as("seed %d", seed).isEmpty();
                quiet &= report.count(Outcome.INSERTED)
                                + report.count(Outcome.UPDATED)
                                + report.count(Outcome.CONFLICTED)
                                + report.count(Outcome.DELETED)
                        == 0;
            }
            if (quiet) {
                return;
            }
        }
        throw new AssertionError("it does not settle, seed " + seed);
    }

    private static void check(List<SyncPair> pairs, Set<String> made, Set<String> removed, long seed)
            throws SQLException {
        List<String> shared = pairs.get(0).there();
        for (SyncPair pair : pairs) {
            SyncEngine sync = engine(pair.engine(), pair);
            boolean held = !sync.setAside("hosts", dev.berth.sync.Direction.PUSH)
                            .isEmpty()
                    || !sync.setAside("hosts", dev.berth.sync.Direction.PULL).isEmpty();
            // Unique values that two clients gave to different rows are for people to settle.
            if (!held) {
                assertThat(pair.here()).as("seed %d", seed).isEqualTo(shared);
                assertThat(sync.verify()).as("seed %d", seed).isEmpty();
            }
        }
        var names = shared.stream()
                .filter(row -> row.startsWith("[domain"))
                .map(row -> row.substring("[domain, ".length(), row.indexOf(',', "[domain, ".length())))
                .collect(Collectors.toCollection(TreeSet::new));
        made.removeAll(removed);
        assertThat(names).as("seed %d", seed).containsAll(made);
    }
}
