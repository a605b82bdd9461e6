package dev.berth.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures ways to carry many new and changed rows from an SQLite file into PostgreSQL, and what they do to rows of others
 * whose ids are the same, and writes the figures into the page of benchmarks.
 */
public final class UpsertReport {
    private static final int HEAP = 256;
    private static final int SAMPLE = 2_000;
    private static final int COLLIDING = 400;

    private final PostgresServer server;
    private final SqliteDirectory files;
    private final List<String> lines = new ArrayList<>();
    private final List<String> ratios = new ArrayList<>();

    private UpsertReport(PostgresServer server, SqliteDirectory files) {
        this.server = server;
        this.files = files;
    }

    /**
     * Runs the report.
     *
     * @param args the page to write, how many sites with nine devices each, how many rounds, and how many sites there are
     *     where the heap is small, 0 if that is left out
     * @throws Exception if anything fails
     */
    public static void main(String[] args) throws Exception {
        if (args.length != 4) {
            throw new IllegalArgumentException(
                    "wanted: the page to write, how many sites, rounds, and sites where the heap is small");
        }
        DatabaseReport.QUIET.forEach(System::setProperty);
        String machine = Machine.describe();
        System.out.println(machine);
        try (PostgresServer server = PostgresServer.start();
                SqliteDirectory files = SqliteDirectory.make()) {
            var report = new UpsertReport(server, files);
            report.lines.add(machine);
            report.lines.add(files.title() + ".");
            report.lines.add(server.title() + ".");
            report.speed(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
            report.collisions();
            report.small(Integer.parseInt(args[3]));
            report.lines.add("");
            report.lines.add("```text");
            report.lines.addAll(report.ratios);
            report.lines.add("```");
            report.ratios.forEach(System.out::println);
            new Section(Path.of(args[0]), "upsert").write(report.lines);
        }
    }

    private void add(List<List<String>> table) {
        lines.add("");
        lines.addAll(Table.of(table));
        Table.of(table).forEach(System.out::println);
    }

    private void speed(int sites, int rounds) throws Exception {
        UpsertDatabases databases =
                UpsertDatabases.fill(server, files, new SyncRows(sites, SyncRows.Ids.MAPPED), "speed");
        var speed = new UpsertSpeed(databases, server, Math.min(sites, SAMPLE));
        speed.run(rounds);
        databases.drop();
        lines.add(String.format(
                Locale.ROOT, "%,d rows, %d rounds.", databases.rows().rows(), rounds));
        add(speed.table());
        add(speed.others());
        ratios.addAll(speed.ratios());
    }

    private void collisions() throws Exception {
        UpsertDatabases databases =
                UpsertDatabases.fill(server, files, new SyncRows(COLLIDING, SyncRows.Ids.COLLIDING), "collisions");
        add(new UpsertCollisions(databases).run());
        databases.drop();
    }

    private void small(int sites) throws Exception {
        if (sites == 0) {
            return;
        }
        UpsertDatabases databases =
                UpsertDatabases.fill(server, files, new SyncRows(sites, SyncRows.Ids.MAPPED), "small");
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("Berth with -Xmx" + HEAP + "m", "rows", "seconds", "heap, MB"));
        String said = databases.copied((local, remote) -> child(local, remote.getJdbcUrl()));
        for (String line : said.lines().toList()) {
            String[] words = line.split("\t", -1);
            rows.add(List.of(
                    words[0],
                    String.format(Locale.ROOT, "%,d", Long.parseLong(words[1])),
                    String.format(Locale.ROOT, "%.1f", Long.parseLong(words[2]) / 1e3),
                    words[3]));
            if (Character.isDigit(words[3].charAt(0))) {
                String which = rows.size() == 2 ? "first" : "second";
                ratios.add(Target.ratio("sync-heap-" + which, HEAP / Double.parseDouble(words[3])));
            }
        }
        add(rows);
        databases.drop();
    }

    private static String child(String local, String remote) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP + "m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        UpsertRun.class.getName(),
                        local,
                        remote)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int status = child.waitFor();
        if (status != 0) {
            throw new IllegalStateException("the process with a small heap ended with status " + status + ": " + said);
        }
        return said;
    }
}
