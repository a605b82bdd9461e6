package dev.berth.benchmarks;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
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

    /** Those of several together. */
    static Latencies together(List<Latencies> parts) {
        return new Latencies(parts.stream()
                .flatMapToLong(part -> LongStream.of(part.ascending))
                .sorted()
                .toArray());
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(ascending.length);
        for (long nanos : ascending) {
            out.writeLong(nanos);
        }
    }

    static Latencies read(DataInput in) throws IOException {
        var nanos = new long[in.readInt()];
        for (int i = 0; i < nanos.length; i++) {
            nanos[i] = in.readLong();
        }
        return new Latencies(nanos);
    }

    /** The time, in nanoseconds, that a share of the calls did not exceed. */
    double quantile(double share) {
        if (ascending.length == 0) {
            return Double.NaN;
        }
        return ascending[(int) Math.min(ascending.length - 1L, (long) (share * ascending.length))];
    }
}
