package dev.berth;

/**
 * The base of every exception that Berth throws on purpose. Its subclasses carry what the message says as fields, so
 * that nobody needs to parse text. A message is one line whatever was given: control and invisible characters are shown
 * escaped, and what is longer than 4,000 characters is cut; the fields have it whole.
 */
public class BerthException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST = 4_000;

    /**
     * Creates an exception without a cause.
     *
     * @param message what was tried, what stood in the way, what to do next
     */
    public BerthException(String message) {
        super(OneLine.of(String.valueOf(message), LONGEST));
    }

    /**
     * Creates an exception that keeps its cause.
     *
     * @param message what was tried, what stood in the way, what to do next
     * @param cause the first failure
     */
    public BerthException(String message, Throwable cause) {
        super(OneLine.of(String.valueOf(message), LONGEST), cause);
    }
}
