package dev.berth.benchmarks;

import dev.berth.port.PortOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;

/**
 * Simulates 10,000 hosts and 10 million claims for each order of a pool, checks the model on a small case that is measured on
 * PostgreSQL, and writes both into the page on scale.
 */
public final class ScaleReport {
    private static final int SLOTS = 1_000;
    private static final int FILLED = 800;
    private static final int HOSTS = 10_000;
    private static final double SECOND = 1e6;
    /** What a reading of a pool takes for each row: a guess, from listings of large ledgers. */
    private static final double ROW = 0.5;

    private final long seed;
    private final Duration slice;
    private final int rounds;
    private final List<String> lines = new ArrayList<>();
    private double trip;
    private double service;

    private ScaleReport(long seed, Duration slice, int rounds) {
        this.seed = seed;
        this.slice = slice;
        this.rounds = rounds;
    }

    /**
     * Runs the report.
     *
     * @param args the page to write, the seed, and how many slices of a second are measured of each small case
     * @throws IOException if the server cannot be started or the page not be written
     * @throws SQLException if the database fails
     * @throws InterruptedException if interrupted
     * @throws ExecutionException if a caller fails with an error
     */
    public static void main(String[] args) throws IOException, SQLException, InterruptedException, ExecutionException {
        if (args.length != 3) {
            throw new IllegalArgumentException("wanted: the page to write, the seed, and how many slices");
        }
        DatabaseReport.QUIET.forEach(System::setProperty);
        var report = new ScaleReport(Long.parseLong(args[1]), Duration.ofSeconds(1), Integer.parseInt(args[2]));
        String machine = Machine.describe();
        try (Server server = Engine.POSTGRES.start()) {
            report.lines.add(machine);
            report.lines.add(server.title() + ".");
            report.lines.add("Seed " + report.seed + ".");
            report.check(server);
        }
        report.simulate();
        report.lines.forEach(System.out::println);
        new Section(Path.of(args[0]), "scale").write(report.lines);
    }

    /** What was measured of a small case. */
    private record Small(double rate, double retries, double claimMicros) {}

    private Small measure(Server server, int ledgers, PortOrder order)
            throws SQLException, InterruptedException, ExecutionException {
        String name = "scale_" + ledgers + "_" + order.name().toLowerCase(Locale.ROOT);
        var gate = new QuietGate(server, Duration.ofSeconds(1));
        var claims = BerthClaims.ordered(server.fresh(name), ledgers, SLOTS, order);
        try (var churn = new Churn<>(claims, FILLED, ledgers)) {
            churn.slice(slice, gate, server);
            churn.slice(slice, gate, server);
            List<Slice> slices = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                gate.await();
                slices.add(churn.slice(slice, gate, server));
            }
            if (!churn.errors().isEmpty() || !churn.check().isEmpty()) {
                throw new IllegalStateException(name + ": " + churn.errors() + churn.check());
            }
            long operations = slices.stream().mapToLong(Slice::operations).sum();
            return new Small(
                    Quartiles.of(slices.stream().mapToDouble(Slice::rate)).median(),
                    100.0 * slices.stream().mapToLong(Slice::retries).sum() / operations,
                    Quartiles.of(slices.stream().mapToDouble(one -> one.claims().quantile(0.5) / 1e3))
                            .median());
        }
    }

    /** The trip comes from one process alone, the service from 32 that are spread; all else the model has to find. */
    private void check(Server server) throws SQLException, InterruptedException, ExecutionException {
        Small alone = measure(server, 1, PortOrder.LOWEST);
        Small spread = measure(server, 32, PortOrder.SPREAD);
        trip = alone.claimMicros();
        service = SECOND / spread.rate() / (2 + spread.retries() / 100);
        lines.add(String.format(
                Locale.ROOT,
                "A commit takes %.0f µs of one process alone, and keeps the database busy for %.0f µs (32 processes, spread).",
                trip,
                service));
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "processes",
                "order",
                "measured: retries of 100 claims",
                "simulated",
                "measured: claims a second",
                "simulated"));
        for (int ledgers : List.of(8, 16, 32)) {
            for (PortOrder order : PortOrder.values()) {
                Small measured = ledgers == 32 && order == PortOrder.SPREAD ? spread : measure(server, ledgers, order);
                ScaleModel.Result simulated = ScaleModel.run(
                        new ScaleModel.Setting(ledgers, SLOTS, FILLED, order, 0, trip, service, ROW * FILLED),
                        20_000,
                        seed);
                rows.add(List.of(
                        Integer.toString(ledgers),
                        order.name().toLowerCase(Locale.ROOT),
                        percent(measured.retries()),
                        percent(simulated.retries()),
                        String.format(Locale.ROOT, "%,.0f", measured.rate()),
                        String.format(Locale.ROOT, "%,.0f", simulated.rate())));
            }
        }
        add(rows);
    }

    /** How 10,000 hosts share pools; each makes an operation every so many seconds. */
    private record Sharing(String what, int pools, int hosts, int slots, int filled, double seconds, int claims) {}

    private void simulate() {
        List<Sharing> sharings = List.of(
                new Sharing("a pool for each host", 10_000, 1, 1_250, 1_000, 1.25, 10),
                new Sharing("a pool for 40 hosts", 250, 40, 50_000, 40_000, 1.25, 400),
                new Sharing("a pool for 40 hosts, 99 % full", 250, 40, 40_400, 40_000, 1.25, 400),
                new Sharing("one pool for all, 80 % full", 1, HOSTS, 62_500, 50_000, 1.25, 10_000),
                new Sharing("one pool for all, 99 % full", 1, HOSTS, 50_500, 50_000, 1.25, 10_000),
                new Sharing("one pool for all, all at once", 1, HOSTS, 62_500, 50_000, 0, 10_000));
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "10,000 hosts share",
                "pools",
                "order",
                "claims a second",
                "retries of 100 claims",
                "contended, of 100",
                "commits of a claim, p99",
                "most"));
        for (Sharing sharing : sharings) {
            for (PortOrder order : PortOrder.values()) {
                rows.add(row(sharing, order));
            }
        }
        add(rows);
    }

    /** Pools are simulated one by one; each has its part of the database. */
    private List<String> row(Sharing sharing, PortOrder order) {
        double share = (double) sharing.hosts() / HOSTS;
        double reading = ROW * sharing.filled();
        double claims = 0;
        double retries = 0;
        double contended = 0;
        double rate = 0;
        int p99 = 0;
        int most = 0;
        for (int i = 0; i < sharing.pools(); i++) {
            ScaleModel.Result one = ScaleModel.run(
                    new ScaleModel.Setting(
                            sharing.hosts(),
                            sharing.slots(),
                            sharing.filled(),
                            order,
                            sharing.seconds() * SECOND,
                            trip,
                            share == 1 ? service : 0,
                            reading),
                    sharing.claims(),
                    seed + i);
            claims += one.claims();
            retries += one.retries() * one.claims();
            contended += one.contended() * one.claims();
            rate += one.rate();
            p99 = Math.max(p99, one.p99());
            most = Math.max(most, one.most());
        }
        return List.of(
                sharing.what(),
                String.format(Locale.ROOT, "%,d", sharing.pools()),
                order.name().toLowerCase(Locale.ROOT),
                String.format(Locale.ROOT, "%,.0f", rate),
                percent(retries / claims),
                percent(contended / claims),
                Integer.toString(p99),
                Integer.toString(most));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f", share);
    }

    private void add(List<List<String>> rows) {
        lines.add("");
        lines.addAll(Table.of(rows));
    }
}
