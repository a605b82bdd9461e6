package dev.berth.benchmarks;

import dev.berth.benchmarks.Goal.Measure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One situation in which contenders are compared.
 *
 * @param name its name
 * @param engine the database
 * @param job what is asked for
 * @param slots how many there are
 * @param percent how many of a hundred are in use
 * @param callers how many threads ask at once
 * @param connections how many connections each contender has
 * @param ledgers how many ledgers share Berth's database
 * @param processes how many processes the callers are in; in this one if 1
 * @param slice how long a slice is
 * @param rivals who is measured beside Berth, besides the usual ones
 * @param goals what is aimed at
 */
record Cell(
        String name,
        Engine engine,
        Job job,
        int slots,
        int percent,
        int callers,
        int connections,
        int ledgers,
        int processes,
        Duration slice,
        List<String> rivals,
        List<Goal> goals) {
    static final String BERTH = "berth";
    static final String EMPTY = "berth, empty";
    static final String LIMIT = "limit";
    static final String NAIVE = "naive";
    static final String SHEDLOCK = "shedlock";
    static final String SPRING = "spring-lock";

    private static final Duration HALF_A_SECOND = Duration.ofMillis(500);
    private static final List<String> LOCKS = List.of(SHEDLOCK, SPRING);

    /** All cells; their names are unique. */
    static List<Cell> all() {
        return Stream.concat(usual().stream(), others().stream()).toList();
    }

    static Cell named(String name) {
        return all().stream()
                .filter(cell -> cell.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such cell: " + name));
    }

    private static List<Cell> usual() {
        return List.of(
                port(Engine.POSTGRES, 1, rate("to-limit", LIMIT)),
                port(Engine.POSTGRES, 4),
                port(Engine.POSTGRES, 16),
                port(Engine.POSTGRES, 32, rate("to-naive", NAIVE), rate("to-limit", LIMIT), p99("p99-to-naive", NAIVE)),
                cell("pg-port-30000-32", Engine.POSTGRES, Job.PORT, 30_000, 80, 32, rate("to-naive", NAIVE)),
                port("pg-full-1000-32", 99, 32, 32, 1, rate("to-empty", EMPTY)),
                port("pg-pool4-1000-128", 80, 128, 4, 1, rate("to-limit", LIMIT)),
                port("pg-jvms4-1000-32", 80, 32, 32, 4, rate("to-limit", LIMIT)),
                whole(Engine.POSTGRES, 1),
                whole(
                        Engine.POSTGRES,
                        32,
                        rate("to-naive", NAIVE),
                        rate("to-limit", LIMIT),
                        p99("p99-to-limit", LIMIT)),
                port(Engine.MARIADB, 32, rate("to-naive", NAIVE)),
                whole(Engine.MARIADB, 32),
                pool(Engine.POSTGRES, 100, 80, 32, 1),
                pool(Engine.POSTGRES, 30_000, 80, 1, 1),
                pool(Engine.POSTGRES, 30_000, 99, 32, 1),
                pool(Engine.POSTGRES, 1_000, 10, 32, 1),
                pool(Engine.POSTGRES, 1_000, 50, 32, 1),
                pool(Engine.POSTGRES, 1_000, 80, 8, 8),
                whole(Engine.POSTGRES, 16),
                port(Engine.MARIADB, 1),
                port(Engine.MARIADB, 16),
                pool(Engine.MARIADB, 30_000, 80, 32, 1),
                pool(Engine.MARIADB, 1_000, 99, 32, 1),
                pool(Engine.MARIADB, 1_000, 80, 32, 4),
                port(Engine.SQLITE, 1),
                port(Engine.SQLITE, 32),
                pool(Engine.SQLITE, 100, 80, 16, 1),
                pool(Engine.SQLITE, 30_000, 80, 16, 1),
                pool(Engine.SQLITE, 1_000, 99, 16, 1),
                whole(Engine.SQLITE, 1),
                whole(Engine.SQLITE, 16),
                port(Engine.SQLITE, 16, rate("to-naive", NAIVE)));
    }

    /** In memory, of what is held, releases alone, in several processes, and beside the algorithms of well-known systems. */
    private static List<Cell> others() {
        List<Cell> cells = new ArrayList<>();
        for (int callers : new int[] {1, 16}) {
            cells.add(cell("memory-port-1000-" + callers, Engine.MEMORY, Job.PORT, 1_000, 80, callers)
                    .beside(List.of(MemoryPorts.MOBY)));
        }
        cells.add(cell("memory-whole-16", Engine.MEMORY, Job.WHOLE, 1_000, 80, 16));
        for (Engine engine : List.of(Engine.POSTGRES, Engine.MARIADB, Engine.SQLITE, Engine.MEMORY)) {
            int callers = engine == Engine.POSTGRES || engine == Engine.MARIADB ? 32 : 16;
            String prefix = engine.prefix();
            cells.add(cell(prefix + "-held-1000-" + callers, engine, Job.HELD, 1_000, 80, callers));
            cells.add(cell(prefix + "-release-1000-" + callers, engine, Job.RELEASE, 1_000, 80, callers));
            if (engine != Engine.MEMORY) {
                cells.add(cell(prefix + "-systems-1000-" + callers, engine, Job.PORT, 1_000, 80, callers)
                        .beside(PortAlgorithm.SYSTEMS));
                cells.add(cell(prefix + "-processes4-1000-" + callers, engine, Job.PORT, 1_000, 80, callers)
                        .inProcesses(4)
                        // Spring's registry takes SQLite's refusal of a key for an error, and ends the caller.
                        .beside(engine == Engine.SQLITE ? List.of(SHEDLOCK) : LOCKS));
            }
        }
        cells.add(cell("pg-held-1000-1", Engine.POSTGRES, Job.HELD, 1_000, 80, 1));
        return cells;
    }

    private static Cell cell(String name, Engine engine, Job job, int slots, int percent, int callers, Goal... goals) {
        Duration slice = slots > 1_000 ? Duration.ofMillis(1_500) : HALF_A_SECOND;
        return new Cell(name, engine, job, slots, percent, callers, callers, 1, 1, slice, List.of(), List.of(goals));
    }

    private static Cell port(Engine engine, int callers, Goal... goals) {
        return cell(engine.prefix() + "-port-1000-" + callers, engine, Job.PORT, 1_000, 80, callers, goals)
                .beside(LOCKS);
    }

    private static Cell port(String name, int percent, int callers, int connections, int ledgers, Goal... goals) {
        return cell(name, Engine.POSTGRES, Job.PORT, 1_000, percent, callers, goals)
                .with(connections, ledgers);
    }

    /** Another size, fullness, or number of JVMs, each with a store of its own. */
    private static Cell pool(Engine engine, int slots, int percent, int callers, int ledgers) {
        String name = engine.prefix() + "-port-" + slots + "-" + callers + "-at-" + percent
                + (ledgers == 1 ? "" : "-jvms" + ledgers);
        return cell(name, engine, Job.PORT, slots, percent, callers).with(callers, ledgers);
    }

    private static Cell whole(Engine engine, int callers, Goal... goals) {
        return cell(engine.prefix() + "-whole-" + callers, engine, Job.WHOLE, 1_000, 80, callers, goals);
    }

    private Cell with(int itsConnections, int itsLedgers) {
        return new Cell(
                name,
                engine,
                job,
                slots,
                percent,
                callers,
                itsConnections,
                itsLedgers,
                processes,
                slice,
                rivals,
                goals);
    }

    private Cell inProcesses(int number) {
        return new Cell(name, engine, job, slots, percent, callers, connections, ledgers, number, slice, rivals, goals);
    }

    private Cell beside(List<String> others) {
        return new Cell(
                name, engine, job, slots, percent, callers, connections, ledgers, processes, slice, others, goals);
    }

    /** The same with slices of another length. */
    Cell sliced(Duration length) {
        return new Cell(
                name, engine, job, slots, percent, callers, connections, ledgers, processes, length, rivals, goals);
    }

    private static Goal rate(String name, String than) {
        return new Goal(name, Measure.RATE, than);
    }

    private static Goal p99(String name, String than) {
        return new Goal(name, Measure.CLAIM_P99, than);
    }

    int filled() {
        return slots * percent / 100;
    }

    /** Who is measured. In memory there is no limit of a database, and what applications write of wholes is measured elsewhere. */
    List<String> contenders() {
        List<String> names = new ArrayList<>();
        if (engine != Engine.MEMORY) {
            names.add(LIMIT);
        }
        if (engine != Engine.MEMORY || !job.isWhole()) {
            names.add(NAIVE);
        }
        names.add(BERTH);
        names.addAll(rivals);
        if (goals.stream().anyMatch(goal -> goal.than().equals(EMPTY))) {
            names.add(EMPTY);
        }
        return names;
    }

    /** The part of the page that its figures are written into. */
    String section() {
        return usual().stream().anyMatch(cell -> cell.name().equals(name)) ? "database" : "claims";
    }
}
