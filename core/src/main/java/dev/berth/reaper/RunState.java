package dev.berth.reaper;

import java.time.Duration;
import java.time.Instant;

/**
 * What one sweep leaves to the next, whichever process runs it.
 *
 * @param totals what all have done
 * @param windowSince since when removals are counted
 * @param windowRemoved how many there were since
 * @param removedBefore how many there were in the hour before
 */
record RunState(ReapTotals totals, Instant windowSince, int windowRemoved, int removedBefore) {
    private static final Duration WINDOW = Duration.ofHours(1);

    static final RunState NONE = new RunState(ReapTotals.NONE, Instant.EPOCH, 0, 0);

    /**
     * How many were freed within the last hour, and at most one more: so that a loss does not go unnoticed because it comes
     * in small parts.
     */
    int lately(Instant now) {
        return switch (windows(now)) {
            case 0 -> windowRemoved + removedBefore;
            case 1 -> windowRemoved;
            default -> 0;
        };
    }

    /** How many windows have passed since this one began; many if the clock was set back. */
    private int windows(Instant now) {
        Duration age = Duration.between(windowSince, now);
        return age.isNegative() ? 2 : (int) Math.min(2, age.dividedBy(WINDOW));
    }

    RunState after(ReapTotals totals, int removed, Instant now) {
        return switch (windows(now)) {
            case 0 -> new RunState(totals, windowSince, windowRemoved + removed, removedBefore);
            case 1 -> new RunState(totals, windowSince.plus(WINDOW), removed, windowRemoved);
            default -> new RunState(totals, now, removed, 0);
        };
    }

    String written() {
        return windowSince + "\n" + windowRemoved + "\n" + removedBefore + "\n" + totals.written();
    }

    static RunState read(String written) {
        String[] lines = written.split("\n", 4);
        return new RunState(
                ReapTotals.read(lines[3]),
                Instant.parse(lines[0]),
                Integer.parseInt(lines[1]),
                Integer.parseInt(lines[2]));
    }
}
