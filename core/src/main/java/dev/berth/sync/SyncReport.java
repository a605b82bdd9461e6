package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run has done. In each table and direction the outcomes are disjoint, and their sum is what was read.
 *
 * @param status how the run ended
 * @param started when it began, by the host's clock
 * @param duration how long it took
 * @param tables what became of the rows, a table and direction each
 * @param cause why the run ended early; empty if it did not
 * @param number which run of these tables it was, from 1; 0 for a plan, and where the local database could not keep it
 */
public record SyncReport(
        Status status, Instant started, Duration duration, List<Table> tables, Optional<String> cause, long number) {
    /**
     * Copies the list.
     *
     * @param status how the run ended
     * @param started when it began, by the host's clock
     * @param duration how long it took
     * @param tables what became of the rows, a table and direction each
     * @param cause why the run ended early; empty if it did not
     * @param number which run of these tables it was, from 1; 0 for a plan, and where the local database could not keep it
     */
    public SyncReport {
        tables = InvalidInputException.copyOf("tables", tables);
    }

    SyncReport numbered(long kept) {
        return new SyncReport(status, started, duration, tables, cause, kept);
    }

    /** How a run ends. */
    public enum Status {
        /** It saw every row; some may have been set aside. */
        SUCCESS,
        /** A database was not there: what was committed stays, and the next run goes on. */
        OFFLINE,
        /** It was asked to stop: what was committed stays, and the next run goes on. */
        STOPPED,
        /** A database refused its work, or so many rows failed for one cause that something else must be wrong. */
        FAILED
    }

    /**
     * What became of a table's rows in one direction.
     *
     * @param table the table
     * @param direction which way
     * @param outcomes how many rows came to which end
     */
    public record Table(String table, Direction direction, Map<Outcome, Long> outcomes) {
        /**
         * Copies the counts.
         *
         * @param table the table
         * @param direction which way
         * @param outcomes how many rows came to which end
         */
        public Table {
            InvalidInputException.requireNonNull("outcomes", outcomes);
            var counts = new EnumMap<Outcome, Long>(Outcome.class);
            for (Outcome outcome : Outcome.values()) {
                counts.put(outcome, outcomes.getOrDefault(outcome, 0L));
            }
            outcomes = InvalidInputException.copyOf("outcomes", counts);
        }

        /**
         * Counts the rows that were read, deletions included: the sum of all outcomes.
         *
         * @return how many
         */
        public long read() {
            return outcomes.values().stream().mapToLong(Long::longValue).sum();
        }

        /**
         * Counts the rows of one outcome.
         *
         * @param outcome which
         * @return how many
         */
        public long count(Outcome outcome) {
            return outcomes.getOrDefault(InvalidInputException.requireNonNull("outcome", outcome), 0L);
        }
    }

    /**
     * Counts the rows of one outcome in all tables and directions.
     *
     * @param outcome which
     * @return how many
     */
    public long count(Outcome outcome) {
        return tables.stream().mapToLong(table -> table.count(outcome)).sum();
    }

    /**
     * Finds what became of a table's rows in one direction.
     *
     * @param table the table
     * @param direction which way
     * @return the counts, all 0 where the run did not come so far
     */
    public Table of(String table, Direction direction) {
        return tables.stream()
                .filter(one -> one.table().equals(table) && one.direction() == direction)
                .findFirst()
                .orElseGet(() -> new Table(table, direction, Map.of()));
    }

    /**
     * Whether the run saw every row, and none failed, waits or was withheld.
     *
     * @return true if nothing is left to do
     */
    public boolean isClean() {
        return status == Status.SUCCESS
                && count(Outcome.FAILED) == 0
                && count(Outcome.BLOCKED) == 0
                && count(Outcome.WITHHELD) == 0;
    }
}
