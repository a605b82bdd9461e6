package dev.berth.reaper;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import java.time.Instant;
import java.util.List;

/**
 * What one run of an {@link IdleStopper} saw and did.
 *
 * @param at when it ran, by the ledger's clock
 * @param findings one for each claim whose instance was up
 */
public record IdleReport(Instant at, List<Finding> findings) {
    /** What came of a claim. */
    public enum Fate {
        /** It was idle, and its instance is stopped; it keeps its name and its ports. */
        STOPPED,
        /** It is being used, or was lately, or it came up lately. */
        ACTIVE,
        /** Whether it is being used is not known. */
        UNKNOWN,
        /** It says that it is to be kept. */
        KEPT,
        /** It was idle, and has changed since. */
        SPARED,
        /** It was idle, and could not be stopped. */
        FAILED
    }

    /**
     * One claim.
     *
     * @param claim the claim as it was read
     * @param fate what came of it
     * @param reason why, for people
     */
    public record Finding(Claim claim, Fate fate, String reason) {
        /**
         * Checks the parts.
         *
         * @param claim the claim as it was read
         * @param fate what came of it
         * @param reason why, for people
         * @throws InvalidInputException if a part is null
         */
        public Finding {
            InvalidInputException.requireNonNull("claim", claim);
            InvalidInputException.requireNonNull("fate", fate);
            InvalidInputException.requireNonNull("reason", reason);
        }
    }

    /**
     * Copies the list.
     *
     * @param at when it ran
     * @param findings one for each claim whose instance was up
     * @throws InvalidInputException if a part is null
     */
    public IdleReport {
        InvalidInputException.requireNonNull("time", at);
        findings = InvalidInputException.copyOf("findings", findings);
    }

    /**
     * Counts what came of claims.
     *
     * @param fate what came of them
     * @return how many
     */
    public int count(Fate fate) {
        return (int) findings.stream().filter(finding -> finding.fate() == fate).count();
    }
}
