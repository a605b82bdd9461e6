package dev.berth.runtime;

/** What {@link Provisioner} does where a pool has nothing free. */
public enum Full {
    /** Refuses, naming the holders. */
    REFUSE,
    /**
     * Removes the instance of the claim of the same tenant and scope that has been stopped for longest, and takes its place.
     * Where none is stopped, one will do whose last caller died on its way, and of which nothing runs that was handed out.
     */
    RECLAIM_LONGEST_STOPPED
}
