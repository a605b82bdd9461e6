package dev.berth.ledger;

/** How the wish to make an instance ended. */
public sealed interface AttemptOutcome {
    /**
     * This caller has the attempt: it alone may create, activate or compensate.
     *
     * @param claim the claim, pending
     * @param attempt the attempt, stored before this answer
     */
    record Granted(Claim claim, Attempt attempt) implements AttemptOutcome {}

    /**
     * Somebody else is at it.
     *
     * @param claim the claim, pending
     * @param attempt the attempt that is under way, with its end unless renewed
     */
    record Joined(Claim claim, Attempt attempt) implements AttemptOutcome {}

    /**
     * It is done already: the claim is active.
     *
     * @param claim the claim, with its instance
     */
    record Held(Claim claim) implements AttemptOutcome {}

    /**
     * Nothing was changed.
     *
     * @param refusal why
     */
    record Refused(Refusal refusal) implements AttemptOutcome {}
}
