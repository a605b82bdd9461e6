package dev.berth.port;

import dev.berth.InvalidInputException;

/** What a probe saw of one port. Unknown is a third answer: it is neither free nor busy (law L3). */
public sealed interface PortSighting {
    /** Nobody was found on it. */
    record Free() implements PortSighting {}

    /**
     * Somebody is on it.
     *
     * @param evidence what was seen, for people
     */
    record Busy(String evidence) implements PortSighting {
        /**
         * Checks the evidence.
         *
         * @param evidence what was seen, for people
         * @throws InvalidInputException if it is null
         */
        public Busy {
            InvalidInputException.requireNonNull("evidence", evidence);
        }
    }

    /**
     * It could not be seen.
     *
     * @param reason why not
     */
    record Unknown(String reason) implements PortSighting {
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
     * Says that nobody was found.
     *
     * @return the sighting
     */
    static PortSighting free() {
        return new Free();
    }

    /**
     * Takes two probes' sightings of one port together: busy for one is busy, unknown for one is not free.
     *
     * @param other the other sighting
     * @return the worse one
     */
    default PortSighting and(PortSighting other) {
        InvalidInputException.requireNonNull("other sighting", other);
        if (this instanceof Busy || other instanceof Free) {
            return this;
        }
        return other instanceof Busy || this instanceof Free ? other : this;
    }
}
