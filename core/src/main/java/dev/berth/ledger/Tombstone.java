package dev.berth.ledger;

import java.time.Instant;

/**
 * What is remembered of a provisioned claim that was released, so that an instance which comes back can be known again.
 *
 * @param claim the claim as it was last
 * @param at when it was released, by the store's clock
 * @param reason why
 */
public record Tombstone(Claim claim, Instant at, EndReason reason) {}
