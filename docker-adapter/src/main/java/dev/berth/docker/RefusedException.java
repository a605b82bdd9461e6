package dev.berth.docker;

import dev.berth.BerthException;

/** The adapter itself refused to ask the engine, or the engine refused in its own words: nothing was done. */
final class RefusedException extends BerthException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        super(message);
    }

    RefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
