package dev.berth.ledger;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;

/** A set of numbers from 0 on, as bits in pages of 65,536: all the ports of a host are one page of 8 KiB. */
final class NumberSet {
    private static final int PAGE_BITS = 16;

    private final Map<Integer, BitSet> pages = new HashMap<>();

    /** Adds or removes a number; says whether that changed anything. */
    boolean set(int number, boolean member) {
        int page = number >>> PAGE_BITS;
        int bit = number & ((1 << PAGE_BITS) - 1);
        BitSet bits = pages.get(page);
        if (bits == null) {
            if (!member) {
                return false;
            }
            bits = new BitSet(bit);
            pages.put(page, bits);
        }
        boolean changes = bits.get(bit) != member;
        bits.set(bit, member);
        if (!member && bits.isEmpty()) {
            pages.remove(page);
        }
        return changes;
    }

    void forEach(IntConsumer each) {
        pages.forEach((page, bits) ->
                bits.stream().map(bit -> (page << PAGE_BITS) + bit).forEach(each));
    }
}
