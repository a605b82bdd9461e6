package dev.berth.benchmarks;

import dev.berth.benchmarks.Goal.Measure;
import java.time.Duration;
import java.util.List;

/**
 * One situation in which contenders are compared.
 *
 * @param name its name
 * @param engine the database
 * @param job what is handed out
 * @param slots how many there are
 * @param percent how many of a hundred are in use
 * @param callers how many threads ask at once
 * @param connections how many connections each contender has
 * @param ledgers how many ledgers share Berth's database
 * @param slice how long a slice is
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
        Duration slice,
        List<Goal> goals) {
    static final String BERTH = "berth";
    static final String EMPTY = "berth, empty";
    static final String LIMIT = "limit";
    static final String NAIVE = "naive";
    static final String SHEDLOCK = "shedlock";
    static final String SPRING = "spring-lock";

    private static final Duration HALF_A_SECOND = Duration.ofMillis(500);

    static List<Cell> all() {
        return List.of(
                port(Engine.POSTGRES, 1, rate("to-limit", LIMIT)),
                port(Engine.POSTGRES, 4),
                port(Engine.POSTGRES, 16),
                port(Engine.POSTGRES, 32, rate("to-naive", NAIVE), rate("to-limit", LIMIT), p99("p99-to-naive", NAIVE)),
                new Cell(
                        "pg-port-30000-32",
                        Engine.POSTGRES,
                        Job.PORT,
                        30_000,
                        80,
                        32,
                        32,
                        1,
                        Duration.ofMillis(1_500),
                        List.of(rate("to-naive", NAIVE))),
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
                pool(Engine.POSTGRES, 100, 80, 1, 1),
                pool(Engine.POSTGRES, 100, 80, 32, 1),
                pool(Engine.POSTGRES, 30_000, 80, 1, 1),
                pool(Engine.POSTGRES, 30_000, 99, 32, 1),
                pool(Engine.POSTGRES, 1_000, 10, 32, 1),
                pool(Engine.POSTGRES, 1_000, 50, 32, 1),
                pool(Engine.POSTGRES, 1_000, 99, 1, 1),
                pool(Engine.POSTGRES, 1_000, 80, 8, 1),
                pool(Engine.POSTGRES, 1_000, 80, 8, 8),
                pool(Engine.POSTGRES, 30_000, 80, 32, 4),
                whole(Engine.POSTGRES, 4),
                whole(Engine.POSTGRES, 16),
                port(Engine.MARIADB, 1),
                port(Engine.MARIADB, 4),
                port(Engine.MARIADB, 16),
                pool(Engine.MARIADB, 100, 80, 32, 1),
                pool(Engine.MARIADB, 30_000, 80, 32, 1),
                pool(Engine.MARIADB, 1_000, 99, 32, 1),
                pool(Engine.MARIADB, 1_000, 80, 32, 4),
                whole(Engine.MARIADB, 1),
                port(Engine.SQLITE, 1),
                port(Engine.SQLITE, 4),
                port(Engine.SQLITE, 32),
                pool(Engine.SQLITE, 100, 80, 16, 1),
                pool(Engine.SQLITE, 30_000, 80, 16, 1),
                pool(Engine.SQLITE, 1_000, 99, 16, 1),
                whole(Engine.SQLITE, 1),
                whole(Engine.SQLITE, 16),
                port(Engine.SQLITE, 16, rate("to-naive", NAIVE)));
    }

    private static Cell port(Engine engine, int callers, Goal... goals) {
        String name = engine.prefix() + "-port-1000-" + callers;
        return new Cell(name, engine, Job.PORT, 1_000, 80, callers, callers, 1, HALF_A_SECOND, List.of(goals));
    }

    private static Cell port(String name, int percent, int callers, int connections, int ledgers, Goal... goals) {
        return new Cell(
                name,
                Engine.POSTGRES,
                Job.PORT,
                1_000,
                percent,
                callers,
                connections,
                ledgers,
                HALF_A_SECOND,
                List.of(goals));
    }

    /** Another size, fullness, or number of JVMs, each with a store of its own. */
    private static Cell pool(Engine engine, int slots, int percent, int callers, int ledgers) {
        String name = engine.prefix() + "-port-" + slots + "-" + callers + "-at-" + percent
                + (ledgers == 1 ? "" : "-jvms" + ledgers);
        return new Cell(
                name,
                engine,
                Job.PORT,
                slots,
                percent,
                callers,
                callers,
                ledgers,
                slots > 1_000 ? Duration.ofMillis(1_500) : HALF_A_SECOND,
                List.of());
    }

    private static Cell whole(Engine engine, int callers, Goal... goals) {
        String name = engine.prefix() + "-whole-" + callers;
        return new Cell(name, engine, Job.WHOLE, 1_000, 80, callers, callers, 1, HALF_A_SECOND, List.of(goals));
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

    /** Whether the ways that lock the pool are measured, too: one process, and the pool that all cells have in common. */
    boolean besideLocks() {
        return job == Job.PORT && slots == 1_000 && percent == 80 && ledgers == 1 && connections == callers;
    }

    /** Whether Berth is measured a second time, with hardly more in use than there are callers. */
    boolean besideEmpty() {
        return goals.stream().anyMatch(goal -> goal.than().equals(EMPTY));
    }
}
