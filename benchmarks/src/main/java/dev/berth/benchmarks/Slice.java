package dev.berth.benchmarks;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/**
 * What one contender did in one slice of time.
 *
 * @param rate operations in a second
 * @param operations how many there were
 * @param claims how long each claim took
 * @param releases how long each release took
 * @param retries how often somebody else was quicker
 * @param errors how many operations ended with an exception
 * @param bytes what the callers' threads allocated
 * @param clientMicros processor time of this process
 * @param serverMicros processor time of the database's processes
 * @param foreign the share of the machine that was used by others meanwhile; the kernel's writing for us is in it
 */
record Slice(
        double rate,
        long operations,
        Latencies claims,
        Latencies releases,
        long retries,
        long errors,
        long bytes,
        long clientMicros,
        long serverMicros,
        double foreign) {
    /** Writes what a process knows of its own callers. */
    void write(DataOutput out) throws IOException {
        out.writeDouble(rate);
        out.writeLong(operations);
        claims.write(out);
        releases.write(out);
        out.writeLong(retries);
        out.writeLong(errors);
        out.writeLong(bytes);
        out.writeLong(clientMicros);
    }

    static Slice read(DataInput in) throws IOException {
        return new Slice(
                in.readDouble(),
                in.readLong(),
                Latencies.read(in),
                Latencies.read(in),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                0,
                0);
    }

    /** What several processes did at the same time; of the server and of the rest of the machine only this one knows. */
    static Slice together(List<Slice> parts, long serverMicros, double foreign) {
        return new Slice(
                parts.stream().mapToDouble(Slice::rate).sum(),
                parts.stream().mapToLong(Slice::operations).sum(),
                Latencies.together(parts.stream().map(Slice::claims).toList()),
                Latencies.together(parts.stream().map(Slice::releases).toList()),
                parts.stream().mapToLong(Slice::retries).sum(),
                parts.stream().mapToLong(Slice::errors).sum(),
                parts.stream().mapToLong(Slice::bytes).sum(),
                parts.stream().mapToLong(Slice::clientMicros).sum(),
                serverMicros,
                foreign);
    }

    double claimP99() {
        return claims.quantile(0.99);
    }
}
