package dev.berth.torture.check;

import java.util.List;

/**
 * That something was which must never be.
 *
 * @param kind which promise was broken
 * @param what what happened
 * @param proof the lines that prove it
 */
public record Violation(Kind kind, String what, List<String> proof) {
    /** Promises, by how they are broken. */
    public enum Kind {
        /** Two claims held one resource at the same time (L1). */
        HELD_TWICE,
        /** An owner was told of two claims of its own at the same time (L7). */
        TWO_CLAIMS,
        /** What was acknowledged, and nobody can have ended, was not there. */
        LOST,
        /** One token was told with different holdings, or for different owners (L7). */
        TOLD_DIFFERENTLY,
        /** A token was taken though a newer one had been told before (L5). */
        OLD_TOKEN_TAKEN,
        /** Two calls were told that each of them released the claim. */
        RELEASED_TWICE,
        /** A claim was reaped while its instance was there. */
        LIVING_REAPED,
        /** Something was left that the last sweeps should have freed. */
        LEAK,
        /** Ledger and runtime disagreed in the end. */
        UNEQUAL,
        /** Two instances of one owner ran at the same time. */
        TWO_INSTANCES,
        /** A caller saw an error that no caller should see. */
        FORBIDDEN_ERROR,
        /** The ledger disagreed with itself in the end. */
        BROKEN_LEDGER
    }

    @Override
    public String toString() {
        return kind + ": " + what + (proof.isEmpty() ? "" : "\n    " + String.join("\n    ", proof));
    }
}
