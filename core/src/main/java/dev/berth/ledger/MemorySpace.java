package dev.berth.ledger;

import java.util.LinkedHashMap;
import java.util.Map;

/** The rows of one kind and scope, by value, and the slot indexes over its numbers. */
final class MemorySpace {
    /** More layouts than hosts declare for one kind and scope; the least recently used is built anew when needed. */
    private static final int INDEXES = 32;

    final String kind;
    final Scope scope;
    final MemoryRows rows = new MemoryRows();
    private final NumberSet takenNumbers = new NumberSet();
    private final Map<Candidates.Layout, SlotIndex> indexes = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Candidates.Layout, SlotIndex> eldest) {
            return size() > INDEXES;
        }
    };

    MemorySpace(String kind, Scope scope) {
        this.kind = kind;
        this.scope = scope;
    }

    /** A claim's present form, which its rows share. */
    static final class Cell {
        Claim claim;

        Cell(Claim claim) {
            this.claim = claim;
        }
    }

    /** What sits on one resource. */
    sealed interface Row {}

    /** A claim's holding. */
    record Held(Cell cell, Holding holding) implements Row {}

    /** A block. */
    record Blocked(Occupant.Block block) implements Row {}

    SlotIndex index(Candidates.Layout layout) {
        SlotIndex index = indexes.get(layout);
        if (index == null) {
            index = new SlotIndex(layout);
            takenNumbers.forEach(index::take);
            indexes.put(layout, index);
        }
        return index;
    }

    /** Notes whether a number counts as taken for everybody; saying the same twice changes nothing. */
    void mark(int number, boolean taken) {
        if (takenNumbers.set(number, taken)) {
            for (SlotIndex index : indexes.values()) {
                if (taken) {
                    index.take(number);
                } else {
                    index.give(number);
                }
            }
        }
    }
}
