package dev.berth.sync;

import dev.berth.BerthException;
import org.jspecify.annotations.Nullable;

/** A database of a sync could not do its work. What was committed before stays, and the next run goes on from there. */
public final class SyncUnavailableException extends BerthException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    private final Reason reason;

    /** Whether something may have happened. */
    private final Outcome outcome;

    /** Why a database could not do its work. */
    public enum Reason {
        /** It is not there, or others were in the way for too long: later it may be. */
        OFFLINE,
        /** It refuses, or has no room: somebody must mend it. */
        BROKEN,
        /** Another process is syncing the same two databases. */
        BUSY
    }

    /** Whether the work may have happened. */
    public enum Outcome {
        /** Nothing happened. */
        NOT_DONE,
        /** It may or may not have happened. */
        UNKNOWN
    }

    /**
     * Makes the exception.
     *
     * @param message what failed and what to do
     * @param reason why
     * @param outcome whether something may have happened
     * @param cause the first failure, or null
     */
    public SyncUnavailableException(String message, Reason reason, Outcome outcome, @Nullable Throwable cause) {
        super(message);
        this.reason = reason;
        this.outcome = outcome;
        if (cause != null) {
            initCause(cause);
        }
    }

    /**
     * Tells why.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * Tells whether something may have happened.
     *
     * @return the outcome
     */
    public Outcome outcome() {
        return outcome;
    }
}
