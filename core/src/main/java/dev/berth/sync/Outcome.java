package dev.berth.sync;

/** What became of a row in one direction: exactly one of these. */
public enum Outcome {
    /** It was not there and is now. */
    INSERTED,
    /** It was changed on this side only, and the other side has the change now. */
    UPDATED,
    /** There was nothing to do: both have the same, or the change is on the other side. */
    SKIPPED,
    /** Both sides had changed it, or nothing is known of their history and they differ; whoever won. */
    CONFLICTED,
    /** It was deleted on this side, and is now on the other. */
    DELETED,
    /**
     * It is missing on this side and stays on the other, since so many are missing at once, and nobody has noted that
     * they were deleted: see {@link SyncEngine#allowDeletes}.
     */
    WITHHELD,
    /** It was set aside with a reason. */
    FAILED,
    /** It waits for a parent that is not there. */
    BLOCKED
}
