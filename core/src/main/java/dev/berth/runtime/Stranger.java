package dev.berth.runtime;

/**
 * What {@link Provisioner} does where an instance that no claim has is in the way, such as by having the name. Several are
 * tried in their order; where none of them works it refuses, naming the instance. Ports need no policy: another slot of
 * their pool is taken.
 */
public enum Stranger {
    /** Refuses. */
    REFUSE,
    /** Removes it if it is ours: it carries this ledger's mark of the same tenant, and its claim is gone. */
    REMOVE_IF_OURS,
    /** Lets it be, passes over the name for a while, and takes the next candidate. */
    NEXT_CANDIDATE,
    /** Takes it as the claim's instance, as it is, if it runs and publishes what is asked for. It is never removed. */
    ADOPT
}
