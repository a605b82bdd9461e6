package dev.berth.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures listings and sweeps of a large cluster of Proxmox VE, in a process of its own with a small heap, on a fake cluster
 * in another, and writes the figures into the page of benchmarks.
 */
public final class ProxmoxReport {
    private static final String HEAP = "128m";
    private static final List<String> HEAD = List.of("what it does", "milliseconds", "of its processors", "heap, MB");

    private ProxmoxReport() {}

    /**
     * Runs the report.
     *
     * @param args the page to write, how many guests, how many of them are the ledger's, and how many rounds
     * @throws IOException if a process cannot be started or the page not be written
     * @throws InterruptedException if interrupted
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 4) {
            throw new IllegalArgumentException("wanted: the page to write, how many guests, how many of ours, rounds");
        }
        String machine = Machine.describe();
        System.out.println(machine);
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP,
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ProxmoxRun.class.getName(),
                        args[1],
                        args[2],
                        args[3])
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int status = child.waitFor();
        if (status != 0) {
            throw new IllegalStateException("it ended with status " + status + ": " + said);
        }
        List<List<String>> rows = new ArrayList<>(List.of(HEAD));
        said.lines().forEach(line -> rows.add(List.of(line.split("\t", -1))));
        List<String> lines = new ArrayList<>();
        lines.add(machine);
        lines.add(String.format(
                Locale.ROOT,
                "%,d guests on three nodes, %,d of them the ledger's; %s rounds; -Xmx%s.",
                Integer.parseInt(args[1]),
                Integer.parseInt(args[2]),
                args[3],
                HEAP));
        lines.add("");
        lines.addAll(Table.of(rows));
        double lists = rows.stream()
                .filter(row -> row.get(0).equals("lists"))
                .mapToDouble(row -> Double.parseDouble(row.get(1).replace(",", "")))
                .findFirst()
                .orElse(Double.NaN);
        lines.add("");
        lines.add("```text");
        lines.add(Target.ratio("proxmox-lists-a-second", 1_000 / lists));
        lines.add("```");
        lines.forEach(System.out::println);
        new Section(Path.of(args[0]), "proxmox").write(lines);
    }
}
