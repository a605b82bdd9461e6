package dev.berth.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A figure that reports print as {@code RATIO name value target}. All targets that issues set are here, and nowhere else.
 * More is better in all of them; what is to be small stands below the line of its fraction.
 *
 * @param name its name, without blanks
 * @param what what is measured
 * @param least what is aimed at, or more; empty where an issue asks for the figure and aims at none
 * @param issue which issue asks for it
 * @param where which report measures it
 */
record Target(String name, String what, OptionalDouble least, int issue, Where where) {
    /** The reports. */
    enum Where {
        CORE,
        PROVISIONING,
        DATABASE,
        REAPER,
        PROXMOX,
        SYNC,
        /** Needs an engine that runs already, and is left out where none answers. */
        DOCKER,
        /** The quick mode itself. */
        QUICK
    }

    private static final String OPERATIONS_TO_LIMIT = "operations a second, to inserts and deletes of single rows";
    private static final String OPERATIONS_TO_NAIVE = "operations a second, to SELECT and INSERT with retry";
    private static final String SCAN = "operations a second, 99 % in use, to a loop under one lock";
    private static final String FULLNESS = "operations a second, 99 % in use, to 50 %";
    private static final String HEAP_64 = "64 MB to the heap in use at most after a collection, claims streamed";
    private static final String TRIPS = "20 to the round trips of 10,000 claims released";
    private static final String REAP_TIME = "time of a row-by-row sweep to that of Berth's";
    private static final String REAP_CALLS = "calls of the engine by a row-by-row sweep to those of Berth's";
    private static final String REAP_TRIPS = "round trips of a row-by-row sweep to those of Berth's";
    private static final String CONTAINER = "time of a bare create and start to that of Berth's without the store";
    private static final String PROCESSES = "time of a process for each port to that of one listing";
    private static final String SYNC_HEAP = "256 MB to the heap in use at most after a collection";

    static final List<Target> ALL = List.of(
            // A tenth is left to the caches, which a full ledger needs more of, and to the noise.
            aim(2, Where.CORE, "port-99%-to-naive-threads-1", 20, SCAN),
            aim(2, Where.CORE, "port-99%-to-50%-threads-1", 0.9, FULLNESS),
            aim(2, Where.CORE, "port-99%-to-naive-threads-2", 20, SCAN),
            aim(2, Where.CORE, "port-99%-to-50%-threads-2", 0.9, FULLNESS),
            aim(2, Where.CORE, "whole-99%-to-naive-threads-1", 20, SCAN),
            aim(2, Where.CORE, "whole-99%-to-50%-threads-1", 0.9, FULLNESS),
            aim(2, Where.CORE, "whole-99%-to-naive-threads-2", 20, SCAN),
            aim(2, Where.CORE, "whole-99%-to-50%-threads-2", 0.9, FULLNESS),
            aim(3, Where.DATABASE, "pg-port-1000-1-to-limit", 0.8, OPERATIONS_TO_LIMIT),
            aim(3, Where.DATABASE, "pg-port-1000-32-to-naive", 25, OPERATIONS_TO_NAIVE),
            aim(3, Where.DATABASE, "pg-port-1000-32-to-limit", 2, OPERATIONS_TO_LIMIT),
            aim(3, Where.DATABASE, "pg-port-1000-32-p99-to-naive", 50, "naive claims' 99th percentile to Berth's"),
            aim(3, Where.DATABASE, "pg-port-30000-32-to-naive", 300, OPERATIONS_TO_NAIVE),
            aim(
                    3,
                    Where.DATABASE,
                    "pg-full-1000-32-to-empty",
                    0.8,
                    "operations a second, 99 % in use, to an empty pool"),
            aim(3, Where.DATABASE, "pg-pool4-1000-128-to-limit", 6, OPERATIONS_TO_LIMIT),
            aim(3, Where.DATABASE, "pg-jvms4-1000-32-to-limit", 1, OPERATIONS_TO_LIMIT),
            aim(3, Where.DATABASE, "pg-whole-32-to-naive", 50, OPERATIONS_TO_NAIVE),
            aim(3, Where.DATABASE, "pg-whole-32-to-limit", 1.5, OPERATIONS_TO_LIMIT),
            aim(3, Where.DATABASE, "pg-whole-32-p99-to-limit", 1 / 0.6, "raw inserts' 99th percentile to Berth's"),
            aim(3, Where.DATABASE, "maria-port-1000-32-to-naive", 25, OPERATIONS_TO_NAIVE),
            aim(3, Where.DATABASE, "sqlite-port-1000-16-to-naive", 10, OPERATIONS_TO_NAIVE),
            aim(3, Where.DATABASE, "pg-bulk-streamed-heap", 1, HEAP_64),
            aim(3, Where.DATABASE, "maria-bulk-streamed-heap", 1, HEAP_64),
            aim(3, Where.DATABASE, "sqlite-bulk-streamed-heap", 1, HEAP_64),
            aim(3, Where.DATABASE, "pg-bulk-released-trips", 1, TRIPS),
            aim(3, Where.DATABASE, "maria-bulk-released-trips", 1, TRIPS),
            figure(
                    4,
                    Where.PROVISIONING,
                    "provisioning-engine-alone-to-all",
                    "time of the engine in memory to that of all"),
            aim(5, Where.DOCKER, "dockerd-memory-bare-to-berth", 1 / 1.05, CONTAINER),
            aim(5, Where.DOCKER, "dockerd-sqlite-bare-to-berth", 1 / 1.05, CONTAINER),
            aim(5, Where.DOCKER, "dockerd-ports-processes-to-listing", 20, PROCESSES),
            aim(5, Where.DOCKER, "podman-memory-bare-to-berth", 1 / 1.05, CONTAINER),
            aim(5, Where.DOCKER, "podman-sqlite-bare-to-berth", 1 / 1.05, CONTAINER),
            aim(5, Where.DOCKER, "podman-ports-processes-to-listing", 20, PROCESSES),
            figure(6, Where.REAPER, "sqlite-sweep-idle-time", REAP_TIME),
            figure(6, Where.REAPER, "sqlite-sweep-idle-calls", REAP_CALLS),
            figure(6, Where.REAPER, "sqlite-sweep-freeing-time", REAP_TIME),
            figure(6, Where.REAPER, "sqlite-sweep-freeing-calls", REAP_CALLS),
            aim(6, Where.REAPER, "sqlite-sweep-heap", 1, "256 MB to the heap in use at most, the largest ledger"),
            figure(6, Where.REAPER, "pg-sweep-idle-time", REAP_TIME),
            figure(6, Where.REAPER, "pg-sweep-idle-calls", REAP_CALLS),
            figure(6, Where.REAPER, "pg-sweep-idle-trips", REAP_TRIPS),
            figure(6, Where.REAPER, "pg-sweep-freeing-time", REAP_TIME),
            figure(6, Where.REAPER, "pg-sweep-freeing-calls", REAP_CALLS),
            figure(6, Where.REAPER, "pg-sweep-freeing-trips", REAP_TRIPS),
            figure(7, Where.PROXMOX, "proxmox-lists-a-second", "complete listings of the cluster in a second"),
            aim(8, Where.SYNC, "sync-to-limit", 0.5, "rows a second of a first push, to COPY and merge"),
            aim(8, Where.SYNC, "sync-to-row-by-row", 15, "rows a second of a first push, to SELECT and write"),
            aim(8, Where.SYNC, "sync-second-captured", 10, "time of the first push to a second's, changes captured"),
            figure(8, Where.SYNC, "sync-second-compared", "time of the first push to a second's, all rows compared"),
            aim(8, Where.SYNC, "sync-heap-first", 1, SYNC_HEAP),
            aim(8, Where.SYNC, "sync-heap-second", 1, SYNC_HEAP),
            aim(8, Where.SYNC, "sync-scan-to-verify", 1 / 3.0, "reading all rows of both databases to verify()"),
            aim(10, Where.QUICK, "quick-mode-ten-minutes", 1, "ten minutes to what the quick mode took"));

    private static final Map<String, Target> NAMED =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Target::name, Function.identity()));

    private static Target aim(int issue, Where where, String name, double least, String what) {
        return new Target(name, what, OptionalDouble.of(least), issue, where);
    }

    private static Target figure(int issue, Where where, String name, String what) {
        return new Target(name, what, OptionalDouble.empty(), issue, where);
    }

    /** Finds a target; one that is not in the table is an error of the report. */
    static Target named(String name) {
        Target found = NAMED.get(name);
        if (found == null) {
            throw new IllegalArgumentException("no such target: " + name + "; add it to the table of targets");
        }
        return found;
    }

    /** The only line that starts with {@code RATIO}. */
    static String ratio(String name, double value) {
        Target target = named(name);
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(name + " was not measured: " + value);
        }
        return String.format(
                Locale.ROOT,
                "RATIO %s %.2f %s",
                name,
                value,
                target.least.isPresent() ? String.format(Locale.ROOT, "%.2f", target.least.getAsDouble()) : "-");
    }
}
