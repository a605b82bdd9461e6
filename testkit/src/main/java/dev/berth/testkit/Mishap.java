package dev.berth.testkit;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.util.Optional;

/** What may befall one call of a {@link FakeRuntime}. */
public sealed interface Mishap {
    /** The engine is not reached: nothing happens, and the caller is told so. */
    record Unreached() implements Mishap {}

    /** The question gets lost: nothing happens, but the caller cannot know that. */
    record LostQuestion() implements Mishap {}

    /** The answer gets lost: it happens, but the caller cannot know that. */
    record LostAnswer() implements Mishap {}

    /**
     * It happens later, after the caller was told that the outcome is unknown. An engine that dies forgets it.
     *
     * @param after how much later by the engine's clock; empty for when {@link FakeEngine#releaseLate} is called
     */
    record Late(Optional<Duration> after) implements Mishap {
        /**
         * Checks the span.
         *
         * @param after how much later
         * @throws InvalidInputException if it is null
         */
        public Late {
            InvalidInputException.requireNonNull("span", after);
        }
    }

    /**
     * The engine refuses it, and would again: nothing happens.
     *
     * @param detail what it says
     */
    record Rejected(String detail) implements Mishap {}

    /**
     * The engine is busy with the instance: nothing happens.
     *
     * @param detail what it says
     */
    record Busy(String detail) implements Mishap {}

    /**
     * The engine says something that nobody knows: nothing happens, but the caller cannot know that.
     *
     * @param detail what it says
     */
    record Gibberish(String detail) implements Mishap {}

    /**
     * Makes what was asked happen later.
     *
     * @param span how much later by the engine's clock
     * @return the mishap
     */
    static Mishap late(Duration span) {
        return new Late(Optional.of(InvalidInputException.requireNonNull("span", span)));
    }

    /**
     * Makes what was asked happen when {@link FakeEngine#releaseLate} is called.
     *
     * @return the mishap
     */
    static Mishap lateUntilReleased() {
        return new Late(Optional.empty());
    }
}
