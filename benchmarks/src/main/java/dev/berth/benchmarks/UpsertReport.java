package dev.berth.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Measures ways to carry many new and changed rows from an SQLite file into PostgreSQL, and writes the page of benchmarks. */
public final class UpsertReport {
    private final PostgresServer server;
    private final SqliteDirectory files;
    private final SyncRows rows;

    private UpsertReport(PostgresServer server, SqliteDirectory files, SyncRows rows) {
        this.server = server;
        this.files = files;
        this.rows = rows;
    }

    public static void main(String[] args) throws Exception {
        DatabaseReport.QUIET.forEach(System::setProperty);
        try (PostgresServer server = PostgresServer.start();
                SqliteDirectory files = SqliteDirectory.make()) {
            new UpsertReport(server, files, new SyncRows(Integer.parseInt(args[0]), SyncRows.Ids.MAPPED))
                    .compare(Integer.parseInt(args[1]), args.length > 2 ? args[2] : "");
        }
    }

    private void compare(int rounds, String only) throws Exception {
        String seed = files.fresh("seed");
        rows.fillLocal(seed);
        try (HikariDataSource pool = Engine.pool(server.fresh("seed"), 1)) {
            rows.fillRemote(pool);
        }
        System.out.println("filled");
        for (int round = 0; round < rounds; round++) {
            for (UpsertContender contender : UpsertContender.all()) {
                if (!contender.name().contains(only)) {
                    continue;
                }
                run(contender, round);
            }
        }
    }

    private static long cpuMicros() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1_000;
    }

    private void run(UpsertContender contender, int round) throws Exception {
        String local = files.fresh("local");
        Files.copy(Path.of(files.fresh("seed").substring(12)), Path.of(local.substring(12)));
        String url = server.freshFrom("seed", "remote");
        try (HikariDataSource pool = Engine.pool(url + "&reWriteBatchedInserts=true", 3)) {
            SyncWay way = contender.way().get();
            long used = cpuMicros();
            long serverUsed = server.cpuMicros();
            long begin = System.nanoTime();
            long count = way.carry(local, pool);
            double seconds = (System.nanoTime() - begin) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "%d %s: %d rows, %.1f s, %.0f rows/s, client %.1f us, server %.1f us %s%n",
                    round,
                    contender.name(),
                    count,
                    seconds,
                    count / seconds,
                    (double) (cpuMicros() - used) / count,
                    (double) (server.cpuMicros() - serverUsed) / count,
                    way instanceof BerthPush ? way : "");
            if (way instanceof BerthPush) {
                var trips = new RoundTrips();
                begin = System.nanoTime();
                String again = BerthPush.with(
                        local,
                        trips.counting(pool),
                        engine -> BerthPush.sums(engine.push()).toString());
                System.out.printf("again %.1f s %s %s%n", (System.nanoTime() - begin) / 1e9, again, trips);
                begin = System.nanoTime();
                BerthPush.with(local, pool, engine -> engine.verify().size());
                System.out.printf("verify %.1f s%n", (System.nanoTime() - begin) / 1e9);
            }
        }
        server.drop("remote");
        files.drop("local");
    }
}
