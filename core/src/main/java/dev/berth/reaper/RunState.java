package dev.berth.reaper;

import java.time.Duration;
import java.time.Instant;

/**
 * What one sweep leaves to the next, whichever process runs it.
 *
 * @param totals what all have done
 * @param windowSince since when removals are counted
 * @param windowRemoved how many there were since
 */
record RunState(ReapTotals totals, Instant windowSince, int windowRemoved) {
    private static final Duration WINDOW = Duration.ofHours(1);

    static final RunState NONE = new RunState(ReapTotals.NONE, Instant.EPOCH, 0);

    /** How many were freed lately: so that a loss does not go unnoticed because it comes in small parts. */
    int lately(Instant now) {
        return isOver(now) ? 0 : windowRemoved;
    }

    private boolean isOver(Instant now) {
        return Duration.between(windowSince, now).compareTo(WINDOW) >= 0;
    }

    RunState after(ReapTotals totals, int removed, Instant now) {
        return isOver(now)
                ? new RunState(totals, now, removed)
                : new RunState(totals, windowSince, windowRemoved + removed);
    }

    String written() {
        return windowSince + "\n" + windowRemoved + "\n" + totals.written();
    }

    static RunState read(String written) {
        String[] lines = written.split("\n", 3);
        return new RunState(ReapTotals.read(lines[2]), Instant.parse(lines[0]), Integer.parseInt(lines[1]));
    }
}
