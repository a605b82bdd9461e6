package dev.berth.ledger;

import java.util.Optional;

/** One reason why a commit did not happen. A store returns all of them. */
public sealed interface Violation {
    /**
     * A wanted resource is not free.
     *
     * @param occupant what sits on it
     */
    record Occupied(Occupant occupant) implements Violation {}

    /**
     * The owner holds a claim already.
     *
     * @param owner the owner
     * @param current the claim that it holds
     */
    record OwnerClaimed(Owner owner, Token current) implements Violation {}

    /**
     * The claim is gone or was changed since its token was seen.
     *
     * @param expected the token that was named
     * @param current the claim's present token, empty if it is gone
     */
    record Stale(Token expected, Optional<Token> current) implements Violation {}

    /**
     * The guard did not hold: the lease or the attempt is still running.
     *
     * @param expected the token that was named, which is current
     */
    record NotLapsed(Token expected) implements Violation {}

    /**
     * The record is not at the expected version, or has run out.
     *
     * @param name the record's name
     * @param expected the version that was named; 0 for absent
     * @param current the present version, 0 if absent or run out
     */
    record RecordMoved(String name, long expected, long current) implements Violation {}
}
