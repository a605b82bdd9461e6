package dev.berth.runtime;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Refusal;
import java.util.Optional;

/** How the wish for an instance ended. */
public sealed interface ProvisionOutcome
        permits Provisioned, ProvisionOutcome.Joined, ProvisionOutcome.Refused, ProvisionOutcome.Failed {
    /**
     * Tells what was tried.
     *
     * @return the report
     */
    ProvisionReport report();

    /**
     * Somebody else is at it, in this process or another.
     *
     * @param claim the claim, pending
     * @param attempt the attempt that is under way, with its end unless renewed
     * @param report what was tried
     */
    record Joined(Claim claim, Attempt attempt, ProvisionReport report) implements ProvisionOutcome {}

    /**
     * The ledger does not have what is asked for. What the owner held before it still holds.
     *
     * @param refusal everything in the way
     * @param report what was tried
     */
    record Refused(Refusal refusal, ProvisionReport report) implements ProvisionOutcome {}

    /**
     * The runtime does not have it. No instance of this attempt is left, unless the claim was kept because that could not
     * be proven.
     *
     * @param failure why
     * @param kept the claim with all that it keeps, empty if it was given back
     * @param report what was tried
     */
    record Failed(ProvisionFailure failure, Optional<Claim> kept, ProvisionReport report) implements ProvisionOutcome {}
}
