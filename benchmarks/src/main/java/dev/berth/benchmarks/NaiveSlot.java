package dev.berth.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a caller of a naive contender holds.
 *
 * @param id the key that its rows are deleted by
 * @param slot which slot it is
 */
record NaiveSlot(long id, int slot) {
    static double stretch(Collection<NaiveSlot> held) {
        int highest = held.stream().mapToInt(NaiveSlot::slot).max().orElse(0);
        return held.isEmpty() ? 1 : (highest + 1.0) / held.size();
    }

    /** What is wrong if callers hold this, and the database has so many rows. */
    static List<String> check(Collection<NaiveSlot> held, long rows) {
        List<String> wrong = new ArrayList<>();
        Set<Integer> slots = new HashSet<>();
        for (NaiveSlot one : held) {
            if (!slots.add(one.slot())) {
                wrong.add("slot " + one.slot() + " is held twice");
            }
        }
        if (rows != held.size()) {
            wrong.add(held.size() + " slots held, but " + rows + " stored");
        }
        return wrong;
    }
}
