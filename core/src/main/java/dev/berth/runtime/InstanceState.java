package dev.berth.runtime;

/** Where an instance stands, as its runtime tells it. Whatever the state, an instance that is listed is there. */
public enum InstanceState {
    /** Made and never started. */
    CREATED,
    /** On its way up, for the first time or again. */
    STARTING,
    /** Running. */
    RUNNING,
    /** Frozen; it keeps its ports. */
    PAUSED,
    /** On its way down. */
    STOPPING,
    /** Ended, by itself or on purpose; it can be started again. */
    STOPPED,
    /** Being removed; it keeps its name until that is done. */
    REMOVING,
    /** Broken for good, but there: its name is taken. */
    BROKEN,
    /** There, but the runtime cannot tell more. */
    UNKNOWN;

    /**
     * Says whether it is certain that nothing of it runs. What is neither living nor at rest is not known (law L3).
     *
     * @return true if it was never started, has ended, is broken, or is being removed
     */
    public boolean isAtRest() {
        return this == CREATED || this == STOPPED || this == BROKEN || this == REMOVING;
    }

    /**
     * Says whether something of it runs, or is about to.
     *
     * @return true if it is starting, running, paused or stopping
     */
    public boolean isLiving() {
        return this == STARTING || this == RUNNING || this == PAUSED || this == STOPPING;
    }
}
