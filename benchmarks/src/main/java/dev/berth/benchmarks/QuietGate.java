package dev.berth.benchmarks;

import java.time.Duration;

/** Waits until the rest of the machine leaves it alone, but not for ever. */
final class QuietGate {
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final double QUIET = 0.2;

    private final Server server;
    private final Duration patience;

    QuietGate(Server server, Duration patience) {
        this.server = server;
        this.patience = patience;
    }

    /** What others used up to an instant: all that was used but what is ours. */
    long foreignMicros() {
        return ProcessTimes.machine() - ProcessTimes.self() - server.cpuMicros();
    }

    static double share(long micros, long nanos) {
        return Math.max(0, micros) * 1_000.0 / nanos / Runtime.getRuntime().availableProcessors();
    }

    /**
     * Returns when the rest of the machine uses less than a fifth of it, or when patience has run out.
     *
     * @return whether it is quiet
     */
    boolean await() throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        do {
            long from = System.nanoTime();
            long before = foreignMicros();
            Thread.sleep(LOOK.toMillis());
            if (share(foreignMicros() - before, System.nanoTime() - from) < QUIET) {
                return true;
            }
        } while (System.nanoTime() < end);
        return false;
    }
}
