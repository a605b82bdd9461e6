package dev.berth.testkit.proxmox;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A worker of a node. What it does, it does at its end, unless the node dies before. */
final class Task {
    static final String OK = "OK";
    static final String CRASHED = "unexpected status";
    static final String CUT_OFF = "unable to read tail (got 0 bytes)";

    /** What a worker does. */
    interface Work {
        /** Does it; what is thrown is how the task ended, and nothing of it may be left. */
        void run(List<String> log) throws Refusal;

        /** Cleans up after a failure. */
        default void failed() {}

        /** Leaves what is left when it was cut off in the middle. */
        default void crashed() {}

        /** The same of one that was cut off early. */
        default void cutOff() {
            crashed();
        }
    }

    final String node;
    final String type;
    final String id;
    final Caller caller;
    final Instant start;
    final Instant due;
    final int pid;
    final long clockTicks;
    final List<String> log = new ArrayList<>();
    private final Work work;
    private String exit = "";
    private Instant end = Instant.MAX;

    Task(String node, String type, String id, Caller caller, Instant start, Instant due, int pid, Work work) {
        this.node = node;
        this.type = type;
        this.id = id;
        this.caller = caller;
        this.start = start;
        this.due = due;
        this.pid = pid;
        this.clockTicks = Math.floorMod(start.toEpochMilli() / 10, 0xFFFFFFFFL) & 0x0FFFFFFFL;
        this.work = work;
    }

    String upid() {
        return String.format(
                Locale.ROOT,
                "UPID:%s:%08X:%08X:%08X:%s:%s:%s:",
                node,
                pid,
                clockTicks,
                start.getEpochSecond(),
                type,
                id,
                caller.name());
    }

    boolean isRunning() {
        return exit.isEmpty();
    }

    String exit() {
        return exit;
    }

    Instant end() {
        return end;
    }

    /** Ends it, as planned or as a test has said. */
    void finish(Instant at, Optional<String> told) {
        end = at;
        if (told.isPresent() && !isSuccess(told.get())) {
            exit = told.get();
            if (exit.equals(CRASHED)) {
                work.crashed();
            } else if (exit.equals(CUT_OFF)) {
                work.cutOff();
            } else {
                work.failed();
                log.add("TASK ERROR: " + exit);
            }
            return;
        }
        try {
            work.run(log);
            exit = told.orElse(OK);
            log.add("TASK " + exit);
        } catch (Refusal refused) {
            exit = refused.reason();
            work.failed();
            log.add("TASK ERROR: " + exit);
        }
    }

    /** The node went down under it, or somebody killed it: what it was at stays as it is. */
    void crash(Instant at, String status) {
        end = at;
        exit = status;
        work.crashed();
    }

    static boolean isSuccess(String exit) {
        return exit.equals(OK) || exit.startsWith("WARNINGS: ");
    }
}
