package dev.berth.sync;

/** How changes of the local tables are found. */
public enum Capture {
    /** Every run reads the tables and compares them with the last agreed state. Nothing is installed in them. */
    COMPARISON,
    /**
     * Triggers that Berth installs note each change in the transaction that makes it. A run reads what is noted; its first
     * one compares.
     */
    TRIGGERS,
    /**
     * The application notes each change itself, in the transaction that makes it. A run reads what is noted; its first
     * one compares.
     */
    CALLS
}
