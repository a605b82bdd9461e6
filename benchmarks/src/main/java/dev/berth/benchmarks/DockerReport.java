package dev.berth.benchmarks;

import dev.berth.docker.DockerRuntime;
import dev.berth.ledger.Scope;
import dev.berth.runtime.BoundedRuntime;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.RuntimeFaultException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures what Berth costs on container engines that run already, beside what applications do without it: a bare create
 * and start, a question for ports with a process each, and a listing of very many containers. Engines that do not answer are
 * left out, and named.
 */
public final class DockerReport {
    /** What `engines.sh` makes, and what all containers here are of. */
    static final String IMAGE = "berth/busybox:latest";

    static final Scope NODE = Scope.of("node-1");
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(5);

    /** An engine: its word, and where it listens. */
    record Engine(String word, URI address) {
        DockerRuntime connect() {
            return DockerRuntime.at(NODE).host(address).build();
        }
    }

    private final int rounds;
    private final Map<String, Integer> containers;
    private final List<String> told = new ArrayList<>();
    private final List<List<String>> overheads = new ArrayList<>(List.of(DockerOverhead.HEAD));
    private final List<List<String>> questions = new ArrayList<>(List.of(DockerPorts.HEAD));
    private final List<List<String>> listings = new ArrayList<>(List.of(DockerListing.HEAD));
    private final List<String> ratios = new ArrayList<>();

    private DockerReport(int rounds, Map<String, Integer> containers) {
        this.rounds = rounds;
        this.containers = containers;
    }

    /**
     * Runs the report.
     *
     * @param args the page to write, how many rounds, the directory of the engines, and how many containers are listed on
     *     dockerd and on podman
     * @throws Exception if a measurement fails
     */
    public static void main(String[] args) throws Exception {
        if (args.length != 5) {
            throw new IllegalArgumentException(
                    "wanted: page, rounds, directory of the engines, and two numbers of containers");
        }
        DatabaseReport.QUIET.forEach(System::setProperty);
        String machine = Machine.describe();
        System.out.println(machine);
        var report = new DockerReport(
                Integer.parseInt(args[1]),
                Map.of("dockerd", Integer.parseInt(args[3]), "podman", Integer.parseInt(args[4])));
        for (String word : List.of("dockerd", "podman")) {
            report.measure(new Engine(word, URI.create("unix://" + args[2] + "/" + word + "/engine.sock")));
        }
        List<String> lines = report.lines(machine);
        lines.forEach(System.out::println);
        new Section(Path.of(args[0]), "docker").write(lines);
    }

    private void measure(Engine engine) throws Exception {
        try (DockerRuntime runtime = engine.connect();
                var bounded = BoundedRuntime.of(runtime, Deadlines.all(ANSWERS_WITHIN))) {
            try {
                bounded.fingerprint();
            } catch (RuntimeFaultException away) {
                told.add(engine.word() + " does not answer and was left out: " + away.getMessage());
                return;
            }
            told.add(title(engine, runtime) + ".");
            DockerOverhead overhead = DockerOverhead.measure(engine, runtime, rounds);
            overheads.addAll(overhead.rows());
            ratios.addAll(overhead.ratios());
            DockerPorts ports = DockerPorts.measure(engine, runtime, rounds);
            questions.addAll(ports.rows());
            ratios.addAll(ports.ratios());
            int many = containers.getOrDefault(engine.word(), 0);
            if (many > 0) {
                listings.addAll(DockerListing.measure(engine, runtime, many));
            }
        }
    }

    private static String title(Engine engine, DockerRuntime runtime) throws IOException {
        return engine.word() + " " + runtime.docker().versionCmd().exec().getVersion();
    }

    private List<String> lines(String machine) {
        List<String> lines = new ArrayList<>();
        lines.add(machine);
        lines.addAll(told);
        lines.add(String.format(Locale.ROOT, "%d rounds.", rounds));
        for (List<List<String>> table : List.of(overheads, questions, listings)) {
            lines.add("");
            lines.addAll(Table.of(table));
        }
        lines.add("");
        lines.add("```text");
        lines.addAll(ratios);
        lines.add("```");
        return lines;
    }
}
