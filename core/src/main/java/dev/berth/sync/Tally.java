package dev.berth.sync;

import java.util.EnumMap;
import java.util.Map;

/** What was read of one table in one direction, and what has become of it. */
final class Tally {
    private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    private long read;
    private long known;
    private long noted;
    private boolean moved;

    void read(long rows) {
        read += rows;
    }

    void add(Outcome outcome, long rows) {
        outcomes.merge(outcome, rows, Long::sum);
    }

    /** Counts a row that is found to be deleted, and what has become of its other half. */
    void deleted(Outcome outcome) {
        read(1);
        add(outcome, 1);
    }

    /** Counts a row that is among the agreed. */
    void known() {
        known++;
    }

    /** How many of the rows that were read are among the agreed; where it is not as many as there are, some were deleted. */
    long knownRows() {
        return known;
    }

    /** Counts changes that somebody has noted: by triggers, by calls, or by a mark of the deleted row. */
    void noted(long changes) {
        noted += changes;
    }

    long notedChanges() {
        return noted;
    }

    /** Remembers that a row has another key than it had. */
    void moved() {
        moved = true;
    }

    boolean isMoved() {
        return moved;
    }

    Map<Outcome, Long> outcomes() {
        return outcomes;
    }

    /** Each row that was read has one outcome. */
    void check(String table) {
        long sum = outcomes.values().stream().mapToLong(Long::longValue).sum();
        if (sum != read) {
            throw new IllegalStateException(table + ": " + read + " rows were read, and " + sum + " have an outcome");
        }
    }
}
