package dev.berth.runtime;

import dev.berth.InvalidInputException;
import java.util.Optional;

/**
 * What a look at one instance told. What is no proof is {@link Unknown}, with its reason: unknown is neither there nor
 * gone (law L3).
 */
public sealed interface Sighting {
    /**
     * It is there.
     *
     * @param instance as it is
     */
    record Present(Instance instance) implements Sighting {
        /**
         * Checks the instance.
         *
         * @param instance as it is
         * @throws InvalidInputException if it is null
         */
        public Present {
            InvalidInputException.requireNonNull("instance", instance);
        }
    }

    /**
     * The runtime itself said that there is no such instance.
     *
     * @param evidence what it said, for people
     */
    record Absent(String evidence) implements Sighting {
        /**
         * Checks the evidence.
         *
         * @param evidence what it said, for people
         * @throws InvalidInputException if it is null
         */
        public Absent {
            InvalidInputException.requireNonNull("evidence", evidence);
        }
    }

    /**
     * It is not known.
     *
     * @param reason why not
     */
    record Unknown(String reason) implements Sighting {
        /**
         * Checks the reason.
         *
         * @param reason why not
         * @throws InvalidInputException if it is null
         */
        public Unknown {
            InvalidInputException.requireNonNull("reason", reason);
        }
    }

    /**
     * Gives the instance if it was seen.
     *
     * @return the instance; empty means absent or unknown
     */
    default Optional<Instance> seen() {
        return this instanceof Present present ? Optional.of(present.instance()) : Optional.empty();
    }
}
