package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Instant;
import java.util.Optional;

/** What sits on a resource: a claim, or a row without a claim that blocks it for a while. */
public sealed interface Occupant {
    /**
     * Names the occupied resource.
     *
     * @return the resource
     */
    Resource resource();

    /**
     * Says since when, by the store's clock.
     *
     * @return the instant
     */
    Instant since();

    /**
     * A claim that holds the resource.
     *
     * @param resource the resource
     * @param part the claim's part that it belongs to
     * @param role its role within the part
     * @param since since when this owner holds it
     * @param owner who holds it
     * @param token the claim's id and current revision
     * @param state the claim's state
     * @param leaseUntil when the claim's lease runs out, empty if it has none
     * @param home the claim's home scope, empty for a reservation
     * @param lapsed whether this is a reservation whose lease had run out, by the store's clock, when it was read: then
     *     the next claim may take it
     */
    record Holder(
            Resource resource,
            String part,
            String role,
            Instant since,
            Owner owner,
            Token token,
            ClaimState state,
            Optional<Instant> leaseUntil,
            Optional<Scope> home,
            boolean lapsed)
            implements Occupant {
        @Override
        public String toString() {
            return resource + " is held by " + owner + " since " + since + " (" + state + ", part " + part
                    + leaseUntil.map(until -> ", lease until " + until).orElse("") + ")";
        }
    }

    /**
     * A row without a claim in the same key space.
     *
     * @param resource the resource
     * @param reason why it is blocked
     * @param formerOwner who held it before, empty if nobody did
     * @param note what was seen, for people; may be empty
     * @param since since when it is blocked
     * @param until when the block ends; from then on the next claim takes the row over
     */
    record Block(
            Resource resource,
            BlockReason reason,
            Optional<Owner> formerOwner,
            String note,
            Instant since,
            Instant until)
            implements Occupant {
        /**
         * Says whether an owner may pass this block: the former owner its own quarantine.
         *
         * @param owner who asks
         * @return true if the block does not stand in this owner's way
         */
        public boolean lets(Owner owner) {
            InvalidInputException.requireNonNull("owner", owner);
            return reason == BlockReason.QUARANTINE
                    && formerOwner.map(owner::equals).orElse(false);
        }

        @Override
        public String toString() {
            return resource + " is blocked until " + until + " (" + reason + (note.isEmpty() ? "" : ": " + note) + ")";
        }
    }
}
