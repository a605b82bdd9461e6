package dev.berth.sync;

import java.util.Optional;
import java.util.UUID;

/**
 * The captured changes of a table, as one reader has them. Each reader has its own, and takes from it what it has read.
 *
 * @param table the table's exact name
 * @param reader the other store of the pair, for which triggers note changes; empty for what the application notes
 */
public record ChangeFeed(String table, Optional<UUID> reader) {
    /**
     * Names the feed.
     *
     * @return a name that no other feed of the store has
     */
    public String name() {
        return reader.map(one -> table + "@" + one).orElse(table);
    }
}
