package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.util.UUID;

/**
 * What a change must name: the claim and the revision that its caller saw. Tokens are compared for equality only. A
 * change of state, owner, parts, instance or attempt makes a new revision; renewals and labels do not. A claim's id is
 * never used again, so a token of a released claim never matches a later one (law L5).
 *
 * @param claim the claim's id
 * @param revision the claim's revision, from 1
 */
public record Token(UUID claim, long revision) {
    /**
     * Checks the revision.
     *
     * @param claim the claim's id
     * @param revision the claim's revision
     * @throws InvalidInputException if the id is null or the revision below 1
     */
    public Token {
        InvalidInputException.requireNonNull("token claim", claim);
        if (revision < 1) {
            throw InvalidInputException.of("token revision", revision, "1 or more");
        }
    }

    @Override
    public String toString() {
        return claim + "@" + revision;
    }
}
