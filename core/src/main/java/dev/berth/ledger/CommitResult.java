package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** How a commit ended. */
public sealed interface CommitResult {
    /**
     * All of it happened.
     *
     * @param at the store's time at which it happened, the one that every duration in it was counted from
     * @param versions the new version of every record that was {@linkplain Commit.PutRecord put}, by name: what its
     *     writer fences with
     */
    record Done(Instant at, Map<String, Long> versions) implements CommitResult {
        /**
         * Copies the map.
         *
         * @param at the store's time at which it happened
         * @param versions the new version of every record that was put
         */
        public Done {
            versions = InvalidInputException.copyOf("versions", versions);
        }

        /**
         * Tells that a commit without records happened.
         *
         * @param at the store's time at which it happened
         */
        public Done(Instant at) {
            this(at, Map.of());
        }
    }

    /**
     * Nothing of it happened.
     *
     * @param violations every expectation that did not hold, at least one
     */
    record Refused(List<Violation> violations) implements CommitResult {
        /**
         * Copies the list.
         *
         * @param violations every expectation that did not hold, at least one
         */
        public Refused {
            violations = InvalidInputException.copyOf("violations", violations);
        }
    }
}
