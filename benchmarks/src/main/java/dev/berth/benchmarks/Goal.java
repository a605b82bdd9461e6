package dev.berth.benchmarks;

/**
 * A ratio that is aimed at: how many times better Berth is than another contender of its cell.
 *
 * @param name its name
 * @param measure what is compared
 * @param than the other contender
 * @param least what is aimed at, or more
 */
record Goal(String name, Measure measure, String than, double least) {
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
