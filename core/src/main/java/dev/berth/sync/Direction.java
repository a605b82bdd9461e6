package dev.berth.sync;

/** Which way rows travel. */
public enum Direction {
    /** From the local database to the remote. */
    PUSH,
    /** From the remote database to the local. */
    PULL
}
