package dev.berth.sync;

/** What happens to local changes that the remote database has not got yet when the local tables are emptied. */
public enum Unsent {
    /** They stay, and so does everything else: nothing is emptied. */
    KEEP,
    /** They are given up. */
    GIVE_UP
}
