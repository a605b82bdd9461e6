package dev.berth.torture.check;

import dev.berth.ledger.ClaimState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What was there when everybody had stopped.
 *
 * @param at when that was, by the machine's monotonic clock, in nanoseconds
 * @param calm the claims before the last sweeps
 * @param swept the claims after the last sweeps, and after each owner had asked again for what it has
 * @param tombstones what the ledger remembers of claims that had an instance
 * @param instances what the engine has, after the last sweeps
 * @param removed when the instances that the engine does not have any more were gone, by their full ids
 * @param broken what does not agree within the ledger
 */
public record EndState(
        long at,
        List<Left> calm,
        List<Left> swept,
        List<Stone> tombstones,
        List<Thing> instances,
        Map<String, Instant> removed,
        List<String> broken) {
    /** A claim. */
    public record Left(String owner, ClaimState state, boolean lapsed, Seen seen) {}

    /** A claim that has ended. */
    public record Stone(UUID claim, String owner, Optional<String> instance, Instant at, boolean reaped) {}

    /** An instance, with the claim that it was made for. */
    public record Thing(String id, Optional<UUID> claim, String owner, boolean running) {}
}
