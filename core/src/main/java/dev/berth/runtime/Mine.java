package dev.berth.runtime;

/** What {@link Provisioner} does where the owner's own instance lives already. */
public enum Mine {
    /** Hands it out. One that does not run is started again. */
    REUSE,
    /**
     * Removes it and makes a new one with the same names and ports. One that somebody else has made while the call was at it
     * is handed out.
     */
    REPLACE,
    /** Refuses, and leaves it alone. One that does not run is started again. */
    REJECT
}
