package dev.berth.torture;

import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * What a worker that lives through a run uses, from its first quarter to its last. Between them a pool of connections fills
 * up, and threads of a pool come and go, so the most of a quarter counts and not one look.
 *
 * @param samples what it used, time after time
 */
record Soak(List<Worker.Sample> samples) {
    private static final long SPARE_HEAP_KB = 4_096;
    private static final long SPARE_THREADS = 4;
    /** A pool that is empty after its server has died fills up again. */
    private static final long SPARE_FILES = 8;

    private long most(List<Worker.Sample> some, ToLongFunction<Worker.Sample> what) {
        return some.stream().mapToLong(what).max().orElse(0);
    }

    private int quarter() {
        return Math.max(1, samples.size() / 4);
    }

    private long first(ToLongFunction<Worker.Sample> what) {
        return most(samples.subList(0, quarter()), what);
    }

    private long last(ToLongFunction<Worker.Sample> what) {
        return most(samples.subList(samples.size() - quarter(), samples.size()), what);
    }

    /** Whether the last quarter needed no more than the first, but for a little that comes and goes. */
    boolean isFlat() {
        return grew(Worker.Sample::heapKb) <= SPARE_HEAP_KB
                && grew(Worker.Sample::threads) <= SPARE_THREADS
                && grew(Worker.Sample::sockets) <= SPARE_FILES
                && grew(Worker.Sample::files) <= SPARE_FILES;
    }

    private long grew(ToLongFunction<Worker.Sample> what) {
        return last(what) - first(what);
    }

    @Override
    public String toString() {
        if (samples.isEmpty()) {
            return "no looks";
        }
        return String.format(
                Locale.ROOT,
                "%d looks; heap %.1f MB in the first quarter, %.1f MB in the last; threads %d, %d; sockets %d, %d;"
                        + " open files %d, %d: %s",
                samples.size(),
                first(Worker.Sample::heapKb) / 1_024.0,
                last(Worker.Sample::heapKb) / 1_024.0,
                first(Worker.Sample::threads),
                last(Worker.Sample::threads),
                first(Worker.Sample::sockets),
                last(Worker.Sample::sockets),
                first(Worker.Sample::files),
                last(Worker.Sample::files),
                isFlat() ? "flat" : "NOT FLAT");
    }
}
