package dev.berth.ledger;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a ledger in memory remembers of ended holdings and claims, bounded by a number of each, oldest out first. */
final class MemoryHistory {
    final TreeMap<UUID, Tombstone> tombstones = new TreeMap<>(MemoryTables::compareUnsigned);
    private final int most;
    private final ArrayDeque<Remembered> entries = new ArrayDeque<>();
    /** Of each resource the latest, which leads to those before. */
    private final Map<Resource, Remembered> latest = new HashMap<>();

    private final ArrayDeque<Tombstone> tombstonesByAge = new ArrayDeque<>();

    /** An entry between its neighbours of the same resource. */
    private static final class Remembered {
        final HistoryEntry entry;

        @Nullable
        Remembered older;

        @Nullable
        Remembered newer;

        Remembered(HistoryEntry entry) {
            this.entry = entry;
        }
    }

    MemoryHistory(int most) {
        this.most = most;
    }

    void add(Claim claim, Holding held, Instant at, EndReason reason) {
        var entry = new HistoryEntry(
                held.resource(), claim.owner(), claim.id(), held.part(), held.role(), held.since(), at, reason);
        var remembered = new Remembered(entry);
        entries.addLast(remembered);
        remembered.older = latest.put(held.resource(), remembered);
        if (remembered.older != null) {
            remembered.older.newer = remembered;
        }
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
        for (var next = latest.get(resource); next != null && found.size() < limit; next = next.older) {
            HistoryEntry entry = next.entry;
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
                && entries.getFirst().entry.until().isBefore(before)) {
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
        // The oldest of all is the oldest of its resource, so none is behind it.
        Remembered oldest = entries.removeFirst();
        if (oldest.newer == null) {
            latest.remove(oldest.entry.resource());
        } else {
            oldest.newer.older = null;
        }
    }
}
