package dev.berth.ledger;

import dev.berth.BerthException;

/** A claim was not granted; nothing was changed. The {@link #refusal} says what stood in the way. */
public final class ClaimRefusedException extends BerthException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    /**
     * Makes the exception.
     *
     * @param refusal why
     */
    public ClaimRefusedException(Refusal refusal) {
        super(refusal + "; release what is held, wait, or ask for something else");
        this.refusal = refusal;
    }

    /**
     * Says what stood in the way.
     *
     * @return the refusal
     */
    public Refusal refusal() {
        return refusal;
    }
}
