package dev.berth.torture.check;

/** What a caller was told. */
public enum Answer {
    /** It is done, or here it is. */
    OK,
    /** There was nothing to do it to, or nothing to be found. */
    NOTHING,
    /** It was not done. */
    REFUSED,
    /** Nobody knows whether it was done; or the caller did not live to hear. */
    UNKNOWN
}
