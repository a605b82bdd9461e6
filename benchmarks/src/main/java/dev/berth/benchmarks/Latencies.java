package dev.berth.benchmarks;

import java.util.List;
import java.util.stream.LongStream;

/** How long each of many calls took. */
final class Latencies {
    private final long[] ascending;

    private Latencies(long[] ascending) {
        this.ascending = ascending;
    }

    static Latencies of(List<LongStream.Builder> parts) {
        return new Latencies(
                parts.stream().flatMapToLong(LongStream.Builder::build).sorted().toArray());
    }

    /** The time, in nanoseconds, that a share of the calls did not exceed. */
    double quantile(double share) {
        if (ascending.length == 0) {
            return Double.NaN;
        }
        return ascending[(int) Math.min(ascending.length - 1L, (long) (share * ascending.length))];
    }
}
