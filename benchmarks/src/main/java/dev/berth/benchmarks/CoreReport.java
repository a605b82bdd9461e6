package dev.berth.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures the ledger in memory beside the {@link NaiveScan}, prints a table and the ratios that were aimed at, and
 * writes both into the page of benchmarks.
 *
 * <p>Each figure is taken in a process of its own, the two contenders of a row one right after the other, so that
 * whatever else the machine does meanwhile meets both.
 */
public final class CoreReport {
    private static final String BERTH = "";
    private static final String NAIVE = "ByScan";
    private static final String QUICK = "quick";

    private final int rounds;
    private final boolean isQuick;
    private final List<Row> rows = new ArrayList<>();
    private final Map<String, List<RunResult>> runs = new LinkedHashMap<>();

    private CoreReport(int rounds, boolean isQuick) {
        this.rounds = rounds;
        this.isQuick = isQuick;
        for (int threads : List.of(1, 2)) {
            if (isQuick) {
                for (String job : List.of("port", "whole")) {
                    rows.add(new Row(job, 50, Holes.AT_THE_END, threads));
                    rows.add(new Row(job, 99, Holes.AT_THE_END, threads));
                }
                continue;
            }
            for (int percent : List.of(0, 50, 99)) {
                rows.add(new Row("port", percent, Holes.AT_THE_END, threads));
            }
            rows.add(new Row("port", 99, Holes.SCATTERED, threads));
            for (int percent : List.of(50, 99)) {
                rows.add(new Row("whole", percent, Holes.AT_THE_END, threads));
            }
        }
    }

    /** One situation in which both are measured. */
    private record Row(String job, int percent, Holes holes, int threads) {
        String key(String contender) {
            return this + contender;
        }
    }

    /**
     * Runs the report.
     *
     * @param args the page to write, how many rounds to measure (more rounds, less noise), and {@code quick} if only what
     *     is aimed at is to be measured, and not for long
     * @throws IOException if the page cannot be written
     * @throws RunnerException if a benchmark fails
     */
    public static void main(String[] args) throws IOException, RunnerException {
        if (args.length != 2 && !(args.length == 3 && args[2].equals(QUICK))) {
            throw new IllegalArgumentException("wanted: the page to write, the number of rounds, and perhaps " + QUICK);
        }
        String machine = Machine.describe();
        System.out.println(machine);
        var report = new CoreReport(Integer.parseInt(args[1]), args.length == 3);
        report.measure();
        List<String> lines = new ArrayList<>();
        lines.add(machine);
        lines.add("");
        lines.addAll(report.table());
        lines.add("");
        lines.add("```text");
        lines.addAll(report.ratios());
        lines.add("```");
        lines.forEach(System.out::println);
        new Section(Path.of(args[0]), "core").write(lines);
    }

    private void measure() throws RunnerException {
        int done = 0;
        for (int round = 0; round < rounds; round++) {
            List<String> order = round % 2 == 0 ? List.of(BERTH, NAIVE) : List.of(NAIVE, BERTH);
            for (Row row : rows) {
                for (String contender : order) {
                    RunResult run = run(row, contender);
                    runs.computeIfAbsent(row.key(contender), key -> new ArrayList<>())
                            .add(run);
                    done++;
                    System.out.printf(
                            Locale.ROOT,
                            "[%d/%d] %s%s, %d %% full, holes %s, threads %d: %,.0f/s%n",
                            done,
                            2 * rounds * rows.size(),
                            row.job(),
                            contender,
                            row.percent(),
                            row.holes(),
                            row.threads(),
                            run.getPrimaryResult().getScore());
                }
            }
        }
    }

    private RunResult run(Row row, String contender) throws RunnerException {
        return new Runner(new OptionsBuilder()
                        .include("^" + LedgerBenchmark.class.getName().replace(".", "\\.") + "\\." + row.job()
                                + contender + "$")
                        .param("percent", Integer.toString(row.percent()))
                        .param("holes", row.holes().name())
                        .threads(row.threads())
                        .forks(1)
                        .jvmArgs("-Xms2g", "-Xmx2g")
                        .warmupIterations(isQuick ? 3 : 5)
                        .warmupTime(TimeValue.milliseconds(isQuick ? 400 : 800))
                        .measurementIterations(isQuick ? 3 : 5)
                        .measurementTime(TimeValue.milliseconds(isQuick ? 400 : 800))
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .runSingle();
    }

    private Measured measured(Row row, String contender) {
        return Measured.of(runs.getOrDefault(row.key(contender), List.of()));
    }

    private List<String> table() {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of(
                "claim + release of",
                "full",
                "holes",
                "threads",
                "Berth, a second",
                "spread",
                "bytes each",
                "naive, a second",
                "spread",
                "bytes each",
                "ratio"));
        for (Row row : rows) {
            Measured berth = measured(row, BERTH);
            Measured naive = measured(row, NAIVE);
            cells.add(List.of(
                    row.job().equals("port") ? "one port" : "name, path, pair",
                    row.percent() + " %",
                    row.holes() == Holes.AT_THE_END ? "at the end" : "scattered",
                    Integer.toString(row.threads()),
                    berth.rateInWords(),
                    berth.spread(),
                    berth.bytesInWords(),
                    naive.rateInWords(),
                    naive.spread(),
                    naive.bytesInWords(),
                    String.format(Locale.ROOT, "%.2f", berth.rate() / naive.rate())));
        }
        return Table.of(cells);
    }

    private List<String> ratios() {
        List<String> lines = new ArrayList<>();
        for (String job : List.of("port", "whole")) {
            for (int threads : List.of(1, 2)) {
                Row half = new Row(job, 50, Holes.AT_THE_END, threads);
                Row full = new Row(job, 99, Holes.AT_THE_END, threads);
                double berth = measured(full, BERTH).rate();
                String end = "-threads-" + threads;
                lines.add(Target.ratio(
                        job + "-99%-to-naive" + end,
                        berth / measured(full, NAIVE).rate()));
                lines.add(Target.ratio(
                        job + "-99%-to-50%" + end, berth / measured(half, BERTH).rate()));
            }
        }
        return lines;
    }
}
