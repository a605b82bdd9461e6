package dev.berth.ledger;

import java.util.Collection;

/**
 * Which positions of one layout have all their numbers free, kept up to date with every number that is taken or freed,
 * so that the lowest free position is found without looking at the taken ones.
 */
final class SlotIndex {
    private final int[] first;
    private final int step;
    private final int count;
    private final short[] taken;
    private final SlotSet free;

    SlotIndex(Candidates.Layout layout) {
        first = layout.first().values().stream().mapToInt(Integer::intValue).toArray();
        step = layout.step();
        count = layout.count();
        taken = new short[count];
        free = new SlotSet(count);
        var excluded = layout.excluded();
        for (int position = 0; position < count; position++) {
            if (excluded.get(position)) {
                taken[position]++;
            } else {
                free.add(position);
            }
        }
    }

    void take(int number) {
        for (int start : first) {
            int position = position(start, number);
            if (position >= 0 && taken[position]++ == 0) {
                free.remove(position);
            }
        }
    }

    void give(int number) {
        for (int start : first) {
            int position = position(start, number);
            if (position >= 0 && --taken[position] == 0) {
                free.add(position);
            }
        }
    }

    /** Adds the positions that have this number, in whatever role. */
    void positionsOf(int number, Collection<Integer> positions) {
        for (int start : first) {
            int position = position(start, number);
            if (position >= 0) {
                positions.add(position);
            }
        }
    }

    /** The least free position that is not below the given one, or -1. */
    int next(int position) {
        return free.next(position);
    }

    private int position(int start, int number) {
        int distance = number - start;
        if (distance < 0 || distance % step != 0 || distance / step >= count) {
            return -1;
        }
        return distance / step;
    }
}
