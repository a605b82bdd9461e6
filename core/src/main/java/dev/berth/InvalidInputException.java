package dev.berth;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Input that was refused at the door: nothing was read, written or changed. The message says what was given, what is
 * allowed and so what to do. Every bad argument is refused with this one type, {@code null} included.
 */
public final class InvalidInputException extends BerthException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 80;
    private static final String NO_NULLS = "none that is null among them";

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
     * Copies a list.
     *
     * @param <T> the type of its elements
     * @param what the list, as its caller knows it
     * @param list the list
     * @return a copy that cannot be changed
     * @throws InvalidInputException if the list or an element is {@code null}
     */
    public static <T> List<T> copyOf(String what, @Nullable List<? extends T> list) {
        try {
            return List.copyOf(requireNonNull(what, list));
        } catch (NullPointerException nullElement) {
            throw of(what, null, NO_NULLS);
        }
    }

    /**
     * Copies a set.
     *
     * @param <T> the type of its elements
     * @param what the set, as its caller knows it
     * @param set the set
     * @return a copy that cannot be changed
     * @throws InvalidInputException if the set or an element is {@code null}
     */
    public static <T> Set<T> copyOf(String what, @Nullable Set<? extends T> set) {
        try {
            return Set.copyOf(requireNonNull(what, set));
        } catch (NullPointerException nullElement) {
            throw of(what, null, NO_NULLS);
        }
    }

    /**
     * Copies a map.
     *
     * @param <K> the type of its keys
     * @param <V> the type of its values
     * @param what the map, as its caller knows it
     * @param map the map
     * @return a copy that cannot be changed
     * @throws InvalidInputException if the map, a key or a value is {@code null}
     */
    public static <K, V> Map<K, V> copyOf(String what, @Nullable Map<? extends K, ? extends V> map) {
        try {
            return Map.copyOf(requireNonNull(what, map));
        } catch (NullPointerException nullEntry) {
            throw of(what, null, NO_NULLS);
        }
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
        String text = String.valueOf(given.toString());
        String shown = OneLine.of(text, SHOWN);
        return given instanceof CharSequence ? "\"" + shown + "\"" : shown;
    }
}
