package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.berth.benchmarks.ListedEngine.Detail;
import dev.berth.ledger.LedgerStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Measures sweeps of large ledgers beside the reaper that applications write, each in a process of its own with a small heap,
 * and writes the figures into the page of benchmarks.
 */
public final class ReaperReport {
    private static final int HEAP = 256;
    private static final List<String> HEAD = List.of(
            "database",
            "claims",
            "reaper",
            "sweep",
            "milliseconds",
            "of processors",
            "round trips",
            "calls of the engine",
            "heap, MB");

    private final List<List<String>> rows = new ArrayList<>(List.of(HEAD));
    private final List<String> ratios = new ArrayList<>();
    private final List<String> servers = new ArrayList<>();

    private ReaperReport() {}

    /** One sweep as its process has told it. */
    private record Told(String what, long millis, long cpu, long trips, long calls, String heap) {
        static Told of(String line) {
            String[] words = line.split("\t", -1);
            return new Told(
                    words[0],
                    Long.parseLong(words[1]),
                    Long.parseLong(words[2]),
                    Long.parseLong(words[3]),
                    Long.parseLong(words[4]),
                    words[5]);
        }
    }

    /**
     * Runs the report.
     *
     * @param args the page to write, how many claims are compared, and how many there are in the largest ledger
     * @throws IOException if a server cannot be started or the page not be written
     * @throws SQLException if a database fails while it is being filled
     * @throws InterruptedException if interrupted
     */
    public static void main(String[] args) throws IOException, SQLException, InterruptedException {
        if (args.length != 3) {
            throw new IllegalArgumentException("wanted: the page to write, how many claims, how many in the largest");
        }
        DatabaseReport.QUIET.forEach(System::setProperty);
        String machine = Machine.describe();
        System.out.println(machine);
        var report = new ReaperReport();
        int claims = Integer.parseInt(args[1]);
        report.compare(Engine.SQLITE, claims, Integer.parseInt(args[2]));
        report.compare(Engine.POSTGRES, claims, 0);
        new Section(Path.of(args[0]), "reaper").write(report.lines(machine));
    }

    private void compare(Engine engine, int claims, int many) throws IOException, SQLException, InterruptedException {
        try (Server server = engine.start()) {
            servers.add(server.title());
            Map<String, Told> berth = sweeps(engine, server.fresh("ledger"), claims, Detail.FULL);
            Map<String, Told> rowByRow = rowByRow(engine, server.fresh("rows"), claims);
            ratios(engine, "idle", told(berth, "nothing is missing"), told(rowByRow, "nothing is missing"));
            ratios(engine, "freeing", told(berth, "frees what is missing"), told(rowByRow, "frees what is missing"));
            if (many > 0) {
                heap(sweeps(engine, server.fresh("many"), many, Detail.LEAN));
            }
        }
    }

    private Map<String, Told> sweeps(Engine engine, String url, int claims, Detail detail)
            throws IOException, SQLException, InterruptedException {
        try (HikariDataSource pool = Engine.pool(url, 2);
                LedgerStore store = BerthStores.open(url, pool).orElseThrow()) {
            Herd.fill(store, pool, claims, detail);
            Rows.analyze(url, pool, "berth_claim", "berth_resource", "berth_label");
        }
        return run(engine, url, claims, detail.name(), detail == Detail.FULL ? "Berth" : "Berth, lean instances");
    }

    private Map<String, Told> rowByRow(Engine engine, String url, int claims)
            throws IOException, SQLException, InterruptedException {
        try (HikariDataSource pool = Engine.pool(url, 2)) {
            Herd.fillRows(pool, claims);
            Rows.analyze(url, pool, "app_container", "app_port");
        }
        return run(engine, url, claims, "ROWS", "row by row");
    }

    private Map<String, Told> run(Engine engine, String url, int claims, String what, String reaper)
            throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP + "m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReaperRun.class.getName(),
                        url,
                        Integer.toString(claims),
                        what)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int status = child.waitFor();
        if (status != 0) {
            throw new IllegalStateException(reaper + " on " + engine + " ended with status " + status + ": " + said);
        }
        List<Told> told = said.lines().map(Told::of).toList();
        for (Told one : told) {
            List<String> row = List.of(
                    engine.prefix(),
                    number(claims),
                    reaper,
                    one.what(),
                    number(one.millis()),
                    number(one.cpu()),
                    number(one.trips()),
                    number(one.calls()),
                    one.heap());
            System.out.println(String.join(" | ", row));
            rows.add(row);
        }
        return told.stream().collect(Collectors.toMap(Told::what, one -> one));
    }

    private static Told told(Map<String, Told> sweeps, String what) {
        return Objects.requireNonNull(sweeps.get(what), what);
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private void ratios(Engine engine, String sweep, Told berth, Told other) {
        String name = engine.prefix() + "-sweep-" + sweep;
        add(Target.ratio(name + "-time", (double) other.millis() / berth.millis()));
        add(Target.ratio(name + "-calls", (double) other.calls() / berth.calls()));
        // Of a store of files its calls are counted, and of the others what is sent: that is no ratio.
        if (engine != Engine.SQLITE) {
            add(Target.ratio(name + "-trips", (double) other.trips() / berth.trips()));
        }
    }

    private void heap(Map<String, Told> sweeps) {
        sweeps.values().stream()
                .map(Told::heap)
                .filter(heap -> Character.isDigit(heap.charAt(0)))
                .mapToDouble(Double::parseDouble)
                .max()
                .ifPresent(most -> add(Target.ratio("sqlite-sweep-heap", HEAP / most)));
    }

    private void add(String ratio) {
        ratios.add(ratio);
        System.out.println(ratio);
    }

    private List<String> lines(String machine) {
        List<String> lines = new ArrayList<>();
        lines.add(machine);
        servers.forEach(server -> lines.add(server + "."));
        lines.add("");
        lines.addAll(Table.of(rows));
        lines.add("");
        lines.add("```text");
        lines.addAll(ratios);
        lines.add("```");
        return lines;
    }
}
