package dev.berth.ledger;

/** Why a resource left its holder, as history, tombstones and events tell it. */
public enum EndReason {
    /** The holder released the claim. */
    RELEASED,
    /** The holder gave this part back and kept the claim. */
    SHRUNK,
    /** The part moved to another resource. */
    REASSIGNED,
    /** The resource was found to be in use by an outsider, and the part moved on. */
    DECLINED,
    /** The resource was replaced by its new name. */
    MIGRATED,
    /** The claim went to another owner's name. */
    RENAMED,
    /** The reservation's lease had run out when another asked. */
    LAPSED,
    /** Another claim took its place in one commit. */
    SUPERSEDED,
    /** The attempt failed and its instance was proven absent. */
    FAILED,
    /** A reaper proved that the instance was gone. */
    REAPED
}
