package dev.berth.examples.cli;

/** What was typed cannot be done; the message says what can. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what was given and what is allowed
     */
    public UsageException(String message) {
        super(message);
    }
}
