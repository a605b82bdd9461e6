package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One page of claims.
 *
 * @param claims the claims, in the order of their ids
 * @param next what to ask for the next page with, empty if this is the last
 */
public record Page(List<Claim> claims, Optional<UUID> next) {
    /**
     * Copies the list.
     *
     * @param claims the claims
     * @param next what to ask for the next page with
     */
    public Page {
        claims = InvalidInputException.copyOf("claims", claims);
    }
}
