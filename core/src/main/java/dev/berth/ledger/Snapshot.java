package dev.berth.ledger;

import java.time.Instant;

/**
 * A claim as a store read it, with the store's time of the read: whether a lease has run out is decided by that clock.
 *
 * @param claim the claim
 * @param at the store's time of the read
 */
public record Snapshot(Claim claim, Instant at) {
    /**
     * Says whether this is a reservation whose lease has run out, which the next claim may take.
     *
     * @return true if it is
     */
    public boolean isLapsed() {
        return claim.isReservation()
                && claim.leaseUntil().map(until -> !until.isAfter(at)).orElse(false);
    }

    /**
     * Says whether an attempt is under way.
     *
     * @return true if the claim is pending and its attempt has not run out
     */
    public boolean isAttempted() {
        return claim.state() == ClaimState.PENDING
                && claim.attempt().map(attempt -> attempt.until().isAfter(at)).orElse(false);
    }
}
