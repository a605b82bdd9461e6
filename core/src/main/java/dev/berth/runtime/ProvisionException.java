package dev.berth.runtime;

import dev.berth.BerthException;
import dev.berth.ledger.Owner;

/** An instance could not be had. The {@link #outcome} says why, what is kept, and what was tried. */
public final class ProvisionException extends BerthException {
    private static final long serialVersionUID = 1L;

    private final transient ProvisionOutcome outcome;

    /**
     * Makes the exception.
     *
     * @param owner who asked
     * @param outcome how it ended; not {@link Provisioned}
     */
    public ProvisionException(Owner owner, ProvisionOutcome outcome) {
        super("no instance for " + owner + ": " + reason(outcome) + "; tried at last: "
                + Texts.line(outcome.report().last()));
        this.outcome = outcome;
    }

    private static String reason(ProvisionOutcome outcome) {
        if (outcome instanceof ProvisionOutcome.Failed failed) {
            return failed.failure()
                    + failed.kept()
                            .map(claim -> "; the claim keeps everything (" + claim.state() + ")")
                            .orElse("; nothing is kept");
        }
        if (outcome instanceof ProvisionOutcome.Joined joined) {
            return "somebody else is at it until " + joined.attempt().until() + "; wait longer, or ask again";
        }
        return outcome instanceof ProvisionOutcome.Refused refused
                ? refused.refusal().toString()
                : outcome.toString();
    }

    /**
     * Tells how it ended.
     *
     * @return the outcome
     */
    public ProvisionOutcome outcome() {
        return outcome;
    }
}
