package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row that could not be written, kept until it can. It is tried again in every run, and after ten attempts only when it
 * has changed or {@link SyncEngine#retry} asks for it.
 *
 * @param table the table
 * @param direction which way it was to go
 * @param row the row by its columns' names
 * @param reason why it could not go
 * @param message what the database said, or what is wrong
 * @param attempts how often it was tried
 * @param since when it was first set aside
 */
public record SetAside(
        String table,
        Direction direction,
        Map<String, @Nullable Object> row,
        Reason reason,
        String message,
        int attempts,
        Instant since) {
    /**
     * Copies the row.
     *
     * @param table the table
     * @param direction which way it was to go
     * @param row the row by its columns' names
     * @param reason why it could not go
     * @param message what the database said, or what is wrong
     * @param attempts how often it was tried
     * @param since when it was first set aside
     */
    public SetAside {
        row = Collections.unmodifiableMap(new LinkedHashMap<>(InvalidInputException.requireNonNull("row", row)));
    }

    /** Why a row could not go. */
    public enum Reason {
        /** A value is of the wrong kind, too long or too exact for the other side, or its parent is missing here. */
        VALUE,
        /** Two keys that differ here are the same by the other side's comparison. */
        KEY_FOLDED,
        /** Another row has a value that must be unique, and keeps it. */
        UNIQUE_HELD,
        /** The other side's database refused it. */
        REFUSED,
        /** The application's merge failed, or gave what cannot be written. */
        MERGE
    }
}
