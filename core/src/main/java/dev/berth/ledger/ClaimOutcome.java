package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.util.Set;

/** How a request ended. */
public sealed interface ClaimOutcome {
    /**
     * The owner holds all that it asked for.
     *
     * @param claim the claim as the ledger stores it
     * @param acquired the parts that this call took; empty if all were held before
     * @param kept the requested parts that were held before and stay as they are
     * @param origin whether this call made the claim
     */
    record Granted(Claim claim, Set<String> acquired, Set<String> kept, Origin origin) implements ClaimOutcome {
        /**
         * Copies the sets.
         *
         * @param claim the claim as the ledger stores it
         * @param acquired the parts that this call took
         * @param kept the requested parts that were held before and stay as they are
         * @param origin whether this call made the claim
         */
        public Granted {
            acquired = InvalidInputException.copyOf("acquired", acquired);
            kept = InvalidInputException.copyOf("kept", kept);
        }
    }

    /**
     * Nothing was changed.
     *
     * @param refusal why
     */
    record Refused(Refusal refusal) implements ClaimOutcome {}

    /** Where a granted claim comes from. */
    enum Origin {
        /** This call made it. */
        CREATED,
        /** The owner held it before; this call may have added to it. */
        FOUND
    }
}
