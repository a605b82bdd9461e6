package dev.berth.runtime;

import dev.berth.InvalidInputException;
import java.time.Duration;

/**
 * How long calls of a runtime may take before they count as lost.
 *
 * @param read for a look, a listing, a fingerprint, a health check
 * @param create for creating an instance
 * @param start for starting one, and then for it to run with its ports
 * @param stop for stopping one
 * @param remove for removing one
 */
public record Deadlines(Duration read, Duration create, Duration start, Duration stop, Duration remove) {
    private static final Duration LONGEST = Duration.ofDays(1);

    /**
     * Checks the spans.
     *
     * @param read for a look, a listing, a fingerprint, a health check
     * @param create for creating an instance
     * @param start for starting one, and then for it to run with its ports
     * @param stop for stopping one
     * @param remove for removing one
     * @throws InvalidInputException if one is not 1 ms to 1 day
     */
    public Deadlines {
        check("read", read);
        check("create", create);
        check("start", start);
        check("stop", stop);
        check("remove", remove);
    }

    private static void check(String what, Duration span) {
        InvalidInputException.requireNonNull(what + " deadline", span);
        if (span.compareTo(Duration.ofMillis(1)) < 0 || span.compareTo(LONGEST) > 0) {
            throw InvalidInputException.of(what + " deadline", span, "1 ms to 1 day");
        }
    }

    /**
     * Gives the defaults: 30 s for reads, 2 min for what changes something.
     *
     * @return the defaults
     */
    public static Deadlines defaults() {
        return all(Duration.ofMinutes(2)).reads(Duration.ofSeconds(30));
    }

    /**
     * Gives every call the same time.
     *
     * @param span 1 ms to 1 day
     * @return the deadlines
     */
    public static Deadlines all(Duration span) {
        return new Deadlines(span, span, span, span, span);
    }

    /**
     * Sets the time for reads.
     *
     * @param span 1 ms to 1 day
     * @return the deadlines
     */
    public Deadlines reads(Duration span) {
        return new Deadlines(span, create, start, stop, remove);
    }

    /**
     * Sets the time for creating.
     *
     * @param span 1 ms to 1 day
     * @return the deadlines
     */
    public Deadlines creates(Duration span) {
        return new Deadlines(read, span, start, stop, remove);
    }

    /**
     * Sets the time for starting.
     *
     * @param span 1 ms to 1 day
     * @return the deadlines
     */
    public Deadlines starts(Duration span) {
        return new Deadlines(read, create, span, stop, remove);
    }

    /**
     * Sets the time for stopping.
     *
     * @param span 1 ms to 1 day
     * @return the deadlines
     */
    public Deadlines stops(Duration span) {
        return new Deadlines(read, create, start, span, remove);
    }

    /**
     * Sets the time for removing.
     *
     * @param span 1 ms to 1 day
     * @return the deadlines
     */
    public Deadlines removes(Duration span) {
        return new Deadlines(read, create, start, stop, span);
    }
}
