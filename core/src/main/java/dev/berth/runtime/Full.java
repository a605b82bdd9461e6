package dev.berth.runtime;

/** What {@link Provisioner} does where a pool has nothing free. */
public enum Full {
    /** Refuses, naming the holders. */
    REFUSE,
    /** Removes the instance of the claim of the same tenant and scope that has been stopped for longest, and takes its place. */
    RECLAIM_LONGEST_STOPPED
}
