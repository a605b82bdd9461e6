package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tables that two databases have in common, by their schemas.
 *
 * @param tables those that can be synced, parents first, each by the key that both sides declare and, where both have a
 *     column {@code updated_at}, by that as its version
 * @param refused of the others, why not
 */
public record Discovery(List<SyncTable> tables, Map<String, List<String>> refused) {
    /**
     * Copies both.
     *
     * @param tables those that can be synced
     * @param refused of the others, why not
     */
    public Discovery {
        tables = InvalidInputException.copyOf("tables", tables);
        refused = Collections.unmodifiableMap(
                new LinkedHashMap<>(InvalidInputException.requireNonNull("refused", refused)));
    }
}
