package dev.berth.runtime;

import dev.berth.InvalidInputException;

/**
 * That something may have happened in a runtime. Hints get lost, come late and come twice; they say where to look, and
 * prove nothing.
 *
 * @param kind what may have happened
 * @param instance the full id of the instance; empty text where the hint is about the runtime
 */
public record Hint(Kind kind, String instance) {
    /** What may have happened. */
    public enum Kind {
        /** An instance was made. */
        CREATED,
        /** An instance began to run. */
        STARTED,
        /** An instance ended. */
        ENDED,
        /** An instance was removed. */
        REMOVED,
        /** Something else about an instance. */
        CHANGED,
        /** Hints were lost, or the runtime came back: look at everything. */
        GAP
    }

    /**
     * Checks the parts.
     *
     * @param kind what may have happened
     * @param instance the full id of the instance
     * @throws InvalidInputException if a part is null
     */
    public Hint {
        InvalidInputException.requireNonNull("hint kind", kind);
        InvalidInputException.requireNonNull("hint instance", instance);
    }
}
