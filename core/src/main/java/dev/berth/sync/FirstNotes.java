package dev.berth.sync;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a leg may be in a book that was empty when the leg began: of those that it has come by. So a first run need
 * not look for each of millions of rows where none is, and finds those all the same that came by twice, as one does that was
 * given another place meanwhile. Nobody else writes in the book while the run goes on.
 *
 * <p>It errs on one side only: of 5,000,000 rows some two in a hundred are looked for in vain, for 8 MB of memory, however
 * long the table. Not safe for use by many threads at once.
 */
final class FirstNotes {
    private static final int BITS = 1 << 26;

    /** A table of one page needs no more than that. */
    private List<Digest> first = List.of();

    private @Nullable BitSet seen;

    /** Of rows that come by those that may be there. */
    List<Digest> perhaps(List<Digest> ids) {
        if (first.isEmpty() && seen == null) {
            first = List.copyOf(ids);
            return List.of();
        }
        BitSet bits = seen;
        if (bits == null) {
            bits = new BitSet(BITS);
            seen = bits;
            for (Digest id : first) {
                add(bits, id);
            }
            first = List.of();
        }
        List<Digest> some = new ArrayList<>();
        for (Digest id : ids) {
            if (bits.get(one(id)) && bits.get(other(id))) {
                some.add(id);
            }
        }
        for (Digest id : ids) {
            add(bits, id);
        }
        return some;
    }

    private static void add(BitSet bits, Digest id) {
        bits.set(one(id));
        bits.set(other(id));
    }

    private static int one(Digest id) {
        return (int) (id.high() & (BITS - 1));
    }

    private static int other(Digest id) {
        return (int) (id.low() & (BITS - 1));
    }
}
