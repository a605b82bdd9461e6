package dev.berth.runtime;

import dev.berth.BerthException;

/** The attempt is not the current one any more: whoever runs into it lets go of everything but what it made itself. */
final class OvertakenException extends BerthException {
    private static final long serialVersionUID = 1L;

    OvertakenException(String message, Throwable cause) {
        super(message, cause);
    }
}
