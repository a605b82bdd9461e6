package dev.berth.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The quick mode: a part of each report with small figures, in all less than ten minutes. Each report runs in a process of
 * its own and writes a page that is thrown away, so that the figures of long runs stay. The last lines that it prints are the
 * ratios and nothing else. It fails if one is missing whose report could be run.
 */
public final class QuickReport {
    private static final Duration AIM = Duration.ofMinutes(10);
    private static final String PAGE = "PAGE";

    /** A report with the figures of the quick mode. */
    private record Part(String section, String what, Class<?> program, List<String> arguments) {}

    private final Path scratch;
    private final Map<String, List<String>> written = new TreeMap<>();
    private final List<List<String>> parts =
            new ArrayList<>(List.of(List.of("report", "with", "milliseconds", "ratios")));

    private QuickReport(Path scratch) {
        this.scratch = scratch;
    }

    private static List<Part> parts(Path engines) {
        String aimed = Cell.all().stream()
                        .filter(cell -> !cell.goals().isEmpty())
                        .map(Cell::name)
                        .collect(Collectors.joining(","))
                + Bulk.all().stream().map(bulk -> "," + bulk.name()).collect(Collectors.joining());
        List<String> database = List.of(
                "--page",
                PAGE,
                "--only",
                aimed,
                "--rounds",
                "2",
                "--slice",
                "400",
                "--warm-up",
                "700",
                "--patience",
                "500",
                "--claims",
                "200000",
                "--without",
                "shedlock,spring-lock,trips");
        return List.of(
                new Part("core", "what is aimed at, 3 iterations", CoreReport.class, List.of(PAGE, "1", "quick")),
                new Part("provisioning", "3 iterations", ProvisioningReport.class, List.of(PAGE, "quick")),
                new Part("database", "what is aimed at, 2 rounds, 200,000 claims", DatabaseReport.class, database),
                new Part(
                        "reaper",
                        "10,000 claims, 100,000 in the largest",
                        ReaperReport.class,
                        List.of(PAGE, "10000", "100000")),
                new Part("proxmox", "1,000 guests, 300 ours", ProxmoxReport.class, List.of(PAGE, "1000", "300", "5")),
                new Part(
                        "upsert",
                        "50,000 rows, 200,000 with -Xmx256m",
                        UpsertReport.class,
                        List.of(PAGE, "5000", "1", "20000")),
                new Part("docker", "3 rounds", DockerReport.class, List.of(PAGE, "3", engines.toString(), "0", "0")));
    }

    /**
     * Runs the quick mode.
     *
     * @param args the page to write, and the directory of container engines
     * @throws IOException if a page cannot be written or a report not be started
     * @throws InterruptedException if interrupted
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 2) {
            throw new IllegalArgumentException("wanted: the page to write, and the directory of the engines");
        }
        Instant begun = begun();
        String machine = Machine.describe();
        System.out.println(machine);
        Path scratch = Files.createTempFile("berth-benchmarks", ".md");
        try {
            var report = new QuickReport(scratch);
            List<String> failed = new ArrayList<>();
            for (Part part : parts(Path.of(args[1]))) {
                report.run(part).ifPresent(failed::add);
            }
            List<String> ratios = report.ratios();
            ratios.add(Target.ratio(
                    "quick-mode-ten-minutes",
                    (double) AIM.toMillis()
                            / Duration.between(begun, Instant.now()).toMillis()));
            List<String> missing = missing(ratios);
            List<String> leftOut = missing.stream().filter(report::isLeftOut).toList();
            failed.addAll(missing.stream()
                    .filter(name -> !leftOut.contains(name))
                    .map(name -> "MISSING RATIO " + name)
                    .toList());
            report.tell(machine, Path.of(args[0]), leftOut, failed, ratios);
            if (!failed.isEmpty()) {
                System.exit(1);
            }
        } finally {
            Files.deleteIfExists(scratch);
        }
    }

    /** When the command began, if this is the child of one that runs on Java, too: what it builds counts. */
    private static Instant begun() {
        Instant own = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
        return ProcessHandle.current()
                .parent()
                .map(ProcessHandle::info)
                .filter(info -> info.command().orElse("").endsWith("java"))
                .flatMap(ProcessHandle.Info::startInstant)
                .orElse(own);
    }

    /** Returns what went wrong. */
    private Optional<String> run(Part part) throws IOException, InterruptedException {
        System.out.println("\n== " + part.section() + ": " + part.what());
        new Section(scratch, part.section()).make();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1500m",
                "-cp",
                System.getProperty("java.class.path"),
                part.program().getName()));
        part.arguments().forEach(word -> command.add(word.equals(PAGE) ? scratch.toString() : word));
        long from = System.nanoTime();
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        List<String> lines = new Section(scratch, part.section()).read();
        written.put(part.section(), lines);
        parts.add(List.of(
                part.section(),
                part.what(),
                String.format(Locale.ROOT, "%,d", (System.nanoTime() - from) / 1_000_000),
                Long.toString(lines.stream().filter(QuickReport::isRatio).count())));
        return status == 0
                ? Optional.empty()
                : Optional.of(
                        "FAILED " + part.section() + " ended with status " + status + "; what it printed says why");
    }

    private static boolean isRatio(String line) {
        return line.startsWith("RATIO ");
    }

    private List<String> ratios() {
        return written.values().stream()
                .flatMap(List::stream)
                .filter(QuickReport::isRatio)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** Names what has no line; throws if a line is not of a target, or there twice. */
    static List<String> missing(List<String> ratios) {
        List<String> found = ratios.stream().map(line -> line.split(" ", -1)[1]).toList();
        found.forEach(Target::named);
        found.stream()
                .filter(name -> found.indexOf(name) != found.lastIndexOf(name))
                .forEach(name -> {
                    throw new IllegalStateException("printed twice: " + name);
                });
        return Target.ALL.stream()
                .map(Target::name)
                .filter(name -> !found.contains(name))
                .toList();
    }

    /** An engine that is not there cannot be measured; that it is not, the report must have said itself. */
    private boolean isLeftOut(String name) {
        String engine = name.substring(0, name.indexOf('-'));
        return Target.named(name).where() == Target.Where.DOCKER
                && written.getOrDefault("docker", List.of()).stream()
                        .anyMatch(line -> line.startsWith(engine + " does not answer"));
    }

    private void tell(String machine, Path page, List<String> leftOut, List<String> failed, List<String> ratios)
            throws IOException {
        List<String> sorted = Target.ALL.stream()
                .flatMap(target -> ratios.stream().filter(line -> line.startsWith("RATIO " + target.name() + " ")))
                .toList();
        List<String> told = new ArrayList<>(List.of(machine, ""));
        told.addAll(Table.of(parts));
        told.add("");
        told.add("```text");
        leftOut.forEach(name -> told.add("LEFT OUT " + name + ": no such engine answers"));
        told.addAll(failed);
        told.addAll(sorted);
        told.add("```");
        new Section(page, "quick").write(told);
        System.out.println();
        told.stream().filter(line -> !line.startsWith("```") && !isRatio(line)).forEach(System.out::println);
        System.out.println("Name, value and target of each ratio, more is better in all of them, - where none is set:");
        sorted.forEach(System.out::println);
    }
}
