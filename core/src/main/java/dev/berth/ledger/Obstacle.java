package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.util.List;
import java.util.stream.Collectors;

/** One thing that stands in the way of a claim. A refusal names all of them. */
public sealed interface Obstacle {
    /**
     * A wanted resource is occupied.
     *
     * @param part the part that it is wanted for
     * @param occupant who holds it, or what blocks it
     */
    record Taken(String part, Occupant occupant) implements Obstacle {
        @Override
        public String toString() {
            return occupant.toString();
        }
    }

    /**
     * A wanted resource overlaps an occupied one.
     *
     * @param part the part that it is wanted for
     * @param wanted the wanted resource
     * @param occupant who holds the other one, or what blocks it
     */
    record Overlapping(String part, Resource wanted, Occupant occupant) implements Obstacle {
        @Override
        public String toString() {
            return wanted + " overlaps: " + occupant;
        }
    }

    /**
     * No candidate of a choice is free. The counts are of candidates, each counted once by the worst that stands in its
     * way: held, then declined, foreign, quarantined.
     *
     * @param part the part that was to be chosen
     * @param choice the choice in words: the range
     * @param total how many candidates there are
     * @param excluded how many are left out by configuration
     * @param used how many have a resource that a claim holds
     * @param declined how many are declined because an outsider was found on them
     * @param foreign how many are marked as foreign
     * @param quarantined how many rest after a claim
     * @param wantedTwice how many another choice of this request wants
     * @param holders who holds, in the candidates' order, at most 1,000 of them
     */
    record Exhausted(
            String part,
            String choice,
            int total,
            int excluded,
            int used,
            int declined,
            int foreign,
            int quarantined,
            int wantedTwice,
            List<Occupant.Holder> holders)
            implements Obstacle {
        private static final int NAMED = 5;

        /**
         * Copies the list.
         *
         * @param part the part that was to be chosen
         * @param choice the choice in words
         * @param total how many candidates there are
         * @param excluded how many are left out by configuration
         * @param used how many have a resource that a claim holds
         * @param declined how many are declined because an outsider was found on them
         * @param foreign how many are marked as foreign
         * @param quarantined how many rest after a claim
         * @param wantedTwice how many another choice of this request wants
         * @param holders who holds
         */
        public Exhausted {
            holders = InvalidInputException.copyOf("holders", holders);
        }

        @Override
        public String toString() {
            String named = holders.stream()
                    .limit(NAMED)
                    .map(holder -> holder.owner() + " (" + holder.resource().value() + ")")
                    .distinct()
                    .collect(Collectors.joining(", "));
            return choice + " is exhausted: of " + total + " candidates " + used + " used, " + declined + " declined, "
                    + foreign + " foreign, " + quarantined + " quarantined, " + excluded + " excluded"
                    + (wantedTwice > 0 ? ", " + wantedTwice + " wanted by another part of the request" : "")
                    + (named.isEmpty() ? "" : "; held by " + named + (holders.size() > NAMED ? ", ..." : ""));
        }
    }

    /**
     * A claim that was to give way is not as its token says.
     *
     * @param expected the token that the request named
     * @param current the claim as it is now
     */
    record Changed(Token expected, Claim current) implements Obstacle {
        @Override
        public String toString() {
            return "the claim of " + current.owner() + " that was to give way has changed (" + expected + " is now "
                    + current.token() + ")";
        }
    }

    /**
     * The world outside could not be asked whether what was picked is really free, and unknown is not free (law L3).
     *
     * @param part the part that was picked
     * @param picked what was picked; it was given back
     * @param reason why nothing is known
     */
    record Unverified(String part, List<Resource> picked, String reason) implements Obstacle {
        /**
         * Copies the list.
         *
         * @param part the part that was picked
         * @param picked what was picked
         * @param reason why nothing is known
         */
        public Unverified {
            picked = InvalidInputException.copyOf("picked", picked);
        }

        @Override
        public String toString() {
            return "it is not known whether " + picked + " are free outside of the ledger: " + reason;
        }
    }

    /**
     * The owner's claim belongs to another home scope, where it may have an instance.
     *
     * @param claim the owner's claim
     * @param wanted the home scope that was asked for
     */
    record Elsewhere(Claim claim, Scope wanted) implements Obstacle {
        @Override
        public String toString() {
            return "the claim of " + claim.owner() + " is at home in "
                    + claim.home().map(Scope::name).orElse("no scope") + ", not in " + wanted;
        }
    }
}
