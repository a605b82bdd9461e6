package dev.berth.ledger;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** What a ledger in memory remembers of ended holdings and claims, bounded by a number of each, oldest out first. */
final class MemoryHistory {
    final TreeMap<UUID, Tombstone> tombstones = new TreeMap<>(MemoryTables::compareUnsigned);
    private final int most;
    private final ArrayDeque<HistoryEntry> entries = new ArrayDeque<>();
    private final Map<Resource, ArrayDeque<HistoryEntry>> byResource = new HashMap<>();
    private final ArrayDeque<Tombstone> tombstonesByAge = new ArrayDeque<>();

    MemoryHistory(int most) {
        this.most = most;
    }

    void add(Claim claim, Holding held, Instant at, EndReason reason) {
        var entry = new HistoryEntry(
                held.resource(), claim.owner(), claim.id(), held.part(), held.role(), held.since(), at, reason);
        entries.addLast(entry);
        byResource.computeIfAbsent(held.resource(), key -> new ArrayDeque<>()).addLast(entry);
        if (entries.size() > most) {
            forgetOldestEntry();
        }
    }

    void add(Tombstone tombstone) {
        tombstones.put(tombstone.claim().id(), tombstone);
        tombstonesByAge.addLast(tombstone);
        if (tombstonesByAge.size() > most) {
            tombstones.remove(tombstonesByAge.removeFirst().claim().id());
        }
    }

    /** Entries of a resource that touch the span, latest end first. */
    List<HistoryEntry> of(Resource resource, Instant from, Instant to, int limit) {
        List<HistoryEntry> found = new ArrayList<>();
        var own = byResource.getOrDefault(resource, new ArrayDeque<>());
        for (Iterator<HistoryEntry> latest = own.descendingIterator(); latest.hasNext() && found.size() < limit; ) {
            HistoryEntry entry = latest.next();
            if (!entry.until().isBefore(from) && !entry.from().isAfter(to)) {
                found.add(entry);
            }
        }
        return List.copyOf(found);
    }

    int prune(Instant before, int limit) {
        int forgotten = 0;
        while (forgotten < limit
                && !entries.isEmpty()
                && entries.getFirst().until().isBefore(before)) {
            forgetOldestEntry();
            forgotten++;
        }
        while (forgotten < limit
                && !tombstonesByAge.isEmpty()
                && tombstonesByAge.getFirst().at().isBefore(before)) {
            tombstones.remove(tombstonesByAge.removeFirst().claim().id());
            forgotten++;
        }
        return forgotten;
    }

    private void forgetOldestEntry() {
        HistoryEntry oldest = entries.removeFirst();
        byResource.computeIfPresent(oldest.resource(), (key, own) -> {
            own.removeFirst();
            return own.isEmpty() ? null : own;
        });
    }
}
