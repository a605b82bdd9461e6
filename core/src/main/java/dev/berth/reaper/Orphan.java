package dev.berth.reaper;

import dev.berth.InvalidInputException;
import dev.berth.runtime.Instance;

/**
 * An instance that no claim has.
 *
 * @param instance the instance as it was listed
 * @param kind whose it is
 * @param reason what is known of it, for people
 * @param fate what came of it
 */
public record Orphan(Instance instance, Kind kind, String reason, Fate fate) {
    /** Whose it is. */
    public enum Kind {
        /** This ledger has made it. */
        OURS,
        /** Its claim was reaped, and here it is again. */
        RETURNER,
        /** Another ledger has made it. */
        ANOTHER_LEDGERS,
        /** It was not made by this library. */
        FOREIGN
    }

    /** What came of it. */
    public enum Fate {
        /** It is left alone. */
        LEFT,
        /** It is due, and this run has done as much as one may, may not, or only observes. */
        POSTPONED,
        /** It was claimed for its owner again; in a dry run it would have been. */
        ADOPTED,
        /** Its claim was restored as it was; in a dry run it would have been. */
        RESTORED,
        /** It was removed; in a dry run it would have been. */
        REMOVED,
        /** What was tried did not work. */
        FAILED
    }

    /**
     * Checks the parts.
     *
     * @param instance the instance as it was listed
     * @param kind whose it is
     * @param reason what is known of it, for people
     * @param fate what came of it
     * @throws InvalidInputException if a part is null
     */
    public Orphan {
        InvalidInputException.requireNonNull("instance", instance);
        InvalidInputException.requireNonNull("kind", kind);
        InvalidInputException.requireNonNull("reason", reason);
        InvalidInputException.requireNonNull("fate", fate);
    }

    /**
     * Says whether a person should look: something that this ledger has made runs, and nobody has a claim to it. One that is at
     * rest, or being removed, is information.
     *
     * @return true for one of ours that is living
     */
    public boolean isAnomaly() {
        return (kind == Kind.OURS || kind == Kind.RETURNER) && instance.state().isLiving();
    }

    Orphan becomes(Fate other, String why) {
        return new Orphan(instance, kind, why, other);
    }
}
