package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.util.List;
import java.util.Optional;

/**
 * What a store has for a row that it was asked about.
 *
 * @param found the rows whose natural key the store takes for the same: none, one, or where keys that differ are the same
 *     there, the first
 * @param orphanOf the members whose parents are named and are not there, by their index
 * @param sameAs the first of the rows asked about that has the same key by the store's own comparison: its own index,
 *     unless keys fold together there
 */
public record Lookup(Optional<SyncRow> found, List<Integer> orphanOf, int sameAs) {
    /**
     * Copies the list.
     *
     * @param found the rows whose natural key the store takes for the same: none, one, or where keys that differ are
     *     the same there, the first
     * @param orphanOf the members whose parents are named and are not there, by their index
     * @param sameAs the first of the rows asked about that has the same key by the store's own comparison: its own
     *     index, unless keys fold together there
     */
    public Lookup {
        orphanOf = InvalidInputException.copyOf("orphanOf", orphanOf);
    }
}
