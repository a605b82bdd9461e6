package dev.berth.torture.check;

/** What a caller asks for. */
public enum Deed {
    /** A reservation, of one port, a pair, a name, a path. */
    CLAIM,
    /** One more part for a claim that is held. */
    EXTEND,
    FIND,
    /** A part is given back. */
    SHRINK,
    RELEASE,
    /** A lease runs anew. */
    RENEW,
    /** A claim with a running instance. */
    PROVISION,
    STOP,
    REMOVE,
    /** A sweep of the reaper. */
    REAP;

    /** Whether it names the token that it saw. */
    public boolean namesToken() {
        return this == SHRINK || this == RELEASE || this == RENEW;
    }

    /** Whether the claim's lease, where it has one, runs anew by it. */
    public boolean setsLease() {
        return this == CLAIM || this == EXTEND || this == RENEW;
    }

    /** Whether it may end what an owner holds without naming a token. */
    public boolean endsByOwner() {
        return this == PROVISION || this == REMOVE;
    }
}
