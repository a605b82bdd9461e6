package dev.berth.examples;

import dev.berth.examples.QuickStartHost.Row;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.Port;
import dev.berth.port.PortPool;
import dev.berth.port.PortSighting;
import dev.berth.port.SocketProbe;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The first program of the README: two processes start apps with awkward names at once, on one ledger in a file. Every
 * app gets a project name, a proxy path and a pair of ports of its own and listens on them; one process is killed and
 * its claims are found and freed; the other is started anew and gets what it had.
 */
public final class QuickStart {
    private static final List<String> FIRST = List.of(
            "julian.kiedaisch", "ubuntu-vscode",
            "anna", "b-c",
            "FOO", "api",
            "Müller, Jürgen", "Ubuntu Desktop (VS Code)");
    private static final List<String> SECOND = List.of(
            "julian-kiedaisch", "ubuntu-vscode",
            "anna-b", "c",
            "foo", "api",
            "🙂", "notebook");

    private QuickStart() {}

    /**
     * Runs the quick start; it exits with 0 only if everything was as promised.
     *
     * @param args not used
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("berth-quick-start");
        try {
            run("jdbc:sqlite:" + directory.resolve("berth.db"));
        } finally {
            delete(directory);
        }
    }

    private static void run(String url) throws IOException, InterruptedException {
        System.out.println(
                "Two processes share one ledger (a file of SQLite) and start four apps each, all at once.\n");
        var one = Host.start(url, FIRST);
        var two = Host.start(url, SECOND);
        try (var ledger = ResourceLedger.on(JdbcLedgerStore.open(url))) {
            one.awaitReady();
            two.awaitReady();
            one.go();
            two.go();
            List<Row> firstRows = one.rows();
            List<Row> secondRows = two.rows();
            List<Row> all =
                    Stream.concat(firstRows.stream(), secondRows.stream()).toList();
            print(firstRows, one, secondRows, two);
            check(values(all).size() == 4 * all.size(), "names, paths and ports are all different: " + all);
            check(listened(all), "somebody listens on every port");

            two.kill();
            System.out.println("\nProcess " + two.pid() + " was killed (SIGKILL): nothing of it had time to clean up.");
            List<Claim> orphaned = orphaned(ledger);
            check(orphaned.size() == secondRows.size(), "the claims of the killed process are found: " + orphaned);
            for (Claim claim : orphaned) {
                check(ledger.release(claim), "the claim is released by this call");
                System.out.println("  freed " + claim.owner() + ": "
                        + QuickStartHost.row(claim).project() + ", ports " + claim.port("backend") + " and "
                        + claim.port("frontend"));
            }

            one.stop();
            one = Host.start(url, FIRST);
            one.awaitReady();
            one.go();
            List<Row> again = one.rows();
            System.out.println("\nProcess " + one.pid() + " runs the first four apps again.");
            check(Set.copyOf(again).equals(Set.copyOf(firstRows)), "a rerun gives the same: " + again);
            one.stop();

            System.out.println("\nProven: " + all.size() + " apps in 2 processes at once got " + all.size() + " names, "
                    + all.size() + " paths and " + 2 * all.size() + " ports, none twice; " + orphaned.size()
                    + " claims of a killed process were found and freed; a rerun gave the same assignments.");
        } finally {
            one.kill();
            two.kill();
        }
    }

    /** A host finds what a dead process left behind by the label that it gave its claims. */
    private static List<Claim> orphaned(ResourceLedger ledger) {
        try (Stream<Claim> claims = ledger.claims(ClaimQuery.all())) {
            return claims.filter(claim -> ProcessHandle.of(
                                    Long.parseLong(claim.labels().getOrDefault(QuickStartHost.PROCESS, "0")))
                            .filter(ProcessHandle::isAlive)
                            .isEmpty())
                    .toList();
        }
    }

    private static Set<String> values(List<Row> rows) {
        Set<String> values = new HashSet<>();
        for (Row row : rows) {
            values.addAll(List.of("project " + row.project(), "path " + row.path()));
            values.addAll(List.of("port " + row.backend(), "port " + row.frontend()));
        }
        return values;
    }

    private static boolean listened(List<Row> rows) {
        Set<Port> ports = new HashSet<>();
        rows.forEach(row -> ports.addAll(List.of(Port.tcp(row.backend()), Port.tcp(row.frontend()))));
        return SocketProbe.onLocalhost().probe(PortPool.LOCALHOST, ports).values().stream()
                .allMatch(sighting -> sighting instanceof PortSighting.Busy);
    }

    private static void print(List<Row> firstRows, Host one, List<Row> secondRows, Host two) {
        List<List<String>> table = new ArrayList<>();
        table.add(List.of("process", "user", "app", "project, and after a slash the path", "backend", "frontend"));
        firstRows.forEach(row -> table.add(cells(one, row)));
        secondRows.forEach(row -> table.add(cells(two, row)));
        int[] widths = new int[table.get(0).size()];
        for (List<String> line : table) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(line.get(i)));
            }
        }
        for (List<String> line : table) {
            var text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(line.get(i)).append(" ".repeat(widths[i] - width(line.get(i)) + 2));
            }
            System.out.println(text.toString().stripTrailing());
        }
    }

    private static List<String> cells(Host host, Row row) {
        return List.of(
                Long.toString(host.pid()),
                row.user(),
                row.app(),
                row.path().equals("/" + row.project()) ? row.project() : row.project() + " " + row.path(),
                Integer.toString(row.backend()),
                Integer.toString(row.frontend()));
    }

    /** How many columns a text takes on a terminal: an emoji takes two. */
    private static int width(String text) {
        return text.codePoints().map(point -> point > 0xffff ? 2 : 1).sum();
    }

    private static void check(boolean holds, String promise) {
        if (!holds) {
            throw new IllegalStateException("not as promised: " + promise);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** A child process that runs {@link QuickStartHost}. */
    private static final class Host {
        private final Process process;
        private final BufferedReader output;

        private Host(Process process) {
            this.process = process;
            this.output = process.inputReader(StandardCharsets.UTF_8);
        }

        static Host start(String url, List<String> apps) throws IOException {
            List<String> command = new ArrayList<>(Arrays.asList(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Dstdout.encoding=UTF-8",
                    "-Dfile.encoding=UTF-8",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    QuickStartHost.class.getName(),
                    url));
            // In ASCII: on a system without a locale, arguments lose whatever is not.
            apps.forEach(word -> command.add(URLEncoder.encode(word, StandardCharsets.UTF_8)));
            return new Host(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        }

        long pid() {
            return process.pid();
        }

        void awaitReady() throws IOException {
            check("ready".equals(output.readLine()), "process " + pid() + " comes up");
        }

        /** Lets the host's apps start; both hosts are up by then, so that they really start at once. */
        void go() throws IOException {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        }

        /** Reads what the host reports until all its apps run, sorted as people read it. */
        List<Row> rows() throws IOException {
            List<Row> rows = new ArrayList<>();
            for (String line = output.readLine(); line != null && !line.isEmpty(); line = output.readLine()) {
                rows.add(Row.fromLine(line));
            }
            rows.sort(Comparator.comparingInt(Row::backend));
            return rows;
        }

        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        void stop() throws IOException, InterruptedException {
            process.getOutputStream().close();
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException("process " + pid() + " did not end well");
            }
        }
    }
}
