package dev.berth.jdbc;

import dev.berth.sync.ConflictPolicy;
import dev.berth.sync.DeletePolicy;
import dev.berth.sync.Direction;
import dev.berth.sync.Outcome;
import dev.berth.sync.SetAside;
import dev.berth.sync.SyncReport;
import dev.berth.sync.SyncUnavailableException;
import dev.berth.testkit.ManualClock;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * Some databases that are synced in pairs which form a tree, and the users of each. A script at random, from a seed: users
 * write, roll back and delete, also in the midst of a run; runs are cut short at any statement; another process syncs the
 * same pair. Then people settle what is theirs to settle, and all is compared with what the users know: not by the engine's
 * own means.
 */
final class SyncWorld implements AutoCloseable {
    private static final int MOST_ROUNDS = 60;

    private final long seed;
    private final Random random;
    private final WorldUsers users;
    private final ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T12:00:00Z"));
    private final List<WorldNode> nodes = new ArrayList<>();
    private final List<WorldEdge> edges = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final Map<String, String> stable = new TreeMap<>();

    /** Which database is synced with which: of each but the first, the one before it in the tree. */
    enum Form {
        /** All with the last. */
        STAR,
        /** Each with the next. */
        CHAIN
    }

    /**
     * Makes the databases.
     *
     * @param engines theirs
     * @param form who is synced with whom
     */
    SyncWorld(long seed, List<Engine> engines, Form form, Path directory) throws SQLException {
        this.seed = seed;
        this.random = new Random(seed);
        this.users = new WorldUsers(random);
        for (Engine engine : engines) {
            nodes.add(new WorldNode(nodes.size(), engine, random.nextInt(7_200) - 3_600L, directory));
        }
        ConflictPolicy conflicts = List.of(
                        ConflictPolicy.NEWEST,
                        ConflictPolicy.NEWEST,
                        ConflictPolicy.LOCAL,
                        ConflictPolicy.REMOTE,
                        ConflictPolicy.remoteColumns("note", "updated_at"))
                .get(random.nextInt(5));
        DeletePolicy deletes = random.nextBoolean() ? DeletePolicy.UPDATE_WINS : DeletePolicy.DELETE_WINS;
        int last = nodes.size() - 1;
        for (int i = 0; i < last; i++) {
            int other = form == Form.STAR ? last : i + 1;
            edges.add(new WorldEdge(nodes.get(i), nodes.get(other), random, conflicts, deletes, clock));
        }
        say("seed " + seed + ": " + edges);
    }

    private void say(String what) {
        told.add(what);
    }

    /** All that has happened, for whoever replays it. */
    List<String> told() {
        return told;
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** Runs it all. */
    void play(int steps) throws SQLException {
        try {
            say(users.settle(nodes.get(0)));
            settle();
            for (WorldNode node : nodes) {
                for (List<String> row : stableRows(node)) {
                    stable.put(node + " " + row.get(0), row.toString());
                    node.run("UPDATE hosts SET secret = 'kept' WHERE hostname = '" + row.get(0) + "'");
                }
            }
            for (int step = 0; step < steps; step++) {
                for (int acts = random.nextInt(5); acts > 0; acts--) {
                    say(users.act(any(nodes)));
                }
                disturbed(any(edges));
            }
            for (WorldNode node : nodes) {
                say(node + " has " + node.rows());
            }
            settle();
            check();
        } catch (AssertionError | RuntimeException | SQLException failed) {
            throw new AssertionError(
                    "replay with -Dberth.seed=" + seed + "\n" + String.join("\n", told) + "\n" + failed.getMessage(),
                    failed);
        }
    }

    private static List<List<String>> stableRows(WorldNode node) throws SQLException {
        return node.read("SELECT hostname, id FROM hosts WHERE hostname LIKE 'stable%' ORDER BY hostname");
    }

    /** A run that something happens in, or nothing. */
    private void disturbed(WorldEdge edge) throws SQLException {
        int kind = random.nextInt(7);
        if (kind < 2) {
            told(edge, edge.sync());
            return;
        }
        int statement = 1 + random.nextInt(random.nextInt(4) == 0 ? 900 : 250);
        try (WorldEdge.Visit process = edge.process()) {
            if (kind < 4) {
                var moment = random.nextBoolean() ? Lifeline.Moment.BEFORE : Lifeline.Moment.AFTER;
                process.life.endsAt(statement, moment);
                say(edge + " dies " + moment + " statement " + statement);
            } else if (kind == 6) {
                var moment = random.nextBoolean() ? Lifeline.Moment.BEFORE : Lifeline.Moment.AFTER;
                process.life.isCutAt(statement, moment);
                say(edge + " is cut " + moment + " statement " + statement);
            } else if (kind == 4) {
                WorldNode node = any(List.of(edge.local, edge.remote));
                process.life.happensAt(statement, Lifeline.Moment.BEFORE, () -> {
                    try {
                        say("meanwhile, before statement " + statement + ": " + users.act(node));
                    } catch (SQLException failed) {
                        throw new AssertionError(failed);
                    }
                });
            } else {
                process.life.happensAt(statement, Lifeline.Moment.BETWEEN, () -> other(edge, statement));
            }
            try {
                told(edge, process.engine.sync());
            } catch (Lifeline.Death expected) {
                say("it is dead");
            } catch (SyncUnavailableException busy) {
                if (busy.reason() != SyncUnavailableException.Reason.BUSY || kind != 5) {
                    throw busy;
                }
                say("busy: " + busy.getMessage());
            }
        }
    }

    private void other(WorldEdge edge, int statement) {
        say("another process at statement " + statement);
        try (WorldEdge.Visit another = edge.process()) {
            told(edge, another.engine.sync());
        } catch (SyncUnavailableException busy) {
            say("the other is busy: " + busy.getMessage());
        }
    }

    private void told(WorldEdge edge, SyncReport report) {
        var line = new StringBuilder(edge.toString()).append(": ").append(report.status());
        report.cause().ifPresent(why -> line.append(' ').append(why));
        for (SyncReport.Table table : report.tables()) {
            Map<Outcome, Long> counts = new TreeMap<>(table.outcomes());
            counts.values().removeIf(count -> count == 0);
            if (!counts.isEmpty()) {
                line.append("; ")
                        .append(table.direction())
                        .append(' ')
                        .append(table.table())
                        .append(counts);
            }
        }
        say(line.toString());
    }

    /** Syncs until nothing moves, and then has people settle what they have to, until they have not. */
    private void settle() throws SQLException {
        for (int round = 0; round < MOST_ROUNDS; round++) {
            boolean quiet = true;
            for (WorldEdge edge : edges) {
                SyncReport report = edge.sync();
                told(edge, report);
                if (report.cause().isPresent()) {
                    throw new AssertionError(edge + ": " + report);
                }
                quiet &= report.count(Outcome.INSERTED)
                                + report.count(Outcome.UPDATED)
                                + report.count(Outcome.CONFLICTED)
                                + report.count(Outcome.DELETED)
                        == 0;
            }
            if (quiet && !cure()) {
                return;
            }
        }
        throw new AssertionError("it does not settle");
    }

    /** What people do when nothing moves any more: values that two rows want are given to one of them. */
    private boolean cure() throws SQLException {
        boolean cured = false;
        for (WorldEdge edge : edges) {
            Map<String, WorldNode> held = new LinkedHashMap<>();
            try (WorldEdge.Visit process = edge.process()) {
                for (Direction direction : Direction.values()) {
                    for (String table : WorldEdge.TABLES) {
                        for (SetAside aside : process.engine.setAside(table, direction)) {
                            if (aside.reason() != SetAside.Reason.UNIQUE_HELD) {
                                throw new AssertionError(edge + " has set aside " + aside);
                            }
                            held.put(
                                    String.valueOf(aside.row().get("hostname")),
                                    direction == Direction.PUSH ? edge.local : edge.remote);
                            process.engine.retry(table, direction);
                        }
                    }
                }
            }
            // One after the other: what one gives up, another may get.
            for (var one : held.entrySet()) {
                say(users.cure(one.getValue(), one.getKey()));
                return true;
            }
        }
        return cured;
    }

    /** What is true in the end. */
    private void check() throws SQLException {
        Map<String, List<String>> first = nodes.get(0).rows();
        for (WorldNode node : nodes) {
            Map<String, List<String>> rows = node.rows();
            for (String table : WorldEdge.TABLES) {
                if (!rows.get(table).equals(first.get(table))) {
                    throw new AssertionError(table + " differs: " + nodes.get(0) + " has " + first.get(table) + " and "
                            + node + " has " + rows.get(table));
                }
            }
            checkUntouched(node);
        }
        for (WorldEdge edge : edges) {
            try (WorldEdge.Visit process = edge.process()) {
                if (!process.engine.verify().isEmpty()) {
                    throw new AssertionError(edge + " verifies " + process.engine.verify());
                }
                if (process.engine.pendingWrites() != 0) {
                    throw new AssertionError(edge + " has pending writes: " + process.engine.pendingWrites());
                }
            }
        }
        checkNothingIsLost();
    }

    private void checkUntouched(WorldNode node) throws SQLException {
        for (List<String> row : stableRows(node)) {
            String before = stable.get(node + " " + row.get(0));
            if (!row.toString().equals(before)) {
                throw new AssertionError(node + " had " + before + " and has " + row);
            }
        }
        for (String table : WorldEdge.TABLES) {
            for (List<String> row :
                    node.read("SELECT " + (table.equals("hosts") ? "hostname" : "note") + ", secret FROM " + table)) {
                boolean isStable = table.equals("hosts") && row.get(0).startsWith("stable");
                if (!(isStable ? "kept" : "of " + node.number).equals(row.get(1))) {
                    throw new AssertionError(
                            table + " of " + node + ": a column that is not synced was written: " + row);
                }
            }
        }
        if (node.rows().toString().contains("dangling")) {
            throw new AssertionError(node + " has dangling references: " + node.rows());
        }
    }

    private void checkNothingIsLost() throws SQLException {
        Set<String> there = new HashSet<>();
        Set<String> outsiders = new HashSet<>();
        for (WorldNode node : nodes) {
            for (String table : WorldEdge.TABLES) {
                node.read("SELECT note FROM " + table).forEach(row -> there.add(row.get(0)));
            }
            node.read("SELECT note FROM outsider").forEach(row -> outsiders.add(row.get(0)));
        }
        Set<String> journal = new HashSet<>();
        edges.forEach(edge -> journal.addAll(edge.losers()));
        users.living().forEach((note, where) -> {
            if (!there.contains(note) && !journal.contains(note)) {
                throw new AssertionError("lost: " + note + " of " + where);
            }
        });
        there.addAll(journal);
        for (String note : users.rolledBack()) {
            if (there.contains(note)) {
                throw new AssertionError("it was rolled back: " + note);
            }
        }
        if (!outsiders.equals(users.outsiders())) {
            throw new AssertionError("of strangers " + users.outsiders() + " there are " + outsiders);
        }
    }

    @Override
    public void close() throws SQLException {
        for (WorldNode node : nodes) {
            node.close();
        }
    }
}
