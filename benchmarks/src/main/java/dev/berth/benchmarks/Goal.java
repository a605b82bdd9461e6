package dev.berth.benchmarks;

/**
 * A ratio that is aimed at: how many times better Berth is than another contender of its cell. How much is aimed at says
 * the {@link Target} that is named by cell and goal.
 *
 * @param name its name
 * @param measure what is compared
 * @param than the other contender
 */
record Goal(String name, Measure measure, String than) {
    /** What is compared. */
    enum Measure {
        /** Berth's operations in a second through the other's. */
        RATE {
            @Override
            double of(Slice berth, Slice other) {
                return berth.rate() / other.rate();
            }
        },
        /** The 99th percentile of the other's claims through that of Berth's. */
        CLAIM_P99 {
            @Override
            double of(Slice berth, Slice other) {
                return other.claimP99() / berth.claimP99();
            }
        };

        abstract double of(Slice berth, Slice other);
    }
}
