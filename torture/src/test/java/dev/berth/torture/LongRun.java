package dev.berth.torture;

import dev.berth.benchmarks.Machine;
import dev.berth.benchmarks.Section;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs for as long as it is told, engine after engine, and writes what came of it into the page of reliability. */
public final class LongRun {
    private LongRun() {}

    /**
     * Runs.
     *
     * @param arguments the page to write, the words of the engines with commas between, minutes for each, the seed, 0
     *     for a new one, and the part of the page to write
     */
    public static void main(String... arguments) throws Exception {
        String machine = Machine.describe();
        long seed = Long.parseLong(arguments[3]);
        if (seed == 0) {
            seed = System.nanoTime();
        }
        var time = Duration.ofSeconds(Math.round(60 * Double.parseDouble(arguments[2])));
        Path directory = Path.of("target", "torture").toAbsolutePath();
        Page page = new Page(machine);
        for (String engine : arguments[1].split(",", -1)) {
            Path own = Files.createDirectories(
                    directory.resolve(engine + "-" + ProcessHandle.current().pid()));
            System.out.println("torture of " + engine + " for " + time + ", seed " + seed + ", histories in " + own);
            try (Arena arena = Arena.of(engine, own)) {
                String version = version(arena);
                // A long run is no faster than its checker can remember.
                Plan plan = Plan.of(time, seed).pausing(Duration.ofMillis(time.toMinutes() > 20 ? 60 : 12));
                Outcome outcome = Torture.run(plan, arena, own);
                System.out.println(outcome.told());
                page.add(engine, version, outcome);
            } catch (Exception | AssertionError failed) {
                failed.printStackTrace();
                page.failed(engine, failed);
            }
        }
        page.lines().forEach(System.out::println);
        new Section(Path.of(arguments[0]), arguments[4]).write(page.lines());
        System.exit(page.isClean() ? 0 : 1);
    }

    private static String version(Arena arena) throws SQLException {
        var database = arena.database();
        try (Connection connection =
                DriverManager.getConnection(database.url(), database.user(), database.password())) {
            DatabaseMetaData known = connection.getMetaData();
            return known.getDatabaseProductName() + " " + known.getDatabaseProductVersion() + ", driver "
                    + known.getDriverVersion();
        }
    }

    /** What is written. */
    private static final class Page {
        private final List<String> lines = new ArrayList<>();
        private boolean clean = true;

        Page(String machine) {
            lines.add(machine);
        }

        void add(String engine, String version, Outcome outcome) {
            lines.add("");
            lines.addAll(outcome.page(engine, version));
            clean &= outcome.violations().isEmpty() && outcome.soak().isFlat();
        }

        void failed(String engine, Throwable failure) {
            lines.addAll(List.of("", "### " + engine, "", "**Not run: " + failure.getMessage() + "**"));
            clean = false;
        }

        List<String> lines() {
            return lines;
        }

        boolean isClean() {
            return clean;
        }
    }
}
