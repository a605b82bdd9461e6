package dev.berth;

import org.jspecify.annotations.Nullable;

/**
 * Input that was refused at the door: nothing was read, written or changed. The message says what was given, what is
 * allowed and so what to do. Every bad argument is refused with this one type, {@code null} included.
 */
public final class InvalidInputException extends BerthException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 80;

    /** The thing that was refused. */
    private final String what;

    /** The refused value as it is shown. */
    private final String given;

    /** What would have been taken. */
    private final String allowed;

    private InvalidInputException(String what, String given, String allowed) {
        super(what + ": given " + given + "; allowed: " + allowed);
        this.what = what;
        this.given = given;
        this.allowed = allowed;
    }

    /**
     * Makes the exception for one refused value.
     *
     * @param what the thing that was refused, as its caller knows it ({@code owner name}, {@code port})
     * @param given the refused value; shown quoted, with control and invisible formatting characters
     *     escaped, and cut after 80 characters
     * @param allowed what would have been taken, and where it helps what to do
     * @return the exception, to be thrown by the caller
     */
    public static InvalidInputException of(String what, @Nullable Object given, String allowed) {
        return new InvalidInputException(what, show(given), allowed);
    }

    /**
     * Returns the value unless it is {@code null}.
     *
     * @param <T> the value's type
     * @param what the thing that is needed, as its caller knows it
     * @param value the value
     * @return the value
     * @throws InvalidInputException if the value is {@code null}
     */
    public static <T> T requireNonNull(String what, @Nullable T value) {
        if (value == null) {
            throw of(what, null, "a value that is not null");
        }
        return value;
    }

    /**
     * Names the thing that was refused.
     *
     * @return a short noun
     */
    public String what() {
        return what;
    }

    /**
     * Shows the value that was refused.
     *
     * @return the value as in the message
     */
    public String given() {
        return given;
    }

    /**
     * Says what would have been taken.
     *
     * @return the rule as in the message
     */
    public String allowed() {
        return allowed;
    }

    private static String show(@Nullable Object given) {
        if (given == null) {
            return "null";
        }
        String text = given.toString();
        var shown = new StringBuilder();
        int end = Math.min(text.length(), SHOWN);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)
                    || Character.getType(c) == Character.FORMAT
                    || (Character.isSurrogate(c) && !isPaired(text, i))) {
                shown.append(String.format("\\u%04x", (int) c));
            } else {
                shown.append(c);
            }
        }
        if (end < text.length()) {
            shown.append("… (").append(text.length()).append(" characters)");
        }
        return given instanceof CharSequence ? "\"" + shown + "\"" : shown.toString();
    }

    private static boolean isPaired(String text, int i) {
        char c = text.charAt(i);
        return Character.isHighSurrogate(c)
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
