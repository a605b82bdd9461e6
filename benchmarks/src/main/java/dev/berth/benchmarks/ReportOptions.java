package dev.berth.benchmarks;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a run of the report is told.
 *
 * @param page the page to write, empty for none
 * @param only the cells to measure, empty for all
 * @param without the contenders to leave out
 * @param rounds how many rounds
 * @param slice how long a slice is, empty for what the cell says
 * @param warmUp how long each of the three slices is that warm a contender up
 * @param patience how long a slice waits at most for the rest of the machine
 * @param claims how many claims a bulk cell streams
 * @param seed what the order of slices comes from
 * @param list whether only the names of the cells are wanted
 */
record ReportOptions(
        Optional<String> page,
        Set<String> only,
        Set<String> without,
        int rounds,
        Optional<Duration> slice,
        Duration warmUp,
        Duration patience,
        int claims,
        long seed,
        boolean list) {
    static final String HELP = """
            --only CELL,…     measure these cells alone: %s
            --without NAME,…  leave contenders out, limit, naive, berth, shedlock and so on; trips: count no round trips
            --rounds N        more rounds, less noise; 7
            --slice MILLIS    how long a slice is
            --warm-up MILLIS  how long each of three slices is that are not counted; 1000
            --patience MILLIS how long a slice waits at most until the rest of the machine is quiet; 3000
            --claims N        how many claims a bulk cell streams; 1000000
            --seed N          what the order of slices comes from
            --page FILE       the page of benchmarks to write; for whole runs
            --list            print this""".formatted(String.join(" ", names()));

    private static Set<String> names() {
        return new java.util.TreeSet<>(Stream.concat(
                        Cell.all().stream().map(Cell::name), Bulk.all().stream().map(Bulk::name))
                .toList());
    }

    static ReportOptions of(List<String> args) {
        Map<String, String> given = new HashMap<>();
        Set<String> known = Set.of(
                "--only",
                "--without",
                "--rounds",
                "--slice",
                "--warm-up",
                "--patience",
                "--claims",
                "--seed",
                "--page",
                "--list");
        for (int i = 0; i < args.size(); i++) {
            String key = args.get(i);
            boolean flag = key.equals("--list");
            if (!known.contains(key) || (!flag && i + 1 == args.size())) {
                throw new IllegalArgumentException("not understood: " + key + "\n" + HELP);
            }
            given.put(key, flag ? "" : args.get(++i));
        }
        Set<String> only = words(given.getOrDefault("--only", ""));
        if (!names().containsAll(only)) {
            throw new IllegalArgumentException("no such cell among " + only + "\n" + HELP);
        }
        return new ReportOptions(
                Optional.ofNullable(given.get("--page")),
                only,
                words(given.getOrDefault("--without", "")),
                Integer.parseInt(given.getOrDefault("--rounds", "7")),
                Optional.ofNullable(given.get("--slice")).map(Long::valueOf).map(Duration::ofMillis),
                Duration.ofMillis(Long.parseLong(given.getOrDefault("--warm-up", "1000"))),
                Duration.ofMillis(Long.parseLong(given.getOrDefault("--patience", "3000"))),
                Integer.parseInt(given.getOrDefault("--claims", "1000000")),
                Long.parseLong(given.getOrDefault("--seed", Long.toString(System.nanoTime()))),
                given.containsKey("--list"));
    }

    private static Set<String> words(String list) {
        return list.isEmpty() ? Set.of() : Set.copyOf(Arrays.asList(list.split(",", -1)));
    }

    boolean wants(String cell) {
        return only.isEmpty() || only.contains(cell);
    }

    Cell adjust(Cell cell) {
        return slice.map(cell::sliced).orElse(cell);
    }
}
