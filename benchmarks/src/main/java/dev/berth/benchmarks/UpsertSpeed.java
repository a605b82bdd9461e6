package dev.berth.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import dev.berth.sync.Outcome;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Measures the ways side by side, in rounds whose order alternates, and what else Berth does with the same rows. */
final class UpsertSpeed {
    private static final List<String> HEAD =
            List.of("way", "rows", "rows a second", "to limit", "cpu client, µs", "server", "told of a row", "checked");

    private final UpsertDatabases databases;
    private final PostgresServer server;
    private final List<UpsertContender> contenders;
    private final int sample;
    private final Map<String, List<Run>> runs = new LinkedHashMap<>();
    private final Map<String, List<Double>> seconds = new LinkedHashMap<>();
    private String trips = "";
    private String expected = "";

    /** One run: rows a second, and microseconds of processors for each row, here and in the server. */
    private record Run(long rows, double rate, double client, double server) {}

    /** Something that is timed. */
    private interface Timed {
        void run() throws Exception;
    }

    UpsertSpeed(UpsertDatabases databases, PostgresServer server, int sample) {
        this.databases = databases;
        this.server = server;
        this.sample = sample;
        this.contenders = UpsertContender.ofSpeed(sample);
    }

    /** The first round only warms up. */
    void run(int rounds) throws Exception {
        for (int round = 0; round <= rounds; round++) {
            List<UpsertContender> order = new ArrayList<>(contenders);
            if (round % 2 == 1) {
                Collections.reverse(order);
            }
            for (UpsertContender contender : order) {
                Run run = run(contender);
                System.out.printf(Locale.ROOT, "round %d: %s: %s%n", round, contender.name(), run);
                if (round > 0) {
                    runs.computeIfAbsent(contender.name(), name -> new ArrayList<>())
                            .add(run);
                }
            }
            if (round == 0) {
                seconds.clear();
            }
        }
    }

    private static long cpuMicros() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1_000;
    }

    private Run run(UpsertContender contender) throws Exception {
        return databases.copied((local, remote) -> {
            SyncWay way = contender.way().get();
            long client = cpuMicros();
            long elsewhere = server.cpuMicros();
            long begin = System.nanoTime();
            double rows = way.carry(local, remote);
            double took = System.nanoTime() - begin;
            var run = new Run(
                    (long) rows,
                    rows * 1e9 / took,
                    (cpuMicros() - client) / rows,
                    (server.cpuMicros() - elsewhere) / rows);
            check(contender, remote);
            if (way instanceof BerthPush berth) {
                note("first", took / 1e9);
                check(berth);
                more(local, remote);
            }
            return run;
        });
    }

    private void note(String what, double took) {
        seconds.computeIfAbsent(what, name -> new ArrayList<>()).add(took);
    }

    private void timed(String what, Timed work) throws Exception {
        long begin = System.nanoTime();
        work.run();
        note(what, (System.nanoTime() - begin) / 1e9);
    }

    /** What came of each row is known, and adds up. */
    private void check(BerthPush berth) {
        SyncRows rows = databases.rows();
        Map<Outcome, Long> wanted = Map.of(
                Outcome.INSERTED, (long) rows.fresh(),
                Outcome.UPDATED, (long) rows.newer(),
                Outcome.SKIPPED, (long) rows.rows() - rows.fresh() - rows.newer());
        if (!berth.outcomes().equals(wanted)) {
            throw new IllegalStateException(berth.outcomes() + " instead of " + wanted);
        }
    }

    /** All that do the whole have the same rows in the end. */
    private void check(UpsertContender contender, HikariDataSource remote) throws SQLException {
        if (contender.sites() == 0) {
            String found = checksum(remote);
            if (contender.name().equals(UpsertContender.LIMIT)) {
                expected = found;
            } else if (!expected.isEmpty()
                    && found.equals(expected) != (contender.applies() == UpsertContender.Applies.ALL)) {
                throw new IllegalStateException(contender.name() + " left " + found + ", not " + expected);
            }
        }
    }

    private static String checksum(HikariDataSource remote) throws SQLException {
        try (Connection connection = remote.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*), sum(hashtextextended(concat_ws('|', d.serial,"
                        + " s.name, s.info, s.updated_at, d.label, d.size, d.updated_at), 0)::numeric)"
                        + " FROM device d JOIN site s ON s.id = d.site_id")) {
            rows.next();
            return rows.getLong(1) + " " + rows.getString(2);
        }
    }

    /** A second sync, and a comparison, of databases that are the same. */
    private void more(String local, HikariDataSource remote) throws Exception {
        long all = databases.rows().rows();
        var counted = new RoundTrips();
        timed("again", () -> check("again", all, BerthPush.with(local, remote, engine -> BerthPush.skipped(engine))));
        BerthPush.captured(local, remote, BerthPush::skipped);
        timed(
                "captured",
                () -> check("captured", 0, BerthPush.captured(local, counted.counting(remote), BerthPush::skipped)));
        trips = counted.toString();
        timed(
                "verify",
                () -> check("verify", 0, BerthPush.with(local, remote, engine ->
                        (long) engine.verify().size())));
        timed("scan", () -> scan(local, remote));
    }

    private static void check(String what, long wanted, long found) {
        if (wanted != found) {
            throw new IllegalStateException(what + ": " + found + " instead of " + wanted);
        }
    }

    /** Reads all rows of both, every column, and does nothing with them. */
    private static void scan(String local, HikariDataSource remote) throws Exception {
        for (SyncTables table : SyncTables.ALL) {
            table.each(local, "", row -> {});
            try (Connection connection = remote.getConnection()) {
                connection.setAutoCommit(false);
                try (Statement statement = connection.createStatement()) {
                    statement.setFetchSize(2_000);
                    try (ResultSet rows = statement.executeQuery("SELECT " + table.names() + " FROM " + table.name())) {
                        while (rows.next()) {
                            for (int i = 1; i <= table.columns().size(); i++) {
                                Objects.requireNonNull(rows.getObject(i));
                            }
                        }
                    }
                }
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
    }

    private Quartiles toLimit(String name) {
        List<Run> limit = Objects.requireNonNull(runs.get(UpsertContender.LIMIT));
        List<Run> own = Objects.requireNonNull(runs.get(name));
        return Quartiles.of(java.util.stream.IntStream.range(0, own.size())
                .mapToDouble(i -> own.get(i).rate() / limit.get(i).rate()));
    }

    private double median(String name) {
        return Quartiles.of(Objects.requireNonNull(runs.get(name)).stream().mapToDouble(Run::rate))
                .median();
    }

    private double took(String what) {
        return Quartiles.of(Objects.requireNonNull(seconds.get(what)).stream().mapToDouble(one -> one))
                .median();
    }

    List<List<String>> table() {
        List<List<String>> rows = new ArrayList<>(List.of(HEAD));
        for (UpsertContender contender : contenders) {
            List<Run> own = Objects.requireNonNull(runs.get(contender.name()));
            rows.add(List.of(
                    contender.name(),
                    String.format(Locale.ROOT, "%,d", own.get(0).rows()) + (contender.sites() == 0 ? "" : " of all"),
                    spread(own),
                    toLimit(contender.name()).inWords(),
                    middle(own.stream().mapToDouble(Run::client)),
                    middle(own.stream().mapToDouble(Run::server)),
                    contender.outcomes(),
                    contender.applies() == UpsertContender.Applies.NO_UPDATES
                            ? "no row was updated"
                            : contender.sites() == 0 ? "all rows" : ""));
        }
        return rows;
    }

    private static String spread(List<Run> runs) {
        Quartiles rates = Quartiles.of(runs.stream().mapToDouble(Run::rate));
        return String.format(Locale.ROOT, "%,.0f (%,.0f–%,.0f)", rates.median(), rates.low(), rates.high());
    }

    private static String middle(java.util.stream.DoubleStream figures) {
        return String.format(Locale.ROOT, "%.1f", Quartiles.of(figures).median());
    }

    List<List<String>> others() {
        long all = databases.rows().rows();
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("Berth, with the same rows", "seconds", "rows a second"));
        Map<String, String> names = new LinkedHashMap<>();
        names.put("first", "the first push");
        names.put("again", "a second one, nothing changed, all rows compared");
        names.put("captured", "a second one, nothing changed, changes captured; " + trips);
        names.put("verify", "verify()");
        names.put("scan", "reading all rows of both databases and doing nothing");
        names.forEach((what, words) -> rows.add(List.of(
                words,
                String.format(Locale.ROOT, "%.2f", took(what)),
                String.format(Locale.ROOT, "%,.0f", all / took(what)))));
        return rows;
    }

    /** Each with what is aimed at. */
    List<String> ratios() {
        return List.of(
                Target.ratio("sync-to-limit", toLimit(UpsertContender.BERTH).median()),
                Target.ratio("sync-to-row-by-row", median(UpsertContender.BERTH) / median(UpsertContender.ROW_BY_ROW)),
                Target.ratio("sync-second-captured", took("first") / took("captured")),
                Target.ratio("sync-second-compared", took("first") / took("again")),
                Target.ratio("sync-scan-to-verify", took("scan") / took("verify")));
    }

    int sample() {
        return sample;
    }
}
