package dev.berth.ledger;

import java.util.UUID;

/**
 * Which ledger this is, and whether it is where it was made. A copied database keeps the ledger's id but not its place;
 * while the two places differ, nothing may be removed from a runtime on this ledger's word.
 *
 * @param ledger the ledger's id, made with its schema
 * @param recorded the place where the ledger was made or last confirmed
 * @param current the place where the store finds itself now
 */
public record LedgerIdentity(UUID ledger, String recorded, String current) {
    /**
     * Says whether the ledger is where it was made.
     *
     * @return true if both places are the same
     */
    public boolean isHome() {
        return recorded.equals(current);
    }
}
