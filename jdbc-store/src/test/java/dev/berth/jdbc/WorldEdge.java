package dev.berth.jdbc;

import dev.berth.sync.Capture;
import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.DeletePolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncTable;
import dev.berth.testkit.ManualClock;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/** A pair of databases of a {@link SyncWorld} that are synced. Each run is a process of its own. */
final class WorldEdge {
    static final List<String> TABLES = List.copyOf(WorldNode.CONTENTS.keySet());

    final WorldNode local;
    final WorldNode remote;
    private final Capture capture;
    private final Capture remoteCapture;
    private final int batch;
    private final ConflictPolicy conflicts;
    private final DeletePolicy deletes;
    private final ManualClock clock;

    WorldEdge(
            WorldNode local,
            WorldNode remote,
            Random random,
            ConflictPolicy conflicts,
            DeletePolicy deletes,
            ManualClock clock) {
        this.local = local;
        this.remote = remote;
        this.capture = random.nextBoolean() ? Capture.TRIGGERS : Capture.COMPARISON;
        this.remoteCapture = random.nextBoolean() ? Capture.TRIGGERS : Capture.COMPARISON;
        this.batch = 2 + random.nextInt(7);
        this.conflicts = conflicts;
        this.deletes = deletes;
        this.clock = clock;
    }

    /** A process that syncs. */
    final class Visit implements AutoCloseable {
        final Lifeline life = new Lifeline();
        final SyncEngine engine;
        private final JdbcSyncStore here;
        private final JdbcSyncStore there;

        Visit() {
            JdbcSettings settings = JdbcSettings.defaults().patience(Duration.ofMillis(400));
            here = JdbcSyncStore.on(life.source(local.database), settings);
            there = JdbcSyncStore.on(life.source(remote.database), settings);
            here.createSchema();
            there.createSchema();
            engine = SyncEngine.between(here, there)
                    .table(SyncTable.named("links")
                            .key("domain_id", "host_id")
                            .version("updated_at")
                            .columns("note", "updated_at"))
                    .table(SyncTable.named("services")
                            .key("host_id", "port")
                            .version("updated_at")
                            .columns("note", "updated_at"))
                    .table(SyncTable.named("hosts")
                            .key("hostname")
                            .version("updated_at")
                            .columns("domain_id", "slug", "up_id", "port", "note", "updated_at"))
                    .table(SyncTable.named("domains")
                            .key("name")
                            .version("updated_at")
                            .columns("note", "updated_at"))
                    .capture(capture)
                    .remoteCapture(remoteCapture)
                    .batch(batch)
                    .onConflict(conflicts)
                    .onDelete(deletes)
                    .waiting(Duration.ofMillis(200))
                    .clock(clock)
                    .build();
        }

        @Override
        public void close() {
            life.end();
            here.close();
            there.close();
        }
    }

    /** Two hours later, so that nothing rests any more. */
    Visit process() {
        clock.advance(Duration.ofHours(2));
        return new Visit();
    }

    /** A run that nobody disturbs; what it counts is compared with what has happened to the rows. */
    SyncReport sync() throws SQLException {
        Map<String, Map<String, String>> here = raw(local);
        Map<String, Map<String, String>> there = raw(remote);
        SyncReport report;
        try (Visit process = process()) {
            report = process.engine.sync();
        }
        if (report.cause().isEmpty()) {
            check(report, Direction.PUSH, there, raw(remote), here);
            check(report, Direction.PULL, here, raw(local), raw(remote));
        }
        return report;
    }

    private static Map<String, Map<String, String>> raw(WorldNode node) throws SQLException {
        Map<String, Map<String, String>> raw = new HashMap<>();
        for (String table : TABLES) {
            raw.put(table, node.raw(table));
        }
        return raw;
    }

    private void check(
            SyncReport report,
            Direction direction,
            Map<String, Map<String, String>> before,
            Map<String, Map<String, String>> after,
            Map<String, Map<String, String>> source) {
        for (String table : TABLES) {
            SyncReport.Table told = report.of(table, direction);
            long conflicts = told.count(Outcome.CONFLICTED);
            Set<String> inserted = new HashSet<>(after.get(table).keySet());
            inserted.removeAll(before.get(table).keySet());
            Set<String> deleted = new HashSet<>(before.get(table).keySet());
            deleted.removeAll(after.get(table).keySet());
            Set<String> updated = new HashSet<>(before.get(table).keySet());
            updated.retainAll(after.get(table).keySet());
            updated.removeIf(id ->
                    Objects.equals(before.get(table).get(id), after.get(table).get(id)));
            boolean exact = conflicts == 0 && deleted.isEmpty() && told.count(Outcome.DELETED) == 0;
            // The number of a deleted row may be given again, so that one is deleted and one inserted in one place.
            boolean agrees = exact
                    ? inserted.size() == told.count(Outcome.INSERTED)
                            && (updated.size() == told.count(Outcome.UPDATED) || table.equals("links"))
                    : Math.abs(inserted.size()
                                    - deleted.size()
                                    - told.count(Outcome.INSERTED)
                                    + told.count(Outcome.DELETED))
                            <= conflicts;
            boolean complete = (direction == Direction.PUSH ? capture : remoteCapture) == Capture.TRIGGERS
                    || told.read() >= source.get(table).size();
            if (!agrees || !complete) {
                throw new AssertionError(
                        this + " tells of " + direction + " of " + table + ": " + told + ", but inserted "
                                + inserted + ", updated " + updated + ", deleted " + deleted + " and the source has "
                                + source.get(table).size());
            }
        }
    }

    /** The notes of all rows that lost a conflict. */
    Set<String> losers() {
        Set<String> losers = new HashSet<>();
        try (Visit process = process()) {
            for (String table : TABLES) {
                process.engine
                        .lostRows(table)
                        .forEach(lost -> losers.add(String.valueOf(lost.row().get("note"))));
            }
        }
        return losers;
    }

    /** What is set aside in both directions, as text: for messages. */
    List<String> aside() {
        List<String> aside = new ArrayList<>();
        try (Visit process = process()) {
            for (String table : TABLES) {
                for (Direction direction : Direction.values()) {
                    process.engine.setAside(table, direction).forEach(one -> aside.add(one.toString()));
                }
            }
        }
        return aside;
    }

    @Override
    public String toString() {
        return local + "->" + remote + " " + capture + "/" + remoteCapture + " by " + batch + ", " + conflicts + ", "
                + deletes;
    }
}
