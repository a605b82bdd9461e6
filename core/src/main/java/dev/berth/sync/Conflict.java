package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row that both sides have changed. A foreign key is shown as the list of its parent's key values.
 *
 * @param table the table
 * @param local the local row by its columns' names
 * @param remote the remote row by its columns' names
 */
public record Conflict(String table, Map<String, @Nullable Object> local, Map<String, @Nullable Object> remote) {
    /**
     * Copies the rows.
     *
     * @param table the table
     * @param local the local row by its columns' names
     * @param remote the remote row by its columns' names
     */
    public Conflict {
        local = Collections.unmodifiableMap(new LinkedHashMap<>(InvalidInputException.requireNonNull("local", local)));
        remote = Collections.unmodifiableMap(
                new LinkedHashMap<>(InvalidInputException.requireNonNull("remote", remote)));
    }
}
