package dev.berth.reaper;

import dev.berth.InvalidInputException;
import java.time.Instant;

/** When something was last used, as far as one source knows. */
public sealed interface Activity {
    /** It is being used. */
    record Now() implements Activity {}

    /**
     * It was used, and is not being used now.
     *
     * @param at when it was last used, by the ledger's clock or one like it
     */
    record Last(Instant at) implements Activity {
        /**
         * Checks the time.
         *
         * @param at when it was last used
         * @throws InvalidInputException if it is null
         */
        public Last {
            InvalidInputException.requireNonNull("last activity", at);
        }
    }

    /**
     * Nobody can tell. That is no evidence of idleness.
     *
     * @param reason why, for people
     */
    record Unknown(String reason) implements Activity {
        /**
         * Checks the reason.
         *
         * @param reason why, for people
         * @throws InvalidInputException if it is null
         */
        public Unknown {
            InvalidInputException.requireNonNull("reason", reason);
        }
    }
}
