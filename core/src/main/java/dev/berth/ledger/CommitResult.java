package dev.berth.ledger;

import java.time.Instant;
import java.util.List;

/** How a commit ended. */
public sealed interface CommitResult {
    /**
     * All of it happened.
     *
     * @param at the store's time at which it happened, the one that every duration in it was counted from
     */
    record Done(Instant at) implements CommitResult {}

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
            violations = List.copyOf(violations);
        }
    }
}
