package dev.berth.sync;

/** What becomes of a row that one side has deleted and the other has changed. */
public enum DeletePolicy {
    /** The changed row stays and comes back where it was deleted. */
    UPDATE_WINS,
    /** The row is deleted; what it held is kept with the lost rows. */
    DELETE_WINS
}
