package dev.berth.testkit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/** What is due in a fake engine, by its clock; guarded by the engine's lock. */
final class FakeAgenda {
    private final PriorityQueue<Entry> entries =
            new PriorityQueue<>(Comparator.comparing(Entry::due).thenComparing(Entry::number));
    private final List<Runnable> held = new ArrayList<>();
    private long number;

    /** Whether an engine that dies forgets it. */
    enum Kind {
        LASTING,
        FORGOTTEN
    }

    record Entry(Instant due, long number, Kind kind, Runnable work) {}

    void add(Instant due, Kind kind, Runnable work) {
        entries.add(new Entry(due, number++, kind, work));
    }

    void hold(Runnable work) {
        held.add(work);
    }

    /** Takes what was held until released. */
    List<Runnable> release() {
        List<Runnable> all = List.copyOf(held);
        held.clear();
        return all;
    }

    /** Takes the next one that is due. */
    Optional<Entry> next(Instant now) {
        Entry first = entries.peek();
        if (first == null || first.due().isAfter(now)) {
            return Optional.empty();
        }
        entries.remove(first);
        return Optional.of(first);
    }

    void forget() {
        held.clear();
        entries.removeIf(entry -> entry.kind() == Kind.FORGOTTEN);
    }

    void clear() {
        held.clear();
        entries.clear();
    }
}
