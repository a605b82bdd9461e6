package dev.berth.benchmarks;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Measures the contenders of a cell: all filled first, then round by round in any order, a slice each. */
final class CellRun {
    static final List<String> HEAD = List.of(
            "cell",
            "contender",
            "a second",
            "to limit",
            "to naive",
            "claim p50, ms",
            "p99",
            "p999",
            "worst",
            "release p99",
            "retries each",
            "errors",
            "bytes each",
            "cpu client, µs",
            "server",
            "stretch",
            "others");

    /** What is left out where round trips are not to be counted. */
    static final String TRIPS = "trips";

    private static final int WARM_UPS = 3;
    private static final Duration COUNTED_WARM_UP = Duration.ofMillis(200);
    /** How many claims and releases of each caller are counted. */
    private static final int COUNTED = 5;

    private static final Set<String> OURS = Set.of(Cell.LIMIT, Cell.NAIVE, Cell.BERTH, Cell.EMPTY);

    private final Cell cell;
    private final Server server;
    private final QuietGate gate;
    private final Map<String, Callers> contenders = new LinkedHashMap<>();
    private final Map<String, List<Slice>> slices = new HashMap<>();
    private final Map<String, Double> stretches = new HashMap<>();
    private final List<String> findings = new ArrayList<>();
    private final List<List<String>> trips = new ArrayList<>();

    private CellRun(Cell cell, Server server, QuietGate gate) {
        this.cell = cell;
        this.server = server;
        this.gate = gate;
    }

    /** Measures a cell; contenders that are left out and those that do not know the database are not in the result. */
    static CellRun measure(Cell cell, Server server, QuietGate gate, ReportOptions options, Random random)
            throws SQLException, InterruptedException, ExecutionException {
        var run = new CellRun(cell, server, gate);
        List<String> databases = new ArrayList<>();
        try {
            run.open(options.without(), databases);
            run.measure(options, random);
            run.check();
            if (!options.without().contains(TRIPS)) {
                run.count(databases);
            }
        } finally {
            run.contenders.values().forEach(Callers::close);
        }
        for (String database : databases) {
            server.drop(database);
        }
        return run;
    }

    private void open(Set<String> without, List<String> databases) throws SQLException {
        for (String name : cell.contenders()) {
            if (without.contains(name)) {
                continue;
            }
            String url = fresh(databases);
            if (cell.processes() > 1) {
                contenders.put(name, ClaimProcesses.start(cell, name, url));
                continue;
            }
            Optional<? extends Contender<?>> contender = Contenders.open(name, cell, url, 0);
            if (contender.isPresent()) {
                contenders.put(name, filled(contender.get(), name));
            } else {
                findings.add("not measured: " + cell.name() + " " + name + ": the database is not known to it");
            }
        }
    }

    private String fresh(List<String> databases) throws SQLException {
        String database = (cell.name() + "_" + databases.size()).replace('-', '_');
        databases.add(database);
        return server.fresh(database);
    }

    private <H> Churn<H> filled(Contender<H> contender, String name) throws SQLException {
        try {
            int count = name.equals(Cell.EMPTY) ? cell.callers() : cell.filled();
            return new Churn<>(contender, cell.job(), count, cell.callers());
        } catch (SQLException | RuntimeException e) {
            contender.close();
            throw e;
        }
    }

    /**
     * Counts what is sent for each claim, by contenders and databases of their own: to count is to be slower. Those of several
     * processes send what one of them would.
     */
    private void count(List<String> databases) throws SQLException, InterruptedException, ExecutionException {
        if (cell.engine() == Engine.MEMORY || cell.processes() > 1) {
            return;
        }
        for (String name : contenders.keySet()) {
            try (CountingDriver driver = CountingDriver.register()) {
                String url = driver.url(fresh(databases));
                var contender = Contenders.open(name, cell, url, 0).orElseThrow();
                try (Churn<?> churn = filled(contender, name)) {
                    churn.slice(COUNTED_WARM_UP, gate, server);
                    int each = Math.min(COUNTED, cell.filled() / cell.callers());
                    trips.add(churn.counted(driver.trips(), each).row(cell.name(), name));
                }
            }
        }
    }

    private void measure(ReportOptions options, Random random) throws InterruptedException, ExecutionException {
        // Each process compiles for itself, and they share the processors.
        Duration warmUp = options.warmUp().multipliedBy(cell.processes());
        for (Callers churn : contenders.values()) {
            for (int i = 0; i < WARM_UPS; i++) {
                churn.slice(warmUp, gate, server);
            }
        }
        int rounds = options.rounds();
        int disturbed = 0;
        List<String> order = new ArrayList<>(contenders.keySet());
        for (int round = 0; round < rounds; round++) {
            Collections.shuffle(order, random);
            for (String name : order) {
                disturbed += gate.await() ? 0 : 1;
                Callers churn = contenders.get(name);
                if (churn != null) {
                    slices.computeIfAbsent(name, key -> new ArrayList<>()).add(churn.slice(cell.slice(), gate, server));
                }
            }
        }
        if (disturbed > 0) {
            findings.add(String.format(
                    Locale.ROOT,
                    "%s: %d of %d slices began while the rest of the machine was busy",
                    cell.name(),
                    disturbed,
                    rounds * order.size()));
        }
    }

    private void check() throws SQLException {
        for (Map.Entry<String, Callers> entry : contenders.entrySet()) {
            String who = cell.name() + " " + entry.getKey() + ": ";
            Callers churn = entry.getValue();
            // What others give twice is a figure, too; what we do is not to be believed then.
            String wrongly = OURS.contains(entry.getKey()) ? "WRONG: " : "given twice or lost: ";
            churn.errors().forEach((error, times) -> findings.add("error: " + who + times + " times " + error));
            churn.check().forEach(wrong -> findings.add(wrongly + who + wrong));
            stretches.put(entry.getKey(), churn.stretch());
            churn.remarks().forEach(remark -> findings.add(who + remark));
        }
    }

    /** What is to be said beside the figures. A line that begins with {@code WRONG} means that none of them counts. */
    List<String> findings() {
        return List.copyOf(findings);
    }

    /** What is sent for each claim, in the columns of {@link Trips#HEAD}. */
    List<List<String>> trips() {
        return List.copyOf(trips);
    }

    /** One row for each contender, in the columns of {@link #HEAD}. */
    List<List<String>> rows() {
        return contenders.keySet().stream().map(this::row).toList();
    }

    private List<Slice> slices(String name) {
        return slices.getOrDefault(name, List.of());
    }

    private List<String> row(String name) {
        List<Slice> own = slices(name);
        long operations = own.stream().mapToLong(Slice::operations).sum();
        double stretch = stretches.getOrDefault(name, Double.NaN);
        return List.of(
                cell.name(),
                name,
                String.format(Locale.ROOT, "%,.0f", median(own, Slice::rate)),
                name.equals(Cell.LIMIT)
                        ? ""
                        : ratio(name, Goal.Measure.RATE, Cell.LIMIT).inWords(),
                name.equals(Cell.NAIVE)
                        ? ""
                        : ratio(name, Goal.Measure.RATE, Cell.NAIVE).inWords(),
                millis(median(own, slice -> asked(slice).quantile(0.5))),
                millis(median(own, slice -> asked(slice).quantile(0.99))),
                millis(median(own, slice -> asked(slice).quantile(0.999))),
                millis(own.stream()
                        .mapToDouble(slice -> asked(slice).quantile(1))
                        .max()
                        .orElse(Double.NaN)),
                millis(median(own, slice -> slice.releases().quantile(0.99))),
                String.format(
                        Locale.ROOT,
                        "%.2f",
                        each(own.stream().mapToLong(Slice::retries).sum(), operations)),
                Long.toString(own.stream().mapToLong(Slice::errors).sum()),
                String.format(
                        Locale.ROOT,
                        "%,.0f",
                        each(own.stream().mapToLong(Slice::bytes).sum(), operations)),
                String.format(
                        Locale.ROOT,
                        "%.0f",
                        each(own.stream().mapToLong(Slice::clientMicros).sum(), operations)),
                String.format(
                        Locale.ROOT,
                        "%.0f",
                        each(own.stream().mapToLong(Slice::serverMicros).sum(), operations)),
                Double.isNaN(stretch) ? "" : String.format(Locale.ROOT, "%.2f", stretch),
                String.format(Locale.ROOT, "%.0f %%", 100 * median(own, Slice::foreign)));
    }

    /** Where nothing is claimed, the releases stand in the columns of claims. */
    private Latencies asked(Slice slice) {
        return cell.job() == Job.RELEASE ? slice.releases() : slice.claims();
    }

    private static double each(long sum, long operations) {
        return operations == 0 ? Double.NaN : (double) sum / operations;
    }

    private static double median(List<Slice> slices, ToDoubleFunction<Slice> figure) {
        return Quartiles.of(slices.stream().mapToDouble(figure)).median();
    }

    private static String millis(double nanos) {
        if (Double.isNaN(nanos)) {
            return "";
        }
        // What is done in memory takes microseconds.
        return String.format(Locale.ROOT, nanos < 100_000 ? "%.4f" : "%.2f", nanos / 1e6);
    }

    /** Round by round, so that what disturbs a round disturbs both. */
    private Quartiles ratio(String name, Goal.Measure measure, String than) {
        List<Slice> own = slices(name);
        List<Slice> other = slices(than);
        return Quartiles.of(IntStream.range(0, Math.min(own.size(), other.size()))
                .mapToDouble(round -> measure.of(own.get(round), other.get(round))));
    }

    /** What was aimed at and what came of it; goals of contenders that were not measured are left out. */
    List<String> ratios() {
        List<String> lines = new ArrayList<>();
        for (Goal goal : cell.goals()) {
            double value = ratio(Cell.BERTH, goal.measure(), goal.than()).median();
            if (!Double.isNaN(value)) {
                lines.add(Target.ratio(cell.name() + "-" + goal.name(), value));
            }
        }
        return lines;
    }
}
