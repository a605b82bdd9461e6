package dev.berth.ledger;

/**
 * Where a claim stands. {@link #RESERVED} is a reservation: it ends by release or by its lease, and no runtime's
 * inventory judges it. All other states belong to a provisioned claim, which has a home scope and at most one instance.
 * A release removes the claim; it is not a state.
 */
public enum ClaimState {
    /** Held without an instance; free for others once its lease, if it has one, has run out. */
    RESERVED,
    /** An attempt to make an instance is or was under way; what it may have made is not known to be there or not. */
    PENDING,
    /** The instance was seen running by the attempt that made it. */
    ACTIVE,
    /** The instance was stopped on purpose; every resource is kept. */
    STOPPED,
    /** The attempt or the instance failed; every resource is kept until the instance is proven absent. */
    FAILED
}
