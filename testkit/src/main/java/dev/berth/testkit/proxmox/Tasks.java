package dev.berth.testkit.proxmox;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The workers of all nodes, running and ended. */
final class Tasks {
    private final Cluster cluster;
    private final Map<String, Task> all = new LinkedHashMap<>();
    private final List<Task> running = new ArrayList<>();
    private final Deque<String> told = new ArrayDeque<>();
    private int pid = 100;
    Duration duration = Duration.ZERO;
    boolean held;
    /** Whether a node's list tells the end of a task only when its next one starts. */
    boolean listedLate;

    Tasks(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Starts a worker, which takes its time from the end of the others that are at the same guest. */
    Task start(Machine machine, String type, int guest, Caller caller, Task.Work work) {
        Instant from = running.stream()
                .filter(task -> task.id.equals(Integer.toString(guest)))
                .map(task -> task.due)
                .max(Comparator.naturalOrder())
                .filter(due -> due.isAfter(cluster.now()))
                .orElse(cluster.now());
        pid += 7;
        var task = new Task(
                machine.name, type, Integer.toString(guest), caller, cluster.now(), from.plus(duration), pid, work);
        all.put(task.upid(), task);
        running.add(task);
        return task;
    }

    /** What the workers that end next shall end with, in their order. */
    void tell(String exit) {
        told.add(exit);
    }

    Optional<Task> due(Instant present) {
        return held
                ? Optional.empty()
                : running.stream()
                        .filter(task -> !task.due.isAfter(present))
                        .min(Comparator.comparing((Task task) -> task.due));
    }

    void finish(Task task) {
        running.remove(task);
        task.finish(cluster.now(), Optional.ofNullable(told.poll()));
    }

    void abort(Task task) {
        if (running.remove(task)) {
            task.crash(cluster.now(), Task.CRASHED);
        }
    }

    void crash(Machine machine) {
        List.copyOf(running).stream()
                .filter(task -> task.node.equals(machine.name))
                .forEach(this::abort);
    }

    Optional<Task> find(String upid) {
        return Optional.ofNullable(all.get(upid));
    }

    boolean isAtWork(int guest, String type) {
        return running.stream().anyMatch(task -> task.id.equals(Integer.toString(guest)) && task.type.equals(type));
    }

    Collection<Task> all() {
        return all.values();
    }
}
