package dev.berth.ledger;

import dev.berth.BerthException;
import org.jspecify.annotations.Nullable;

/**
 * The store could not do its work: it never means held or free. {@link #outcome} says whether something may have
 * happened, {@link #isRetryable} whether the same call has a chance later.
 */
public final class StoreUnavailableException extends BerthException {
    private static final long serialVersionUID = 1L;

    /** Whether something may have happened. */
    private final Outcome outcome;

    /** Whether the same call has a chance later. */
    private final Retry retry;

    /** Whether the call's work may have happened. */
    public enum Outcome {
        /** Nothing happened. */
        NOT_DONE,
        /** It may or may not have happened: look it up by owner or token, never repeat it blindly. */
        UNKNOWN
    }

    /** Whether the same call has a chance later. */
    public enum Retry {
        /** It may succeed later: a lost connection, a full pool, a restart. */
        LATER,
        /** It will fail until somebody mends the cause: a read-only database, a closed store. */
        NEVER
    }

    /**
     * Makes the exception.
     *
     * @param message what failed and what to do
     * @param outcome whether something may have happened
     * @param retry whether the same call has a chance later
     * @param cause the first failure, or null
     */
    public StoreUnavailableException(String message, Outcome outcome, Retry retry, @Nullable Throwable cause) {
        super(message);
        this.outcome = outcome;
        this.retry = retry;
        if (cause != null) {
            initCause(cause);
        }
    }

    /**
     * Says whether the call's work may have happened.
     *
     * @return the outcome as far as it is known
     */
    public Outcome outcome() {
        return outcome;
    }

    /**
     * Says whether the same call has a chance later.
     *
     * @return true if it may succeed later
     */
    public boolean isRetryable() {
        return retry == Retry.LATER;
    }
}
