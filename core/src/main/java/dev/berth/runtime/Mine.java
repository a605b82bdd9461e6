package dev.berth.runtime;

/** What {@link Provisioner} does where the owner's own instance lives already. */
public enum Mine {
    /**
     * Hands it out. One that does not run is started again. One that is at rest and can come up with other ports only is
     * removed and made anew: its claim has moved from ports that it was made with; or one is taken, and the claim can move;
     * or the engine started it without ports that it is configured with, and they can move. What it kept beside its volumes
     * is lost then; {@link #REJECT} keeps it.
     */
    REUSE,
    /**
     * Removes it and makes a new one with the same names and ports. One that somebody else has made while the call was at it
     * is handed out.
     */
    REPLACE,
    /**
     * Refuses, and leaves it alone. One that does not run is started again, or kept, with the reason, where it cannot come
     * up with its ports.
     */
    REJECT
}
