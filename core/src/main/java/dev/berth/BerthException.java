package dev.berth;

import org.jspecify.annotations.Nullable;

/** The base of every exception that Berth throws of its own. Unchecked. */
public class BerthException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Says what was tried, and what stood in the way.
     *
     * @param message the whole story, for a person
     */
    public BerthException(String message) {
        super(message);
    }

    /**
     * Says what was tried, and keeps what stood in the way.
     *
     * @param message the whole story, for a person
     * @param cause what failed below, or null
     */
    public BerthException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
