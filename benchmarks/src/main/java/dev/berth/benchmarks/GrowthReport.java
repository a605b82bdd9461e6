package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.berth.benchmarks.Growth.Axes;
import dev.berth.benchmarks.Growth.Line;
import dev.berth.benchmarks.Growth.Point;
import dev.berth.jdbc.JdbcSyncStore;
import dev.berth.ledger.Claim;
import dev.berth.ledger.LedgerStore;
import dev.berth.sync.SyncEngine;
import dev.berth.sync.SyncStore;
import dev.berth.sync.SyncTable;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.function.ToDoubleFunction;

/**
 * Measures how cost grows with claims in the ledger, with the size and the fullness of a pool, with callers, and with tables
 * and rows of a sync, on PostgreSQL; draws a figure of each and writes them into the page of benchmarks.
 */
public final class GrowthReport {
    private static final String EACH = "Microseconds of a release and a claim";
    /** Runs with fewer claims than this are to see that all works. */
    private static final int SERIOUS = 100_000;

    private static final String OF_POOLS = "slots of a pool";
    private static final String OF_FULLNESS = "percent of a pool that is in use";
    private static final String OF_CALLERS = "callers at once";
    /** So many slices long is the rest of the machine waited for. */
    private static final int PATIENCE = 3;

    private static final int WARM_UPS = 2;
    private static final int SLICES = 5;
    private static final int CALLERS = 16;
    private static final int SLOTS = 1_000;
    private static final int PERCENT = 80;
    private static final int FEWEST = 1_000;
    private static final int ROWS = 500;
    private static final double NANOS = 1e9;

    private final PostgresServer server;
    private final SqliteDirectory files;
    private final QuietGate gate;
    private final Duration slice;

    private GrowthReport(PostgresServer server, SqliteDirectory files, int most) {
        this.server = server;
        this.files = files;
        slice = Duration.ofMillis(most < SERIOUS ? 100 : 1_000);
        gate = new QuietGate(server, slice.multipliedBy(PATIENCE));
    }

    /**
     * Runs the report.
     *
     * @param args the page to write, how many claims the largest ledger has, and how many sites the largest sync
     * @throws Exception if anything fails
     */
    public static void main(String[] args) throws Exception {
        if (args.length != 3) {
            throw new IllegalArgumentException("wanted: the page to write, the most claims, and the most sites");
        }
        DatabaseReport.QUIET.forEach(System::setProperty);
        System.setProperty("java.awt.headless", "true");
        Path page = Path.of(args[0]);
        List<String> lines = new ArrayList<>(List.of(Machine.describe()));
        try (PostgresServer server = PostgresServer.start();
                SqliteDirectory files = SqliteDirectory.make()) {
            lines.add(server.title() + ".");
            lines.add("");
            var report = new GrowthReport(server, files, Integer.parseInt(args[1]));
            // The first one warms up.
            report.pool(OF_POOLS, SLOTS, SLOTS, PERCENT, CALLERS);
            List<Growth> all = List.of(
                    report.ledger(Integer.parseInt(args[1])),
                    report.poolSize(),
                    report.fullness(),
                    report.callers(),
                    report.rows(Integer.parseInt(args[2])),
                    report.tables());
            Path figures = page.resolveSibling("figures");
            for (Growth growth : all) {
                lines.addAll(growth.draw(figures));
            }
        }
        lines.forEach(System.out::println);
        new Section(page, "growth").write(lines);
    }

    private Point measured(String what, double x, Churn<Claim> churn, Server where)
            throws InterruptedException, ExecutionException {
        for (int i = 0; i < WARM_UPS; i++) {
            churn.slice(slice, gate, where);
        }
        List<Slice> slices = new ArrayList<>();
        for (int i = 0; i < SLICES; i++) {
            gate.await();
            slices.add(churn.slice(slice, gate, where));
        }
        if (!churn.errors().isEmpty()) {
            throw new IllegalStateException(churn.errors().toString());
        }
        double micros = 1e6 / median(slices, Slice::rate);
        double others = median(slices, Slice::foreign);
        System.out.printf(Locale.ROOT, "%,.0f %s: %,.1f, others %.0f %%%n", x, what, micros, 100 * others);
        return new Point(x, micros, others);
    }

    private static double median(List<Slice> slices, ToDoubleFunction<Slice> figure) {
        return Quartiles.of(slices.stream().mapToDouble(figure)).median();
    }

    private Growth ledger(int most) throws SQLException, InterruptedException, ExecutionException {
        List<Line> lines =
                List.of(new Line("PostgreSQL", ledger(most, server)), new Line("SQLite", ledger(most, files)));
        return new Growth("ledger", "claims in the ledger", EACH, Axes.LOGARITHMIC_SIZES, lines);
    }

    private List<Point> ledger(int most, Server where) throws SQLException, InterruptedException, ExecutionException {
        List<Point> points = new ArrayList<>();
        String url = where.fresh("growth_ledger");
        var claims =
                BerthClaims.open(Cell.BERTH, Job.PORT, url, CALLERS, SLOTS, 1).orElseThrow();
        try (var churn = new Churn<>(claims, SLOTS * PERCENT / 100, CALLERS);
                HikariDataSource pool = Engine.pool(url, 2);
                LedgerStore store = BerthStores.open(url, pool).orElseThrow()) {
            int from = 0;
            for (int count = FEWEST; count <= most; count *= 10) {
                Bulk.fill(store, from, count);
                from = count;
                Rows.analyze(url, pool, "berth_claim", "berth_resource");
                points.add(measured("claims in the ledger", count, churn, where));
            }
            long stored = Rows.count(pool, "select count(*) from berth_claim");
            if (stored != from + SLOTS * PERCENT / 100) {
                throw new IllegalStateException("not as many claims as were made: " + stored);
            }
        }
        where.drop("growth_ledger");
        return points;
    }

    private Point pool(String what, int x, int slots, int percent, int callers)
            throws SQLException, InterruptedException, ExecutionException {
        String name = "growth_" + slots + "_" + percent + "_" + callers;
        var claims = BerthClaims.open(Cell.BERTH, Job.PORT, server.fresh(name), callers, slots, 1)
                .orElseThrow();
        Point point;
        try (var churn = new Churn<>(claims, slots * percent / 100, callers)) {
            point = measured(what, x, churn, server);
        }
        server.drop(name);
        return point;
    }

    private Growth poolSize() throws SQLException, InterruptedException, ExecutionException {
        List<Point> points = new ArrayList<>();
        for (int slots : new int[] {100, 300, 1_000, 3_000, 10_000, 30_000}) {
            points.add(pool(OF_POOLS, slots, slots, PERCENT, CALLERS));
        }
        return growth("pool", OF_POOLS, Axes.LOGARITHMIC_SIZES, points);
    }

    private Growth fullness() throws SQLException, InterruptedException, ExecutionException {
        List<Point> points = new ArrayList<>();
        for (int percent : new int[] {2, 10, 50, 80, 90, 99}) {
            points.add(pool(OF_FULLNESS, percent, SLOTS, percent, CALLERS));
        }
        return growth("fullness", OF_FULLNESS, Axes.LINEAR, points);
    }

    private Growth callers() throws SQLException, InterruptedException, ExecutionException {
        List<Point> points = new ArrayList<>();
        for (int callers : new int[] {1, 2, 4, 8, 16, 32}) {
            points.add(pool(OF_CALLERS, callers, SLOTS, PERCENT, callers));
        }
        return growth("callers", OF_CALLERS, Axes.LOGARITHMIC_SIZES, points);
    }

    private Growth rows(int most) throws Exception {
        List<Point> points = new ArrayList<>();
        for (int divisor : new int[] {100, 100, 30, 10, 3, 1}) {
            int sites = Math.max(4, most / divisor / 4 * 4);
            UpsertDatabases databases =
                    UpsertDatabases.fill(server, files, new SyncRows(sites, SyncRows.Ids.MAPPED), "growth_rows");
            double millis = databases.copied((local, remote) -> {
                long begin = System.nanoTime();
                new BerthPush().carry(local, remote);
                return (System.nanoTime() - begin) / NANOS * 1e3;
            });
            points.add(told("rows", databases.rows().rows(), millis));
            databases.drop();
        }
        // The first one warms up.
        return pushed("rows", "rows of a sync", points.subList(1, points.size()));
    }

    private Growth tables() throws SQLException {
        List<Point> points = new ArrayList<>();
        for (int tables : new int[] {1, 1, 4, 16, 64}) {
            String name = "growth_tables";
            String local = files.fresh(name);
            String remote = server.fresh(name);
            fillTables(local, tables, true);
            fillTables(remote, tables, false);
            try (SyncStore here = JdbcSyncStore.open(local);
                    SyncStore there = JdbcSyncStore.open(remote)) {
                var builder = SyncEngine.between(here, there);
                for (int i = 0; i < tables; i++) {
                    builder.table(SyncTable.named("t" + i).key("name").version("updated_at"));
                }
                SyncEngine engine = builder.build();
                long begin = System.nanoTime();
                BerthPush.sums(engine.push());
                points.add(told("tables", tables, (System.nanoTime() - begin) / NANOS * 1e3));
            }
            server.drop(name);
            files.drop(name);
        }
        return pushed("tables", "tables of " + ROWS + " rows of a sync", points.subList(1, points.size()));
    }

    private static Growth growth(String name, String with, Axes axes, List<Point> points) {
        return new Growth(name, with, EACH, axes, List.of(new Line("PostgreSQL", points)));
    }

    private static Growth pushed(String name, String with, List<Point> points) {
        return new Growth(
                name,
                with,
                "Milliseconds of a first push",
                Axes.LOGARITHMIC,
                List.of(new Line("SQLite to PostgreSQL", points)));
    }

    private static void fillTables(String url, int tables, boolean withRows) throws SQLException {
        String id = Engine.of(url) == Engine.SQLITE
                ? "INTEGER PRIMARY KEY"
                : "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY";
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < tables; i++) {
                statement.execute("CREATE TABLE t" + i + " (id " + id
                        + ", name varchar(100) NOT NULL UNIQUE, size integer NOT NULL, updated_at timestamp NOT NULL)");
                for (int row = 0; withRows && row < ROWS; row++) {
                    statement.execute("INSERT INTO t" + i + " (name, size, updated_at) VALUES ('row-" + row + "', "
                            + row + ", '2026-01-01 00:00:00')");
                }
            }
            connection.commit();
        }
    }

    private static Point told(String what, double x, double cost) {
        System.out.printf(Locale.ROOT, "%,.0f %s: %,.1f%n", x, what, cost);
        return new Point(x, cost);
    }
}
