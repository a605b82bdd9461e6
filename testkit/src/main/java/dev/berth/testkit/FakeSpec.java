package dev.berth.testkit;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.util.Optional;

/**
 * What a {@link FakeEngine} is to create, and how it will behave. Immutable; each method gives a changed copy. All spans
 * are of the engine's clock.
 *
 * @param image the image's name; one that the engine {@linkplain FakeEngine#withoutImage lacks} is rejected
 * @param starting how long a start takes, from which the instance is on its way up
 * @param check what its health check says
 * @param checkAfter how long after its start the check says that; until then it is starting
 * @param exitAfter how long after its start it ends by itself, empty for never
 */
public record FakeSpec(
        String image, Duration starting, Check check, Duration checkAfter, Optional<Duration> exitAfter) {
    /** What the health check of an instance says. */
    public enum Check {
        /** There is none. */
        NONE,
        /** That it is well. */
        PASSES,
        /** That it is not. */
        FAILS
    }

    /**
     * Checks the parts.
     *
     * @param image the image's name
     * @param starting how long a start takes
     * @param check what its health check says
     * @param checkAfter how long after its start the check says that
     * @param exitAfter how long after its start it ends by itself
     * @throws InvalidInputException if a part is null or a span negative
     */
    public FakeSpec {
        InvalidInputException.requireNonNull("image", image);
        span("span of a start", starting);
        InvalidInputException.requireNonNull("check", check);
        span("span before a check", checkAfter);
        InvalidInputException.requireNonNull("span before an exit", exitAfter)
                .ifPresent(after -> span("span before an exit", after));
    }

    private static void span(String what, Duration span) {
        if (InvalidInputException.requireNonNull(what, span).isNegative()) {
            throw InvalidInputException.of(what, span, "zero or more");
        }
    }

    /**
     * Describes an instance that runs as soon as it is started, is healthy at once, and runs until it is stopped.
     *
     * @param image the image's name
     * @return the specification
     */
    public static FakeSpec of(String image) {
        return new FakeSpec(image, Duration.ZERO, Check.PASSES, Duration.ZERO, Optional.empty());
    }

    /**
     * Makes a start take a while.
     *
     * @param span how long it is starting
     * @return the specification
     */
    public FakeSpec startingFor(Duration span) {
        return new FakeSpec(image, span, check, checkAfter, exitAfter);
    }

    /**
     * Makes it healthy a while after its start.
     *
     * @param span how long after
     * @return the specification
     */
    public FakeSpec healthyAfter(Duration span) {
        return new FakeSpec(image, starting, Check.PASSES, span, exitAfter);
    }

    /**
     * Makes its check fail.
     *
     * @return the specification
     */
    public FakeSpec neverHealthy() {
        return new FakeSpec(image, starting, Check.FAILS, checkAfter, exitAfter);
    }

    /**
     * Takes its check away.
     *
     * @return the specification
     */
    public FakeSpec withoutCheck() {
        return new FakeSpec(image, starting, Check.NONE, checkAfter, exitAfter);
    }

    /**
     * Makes it end as soon as it is started; the start succeeds.
     *
     * @return the specification
     */
    public FakeSpec exitingAtOnce() {
        return exitingAfter(Duration.ZERO);
    }

    /**
     * Makes it end by itself a while after its start.
     *
     * @param span how long after
     * @return the specification
     */
    public FakeSpec exitingAfter(Duration span) {
        return new FakeSpec(image, starting, check, checkAfter, Optional.of(span));
    }
}
