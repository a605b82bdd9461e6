package dev.berth.sync;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row that is not the same on both sides.
 *
 * @param table the table
 * @param key its natural key
 * @param kind how it differs
 */
public record Divergence(String table, List<@Nullable Object> key, Kind kind) {
    /** How a row differs. */
    public enum Kind {
        /** It is in the local database only. */
        MISSING_REMOTE,
        /** It is in the remote database only. */
        MISSING_LOCAL,
        /** It is in both, and not the same. */
        DIFFERENT
    }
}
