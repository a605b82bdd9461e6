package dev.berth.port;

/** What becomes of ports that the probe could not see. They are never declined: nobody was found on them. */
public enum OnUnknown {
    /** They are given back and the allocation is refused: unknown is not free. */
    REFUSE,
    /** They are handed out as if they were free, with a warning. */
    ASSUME_FREE
}
