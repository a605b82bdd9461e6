package dev.berth.reaper;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import java.time.Instant;
import java.util.Optional;

/**
 * What a sweep found of one claim, why, and what came of it.
 *
 * @param claim the claim as it was read
 * @param kind what it is
 * @param reason why, for people
 * @param missingSince since when its instance was missing in every complete listing; empty if it is not
 * @param sightings in how many of them, spaced apart
 * @param fate what came of it
 */
public record Verdict(Claim claim, Kind kind, String reason, Optional<Instant> missingSince, int sightings, Fate fate) {
    /** What a claim is. */
    public enum Kind {
        /** Its instance is there. */
        PRESENT,
        /** Somebody is about to provision it. */
        BUSY,
        /** It changed too lately to be judged, or its time as an error is not over. */
        YOUNG,
        /** Whether its instance is there is not known. */
        UNKNOWN,
        /** Its instance is missing, not often or not long enough to be sure. */
        MISSING,
        /** Its instance does not exist. */
        GHOST,
        /** It failed long ago, and it has no instance. */
        OLD_ERROR,
        /** It failed, and its instance is there. */
        ERROR_LIVES,
        /** It has been pending for long, and nobody is at it. */
        STUCK,
        /** It is a reservation whose lease has run out. */
        LAPSED,
        /** Its lease has run out, and its instance is there. */
        OVERDUE,
        /** Its instance is missing, but one with another id carries its mark. */
        CONFLICT,
        /** Its instance is missing, and it says that it is to be kept. */
        PINNED
    }

    /** What came of a claim. */
    public enum Fate {
        /** It is left as it is. */
        LEFT,
        /** It was freed, or marked as failed; in a dry run it would have been. */
        DONE,
        /** It is due, and an open breaker holds it back. */
        HELD,
        /** It is due, and this run has done as much as one may; or this run only observes. */
        POSTPONED,
        /** It was due, and has changed, or was seen, since. */
        SPARED
    }

    /**
     * Checks the parts.
     *
     * @param claim the claim as it was read
     * @param kind what it is
     * @param reason why, for people
     * @param missingSince since when its instance was missing
     * @param sightings in how many complete listings
     * @param fate what came of it
     * @throws InvalidInputException if a part is null
     */
    public Verdict {
        InvalidInputException.requireNonNull("claim", claim);
        InvalidInputException.requireNonNull("kind", kind);
        InvalidInputException.requireNonNull("reason", reason);
        InvalidInputException.requireNonNull("missing since", missingSince);
        InvalidInputException.requireNonNull("fate", fate);
    }

    /**
     * Says whether it is of a kind that a sweep frees.
     *
     * @return true for ghosts and old errors
     */
    public boolean isRemoval() {
        return kind == Kind.GHOST || kind == Kind.OLD_ERROR;
    }

    static Verdict of(Claim claim, Kind kind, String reason) {
        return new Verdict(claim, kind, reason, Optional.empty(), 0, Fate.LEFT);
    }

    Verdict becomes(Fate other) {
        return new Verdict(claim, kind, reason, missingSince, sightings, other);
    }

    Verdict becomes(Fate other, String why) {
        return new Verdict(claim, kind, why, missingSince, sightings, other);
    }

    @Override
    public String toString() {
        return claim.owner() + ": " + kind + " (" + reason + "), " + fate;
    }
}
