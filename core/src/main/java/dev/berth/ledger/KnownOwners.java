package dev.berth.ledger;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Owners that were lately seen to hold a claim, so that those who ask again for what they hold are read and not
 * ventured. A hint and nothing else: of owners that share a slot the last one stays, and what other processes do is not
 * noticed here. A wrong answer costs one call to the store. Safe for use by many threads.
 */
final class KnownOwners {
    private static final int SLOTS = 4_096;

    private final AtomicReferenceArray<Owner> slots = new AtomicReferenceArray<>(SLOTS);

    boolean contains(Owner owner) {
        return owner.equals(slots.get(slot(owner)));
    }

    void add(Owner owner) {
        int slot = slot(owner);
        // Threads that ask again and again only read, and so do not take the slot from one another's caches.
        if (!owner.equals(slots.get(slot))) {
            slots.set(slot, owner);
        }
    }

    void remove(Owner owner) {
        int slot = slot(owner);
        if (owner.equals(slots.get(slot))) {
            slots.set(slot, null);
        }
    }

    private static int slot(Owner owner) {
        int hash = owner.hashCode();
        return (hash ^ hash >>> 12) & SLOTS - 1;
    }
}
