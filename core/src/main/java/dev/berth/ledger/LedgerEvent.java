package dev.berth.ledger;

import java.util.List;
import java.util.Set;

/** What happened through one {@link ResourceLedger}. */
public sealed interface LedgerEvent {
    /**
     * A claim was made, or parts were added to it.
     *
     * @param claim the claim
     * @param acquired the parts that were taken
     * @param origin whether the claim was made
     */
    record Claimed(Claim claim, Set<String> acquired, ClaimOutcome.Origin origin) implements LedgerEvent {}

    /**
     * A claim was not granted.
     *
     * @param refusal why
     */
    record Refused(Refusal refusal) implements LedgerEvent {}

    /**
     * A lease, an attempt's or a claim's, was renewed.
     *
     * @param claim the claim
     */
    record Renewed(Claim claim) implements LedgerEvent {}

    /**
     * An attempt was granted.
     *
     * @param claim the claim
     * @param attempt the attempt
     */
    record Attempted(Claim claim, Attempt attempt) implements LedgerEvent {}

    /**
     * A claim came into another state: it was activated, stopped, or failed.
     *
     * @param claim the claim as it is now
     * @param before its state before
     */
    record StateChanged(Claim claim, ClaimState before) implements LedgerEvent {}

    /**
     * A part was confirmed, or labels were changed.
     *
     * @param claim the claim
     */
    record Noted(Claim claim) implements LedgerEvent {}

    /**
     * A claim gave resources back and lives on: it was shrunk, reassigned, migrated, or declined a resource.
     *
     * @param claim the claim as it is now
     * @param given what it gave back
     * @param reason why
     */
    record Given(Claim claim, List<Resource> given, EndReason reason) implements LedgerEvent {}

    /**
     * A claim ended: it was released, superseded, reaped, or its lease had run out.
     *
     * @param claim the claim as it was last
     * @param reason why
     */
    record Released(Claim claim, EndReason reason) implements LedgerEvent {}

    /**
     * A claim went to another owner's name.
     *
     * @param claim the claim as it is now
     * @param before its owner before
     */
    record Renamed(Claim claim, Owner before) implements LedgerEvent {}

    /**
     * A resource was blocked: quarantined, declined, or marked as foreign.
     *
     * @param resource the resource
     * @param terms how
     */
    record Blocked(Resource resource, Commit.BlockTerms terms) implements LedgerEvent {}

    /**
     * A block was ended before its time.
     *
     * @param resource the resource
     */
    record Unblocked(Resource resource) implements LedgerEvent {}
}
