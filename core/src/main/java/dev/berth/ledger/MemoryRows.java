package dev.berth.ledger;

import dev.berth.ledger.MemorySpace.Row;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Rows by value, found by hash. Their order is wanted by reads of a prefix only, which many kinds never see, so it is
 * made with the first of them and kept from then on.
 */
final class MemoryRows {
    private final Map<String, Row> rows = new HashMap<>();
    private @Nullable NavigableSet<String> order;

    @Nullable
    Row get(String value) {
        return rows.get(value);
    }

    /** Puts a row and returns the one before. */
    @Nullable
    Row put(String value, Row row) {
        Row before = rows.put(value, row);
        if (before == null && order != null) {
            order.add(value);
        }
        return before;
    }

    /** Removes a row; says whether there was one. */
    boolean remove(String value) {
        boolean removed = rows.remove(value) != null;
        if (removed && order != null) {
            order.remove(value);
        }
        return removed;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The values from one on, ordered by their UTF-8 bytes. */
    NavigableSet<String> from(String value, boolean inclusive) {
        if (order == null) {
            order = new TreeSet<>(Numbers::compareUtf8);
            order.addAll(rows.keySet());
        }
        return order.tailSet(value, inclusive);
    }
}
