package dev.berth.port;

/** In which order a pool's slots are tried. */
public enum PortOrder {
    /** From the lowest on: what people expect to read. Promised when uncontended. */
    LOWEST,
    /**
     * From a slot that the owner's name decides on, so that an owner tends to come back to its slot, and many hosts'
     * callers seldom meet.
     */
    STICKY,
    /** From a random slot on, so that many hosts' callers seldom meet. */
    SPREAD
}
