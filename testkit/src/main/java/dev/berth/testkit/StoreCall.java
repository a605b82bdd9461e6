package dev.berth.testkit;

/** The methods of {@link dev.berth.ledger.LedgerStore} that reach its medium, for counting and failing them. */
public enum StoreCall {
    /** {@code commit}. */
    COMMIT,
    /** {@code find} by owner. */
    FIND_OWNER,
    /** {@code find} by the claim's id. */
    FIND_CLAIM,
    /** {@code occupants} of given resources. */
    OCCUPANTS,
    /** {@code occupants} of a kind and scope, by page. */
    OCCUPANT_PAGE,
    /** {@code claims}. */
    CLAIMS,
    /** {@code free}. */
    FREE,
    /** {@code record}. */
    RECORD,
    /** {@code records}. */
    RECORDS,
    /** {@code history}. */
    HISTORY,
    /** {@code tombstone}. */
    TOMBSTONE,
    /** {@code tombstones}. */
    TOMBSTONES,
    /** {@code prune}. */
    PRUNE,
    /** {@code now}. */
    NOW,
    /** {@code identity}. */
    IDENTITY,
    /** {@code settle}. */
    SETTLE;

    /**
     * Says whether the call may change what the store keeps.
     *
     * @return true for {@code commit}, {@code prune} and {@code settle}
     */
    public boolean isWrite() {
        return this == COMMIT || this == PRUNE || this == SETTLE;
    }
}
