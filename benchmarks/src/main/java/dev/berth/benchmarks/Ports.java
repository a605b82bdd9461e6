package dev.berth.benchmarks;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The ports that are handed out: all there are, and pairs of them in lockstep. Decided once, for both contenders. */
final class Ports {
    /** A port is 1 to 65535: the 65,536 numbers of 16 bits but 0, which asks the kernel for any. */
    static final int FIRST = 1;

    static final int LAST = 65_535;

    static final int BACKEND = 5_001;
    static final int FRONTEND = 8_001;
    static final int STEP = 2;

    /** As many as there is room for up to the last port. */
    static final int SLOTS = (LAST - FRONTEND) / STEP + 1;

    private Ports() {}

    static int backend(int slot) {
        return BACKEND + slot * STEP;
    }

    static int frontend(int slot) {
        return FRONTEND + slot * STEP;
    }

    /**
     * Lists the slots that can be held at the same time, if the lowest are taken first: the frontend of one slot is the
     * backend of another.
     *
     * @return the slots, lowest first
     */
    static List<Integer> slotsThatFit() {
        List<Integer> slots = new ArrayList<>();
        var used = new BitSet();
        for (int slot = 0; slot < SLOTS; slot++) {
            if (!used.get(backend(slot)) && !used.get(frontend(slot))) {
                used.set(backend(slot));
                used.set(frontend(slot));
                slots.add(slot);
            }
        }
        return slots;
    }
}
