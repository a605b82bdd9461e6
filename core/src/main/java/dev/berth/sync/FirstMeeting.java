package dev.berth.sync;

/** What it is when both sides have a row, it differs, and no state is known that they once agreed on. */
public enum FirstMeeting {
    /** A conflict: the policy decides, and the row that does not stay is kept with the lost rows. */
    CONFLICT,
    /**
     * A plain update by the newer version, and a conflict only where versions are equal. For databases that another
     * program has kept in step so far; what is overwritten is not kept.
     */
    BY_VERSION
}
