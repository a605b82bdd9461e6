package dev.berth.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;

/**
 * Measures ledgers in databases beside what applications write instead and beside what the database itself can do,
 * prints tables and the ratios that were aimed at, and writes both into the page of benchmarks.
 *
 * <p>The database servers are brought and started by this program and write every commit to the disk. All contenders of
 * a cell work in this process, in slices of half a second, round by round in any order, so that whatever else the
 * machine does meets all of them; ratios are medians of the rounds' ratios.
 */
public final class DatabaseReport {
    /** So that tables are not lost among lines that pools and jOOQ log. */
    static final Map<String, String> QUIET = Map.of(
            "org.slf4j.simpleLogger.defaultLogLevel", "warn", "org.jooq.no-logo", "true", "org.jooq.no-tips", "true");

    private final ReportOptions options;
    private final Map<String, Part> parts = new TreeMap<>();
    private final Random random;

    /** What is written into one part of the page. */
    private static final class Part {
        private final Set<String> servers = new LinkedHashSet<>();
        private final List<List<String>> rows = new ArrayList<>(List.of(CellRun.HEAD));
        private final List<List<String>> trips = new ArrayList<>(List.of(Trips.HEAD));
        private final List<List<String>> bulks = new ArrayList<>(List.of(Bulk.HEAD));
        private final List<String> ratios = new ArrayList<>();
        private final List<String> findings = new ArrayList<>();

        void add(CellRun run) {
            rows.addAll(run.rows());
            trips.addAll(run.trips());
            ratios.addAll(run.ratios());
            findings.addAll(run.findings());
        }

        List<String> lines(String machine, int rounds) {
            List<String> lines = new ArrayList<>();
            lines.add(machine);
            servers.forEach(server -> lines.add(server + "."));
            lines.add(String.format(Locale.ROOT, "%d rounds.", rounds));
            lines.add("");
            for (List<List<String>> table : List.of(rows, trips, bulks)) {
                if (table.size() > 1) {
                    lines.addAll(Table.of(table));
                    lines.add("");
                }
            }
            lines.add("```text");
            lines.addAll(findings);
            lines.addAll(ratios);
            lines.add("```");
            return lines;
        }
    }

    private DatabaseReport(ReportOptions options) {
        this.options = options;
        random = new Random(options.seed());
    }

    /**
     * Runs the report.
     *
     * @param args see {@link ReportOptions#HELP}
     * @throws IOException if a server cannot be started or the page not be written
     * @throws SQLException if a database fails while it is being made or checked
     * @throws InterruptedException if interrupted
     * @throws ExecutionException if a caller fails with an error
     */
    public static void main(String[] args) throws IOException, SQLException, InterruptedException, ExecutionException {
        ReportOptions options = ReportOptions.of(List.of(args));
        if (options.list()) {
            System.out.println(ReportOptions.HELP);
            return;
        }
        QUIET.forEach(System::setProperty);
        String machine = Machine.describe();
        System.out.println(machine + " Seed " + options.seed() + ".");
        var report = new DatabaseReport(options);
        for (Engine engine : Engine.values()) {
            report.measure(engine);
        }
        if (options.page().isPresent()) {
            Path page = Path.of(options.page().get());
            for (Map.Entry<String, Part> part : report.parts.entrySet()) {
                new Section(page, part.getKey()).write(part.getValue().lines(machine, options.rounds()));
            }
        }
        System.out.println();
        report.parts.values().forEach(part -> part.ratios.forEach(System.out::println));
        if (report.parts.values().stream()
                .flatMap(part -> part.findings.stream())
                .anyMatch(line -> line.startsWith("WRONG"))) {
            System.exit(1);
        }
    }

    private void measure(Engine engine) throws IOException, SQLException, InterruptedException, ExecutionException {
        List<Cell> cells = Cell.all().stream()
                .filter(cell -> cell.engine() == engine && options.wants(cell.name()))
                .toList();
        List<Bulk> bulks = Bulk.all().stream()
                .filter(bulk -> bulk.engine() == engine && options.wants(bulk.name()))
                .toList();
        if (cells.isEmpty() && bulks.isEmpty()) {
            return;
        }
        try (Server server = engine.start()) {
            System.out.println(server.title());
            var gate = new QuietGate(server, options.patience());
            for (Cell cell : cells) {
                measure(cell, server, gate);
            }
            for (Bulk bulk : bulks) {
                measure(bulk, server);
            }
        }
    }

    private void measure(Cell cell, Server server, QuietGate gate)
            throws SQLException, InterruptedException, ExecutionException {
        Cell wanted = options.adjust(cell);
        CellRun run = CellRun.measure(wanted, server, gate, options, random);
        tell(CellRun.HEAD, run.rows());
        tell(Trips.HEAD, run.trips());
        run.findings().forEach(System.out::println);
        part(cell.section(), server).add(run);
    }

    private Part part(String section, Server server) {
        Part part = parts.computeIfAbsent(section, key -> new Part());
        part.servers.add(server.title());
        return part;
    }

    private static void tell(List<String> head, List<List<String>> rows) {
        if (rows.isEmpty()) {
            return;
        }
        List<List<String>> table = new ArrayList<>(List.of(head));
        table.addAll(rows);
        System.out.println();
        Table.of(table).forEach(System.out::println);
    }

    private void measure(Bulk bulk, Server server) throws IOException, SQLException, InterruptedException {
        Part part = part("database", server);
        List<List<String>> found = bulk.measure(server, options.claims(), part.ratios);
        tell(Bulk.HEAD, found);
        part.bulks.addAll(found);
    }
}
