package dev.berth.benchmarks;

import java.util.BitSet;
import java.util.Random;

/** Where the free ones are among the taken. */
public enum Holes {
    /** All behind the taken ones: applications were started one by one and none has stopped yet. */
    AT_THE_END,
    /** Anywhere: applications have come and gone. The same places in every run. */
    SCATTERED;

    private static final long SEED = 20_260_101;

    /**
     * Chooses which of a number of places are taken.
     *
     * @param places how many there are
     * @param percent how many of a hundred are taken
     * @return the taken places
     */
    BitSet taken(int places, int percent) {
        int wanted = (int) ((long) places * percent / 100);
        var taken = new BitSet(places);
        taken.set(0, this == AT_THE_END ? wanted : places);
        var random = new Random(SEED);
        for (int left = taken.cardinality(); left > wanted; ) {
            int place = random.nextInt(places);
            if (taken.get(place)) {
                taken.clear(place);
                left--;
            }
        }
        return taken;
    }
}
