package dev.berth.runtime;

import dev.berth.InvalidInputException;

/**
 * How a running instance does.
 *
 * @param verdict how it does
 * @param detail what was seen, for people
 */
public record Health(Verdict verdict, String detail) {
    /** How an instance does. */
    public enum Verdict {
        /** Its check passes. */
        HEALTHY,
        /** Its check has not passed yet. */
        STARTING,
        /** Its check fails. */
        UNHEALTHY,
        /** It has no check; that it runs is all there is to know. */
        UNCHECKED,
        /** It could not be asked. */
        UNKNOWN
    }

    /**
     * Checks the parts.
     *
     * @param verdict how it does
     * @param detail what was seen, for people
     * @throws InvalidInputException if a part is null
     */
    public Health {
        InvalidInputException.requireNonNull("verdict", verdict);
        InvalidInputException.requireNonNull("detail", detail);
    }

    /**
     * Says whether it can be handed out.
     *
     * @return true if it is healthy, or has no check
     */
    public boolean isGood() {
        return verdict == Verdict.HEALTHY || verdict == Verdict.UNCHECKED;
    }
}
