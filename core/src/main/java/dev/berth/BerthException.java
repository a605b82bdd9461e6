package dev.berth;

/**
 * The base of every exception that Berth throws on purpose. Its subclasses carry what the message says as fields, so
 * that nobody needs to parse text.
 */
public class BerthException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception without a cause.
     *
     * @param message what was tried, what stood in the way, what to do next
     */
    public BerthException(String message) {
        super(message);
    }

    /**
     * Creates an exception that keeps its cause.
     *
     * @param message what was tried, what stood in the way, what to do next
     * @param cause the first failure
     */
    public BerthException(String message, Throwable cause) {
        super(message, cause);
    }
}
