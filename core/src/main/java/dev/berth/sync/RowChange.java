package dev.berth.sync;

import java.time.Instant;

/**
 * A committed change of a row, captured.
 *
 * @param number its number; not in the order of commits
 * @param locator where the row is, or was
 * @param kind what happened to it
 * @param at when, by the store's clock
 */
public record RowChange(long number, String locator, Kind kind, Instant at) {
    /** What happens to a row. */
    public enum Kind {
        /** It was inserted. */
        INSERTED,
        /** It was updated, or inserted, where that is not told. */
        UPDATED,
        /** It was updated, its natural key too: so rows that refer to it name another parent, though nobody wrote them. */
        RENAMED,
        /** It was deleted, or got another locator. */
        GONE
    }
}
