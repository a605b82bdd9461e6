package dev.berth.benchmarks;

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
    double claimP99() {
        return claims.quantile(0.99);
    }
}
