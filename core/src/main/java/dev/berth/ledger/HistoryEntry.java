package dev.berth.ledger;

import java.time.Instant;
import java.util.UUID;

/**
 * One ended holding: who held the resource, from when until when.
 *
 * @param resource the resource
 * @param owner who held it
 * @param claim the claim's id
 * @param part the claim's part
 * @param role the role within the part
 * @param from since when, by the store's clock
 * @param until until when, by the store's clock
 * @param reason why it ended
 */
public record HistoryEntry(
        Resource resource,
        Owner owner,
        UUID claim,
        String part,
        String role,
        Instant from,
        Instant until,
        EndReason reason) {}
