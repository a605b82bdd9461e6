package dev.berth.runtime;

import dev.berth.InvalidInputException;
import java.util.Optional;
import java.util.Set;

/**
 * What an error of a runtime means for the one who asked. An adapter classifies by code and shape that it has verified;
 * everything else is {@link Unknown}, never a guess.
 */
public sealed interface Fault {
    /**
     * Says what the runtime said.
     *
     * @return one line for people
     */
    String detail();

    /**
     * Says whether it may have done what was asked all the same.
     *
     * @return true only where that is not known
     */
    default boolean mayHaveHappened() {
        return this instanceof Unknown;
    }

    /**
     * The name is taken. Nothing was done.
     *
     * @param holder the full id of who has it, empty if the runtime did not say
     * @param detail what the runtime said
     */
    record NameHeld(Optional<String> holder, String detail) implements Fault {}

    /**
     * A port is taken. The instance that was to have it, if it is there, does not run, and must not be started again.
     *
     * @param ports the host's ports that are taken, as far as the runtime named them
     * @param detail what the runtime said
     */
    record PortHeld(Set<Integer> ports, String detail) implements Fault {
        /**
         * Copies the set.
         *
         * @param ports the host's ports that are taken
         * @param detail what the runtime said
         */
        public PortHeld {
            ports = InvalidInputException.copyOf("ports", ports);
        }
    }

    /**
     * The runtime refused what was asked, and would again: the image is missing, the name is not one, a command is not
     * there. Nothing was done.
     *
     * @param detail what the runtime said
     */
    record Rejected(String detail) implements Fault {}

    /**
     * There is no such instance. Nothing was done.
     *
     * @param detail what the runtime said
     */
    record Missing(String detail) implements Fault {}

    /**
     * The instance is in the midst of something, such as its removal, or the runtime could not do it for a reason that may
     * pass; later, or with another instance, it may work. Nothing was done.
     *
     * @param detail what the runtime said
     */
    record Busy(String detail) implements Fault {}

    /**
     * The runtime could not be reached, so nothing was done.
     *
     * @param detail what went wrong
     */
    record Unreachable(String detail) implements Fault {}

    /**
     * It is not known what happened: the answer got lost, came too late, or was one that nobody knows. What was asked
     * may have been done, or may be done yet.
     *
     * @param detail what went wrong
     */
    record Unknown(String detail) implements Fault {}
}
