package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Instant;

/**
 * One resource as a claim holds it.
 *
 * @param part the part of the claim that it belongs to, unique by name within the owner
 * @param role its role within the part ({@code backend}); for a part of a single resource this is the part's own name
 * @param resource what is held
 * @param since when this owner came to hold it, by the store's clock
 * @param confirmed false while the world outside has not yet been asked whether it is really free
 */
public record Holding(String part, String role, Resource resource, Instant since, boolean confirmed) {
    /**
     * Checks the parts.
     *
     * @param part the part of the claim that it belongs to
     * @param role its role within the part ({@code backend})
     * @param resource what is held
     * @param since when this owner came to hold it
     * @param confirmed false while the world outside has not yet been asked whether it is really free
     * @throws InvalidInputException if a component is null or a name is not usable
     */
    public Holding {
        Limits.text("part", part, Limits.PART);
        Limits.text("role", role, Limits.PART);
        InvalidInputException.requireNonNull("resource", resource);
        InvalidInputException.requireNonNull("since", since);
    }
}
