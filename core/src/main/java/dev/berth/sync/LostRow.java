package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row that lost a conflict, kept whole. {@link SyncEngine#reapply} writes it to the local table again.
 *
 * @param id which it is
 * @param table the table
 * @param side where it was
 * @param row the row by its columns' names
 * @param at when it lost, by the host's clock
 */
public record LostRow(Digest id, String table, Side side, Map<String, @Nullable Object> row, Instant at) {
    /**
     * Copies the row.
     *
     * @param id which it is
     * @param table the table
     * @param side where it was
     * @param row the row by its columns' names
     * @param at when it lost, by the host's clock
     */
    public LostRow {
        row = Collections.unmodifiableMap(new LinkedHashMap<>(InvalidInputException.requireNonNull("row", row)));
    }

    /** Where a row is. */
    public enum Side {
        /** In the local database. */
        LOCAL,
        /** In the remote database. */
        REMOTE
    }
}
