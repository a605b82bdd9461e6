package dev.berth.ledger;

import java.util.ArrayList;
import java.util.List;

/**
 * A set of positions that finds its next member in a number of steps that depends on its capacity's logarithm and not on
 * how full it is: each level's bit says whether the 64 bits below it hold a member.
 */
final class SlotSet {
    private final long[][] levels;

    SlotSet(int capacity) {
        List<long[]> made = new ArrayList<>();
        int words = capacity;
        do {
            words = (words + 63) >>> 6;
            made.add(new long[words]);
        } while (words > 1);
        levels = made.toArray(long[][]::new);
    }

    void add(int position) {
        int bit = position;
        for (long[] level : levels) {
            level[bit >>> 6] |= 1L << bit;
            bit >>>= 6;
        }
    }

    void remove(int position) {
        int bit = position;
        for (long[] level : levels) {
            int word = bit >>> 6;
            level[word] &= ~(1L << bit);
            if (level[word] != 0) {
                return;
            }
            bit = word;
        }
    }

    /** The least member that is not below the position, or -1. */
    int next(int position) {
        int level = 0;
        int bit = position;
        while (level < levels.length) {
            int word = bit >>> 6;
            long rest = word < levels[level].length ? levels[level][word] & (-1L << bit) : 0;
            if (rest != 0) {
                return descend(level, (word << 6) + Long.numberOfTrailingZeros(rest));
            }
            bit = word + 1;
            level++;
        }
        return -1;
    }

    private int descend(int from, int found) {
        int bit = found;
        for (int level = from - 1; level >= 0; level--) {
            bit = (bit << 6) + Long.numberOfTrailingZeros(levels[level][bit]);
        }
        return bit;
    }
}
