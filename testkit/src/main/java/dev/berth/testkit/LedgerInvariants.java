package dev.berth.testkit;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.Holding;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Tombstone;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Proves that what a ledger's store tells in different ways is one truth. It pages through everything, so it is for
 * tests, and for a store on which nobody writes meanwhile.
 */
public final class LedgerInvariants {
    private static final int PAGE = 500;

    private final LedgerStore store;
    private final List<String> broken = new ArrayList<>();
    private final Map<UUID, Claim> claims = new HashMap<>();
    private final Map<Resource, Held> holders = new HashMap<>();

    private record Held(Claim claim, Holding holding) {}

    private LedgerInvariants(LedgerStore store) {
        this.store = store;
    }

    /**
     * Proves, for every claim that the store pages: it is found by its id and by its owner; no owner has two; no
     * resource is in two; each holding is told as occupied by exactly this claim, with the same token, part, role and
     * time; no other holder is told in the kinds and scopes of any; no tombstone is a living claim's; and no two
     * holdings of a resource, ended or lasting, overlap in time.
     *
     * @param store the store
     * @throws AssertionError if any of it is not so; it lists all that is broken
     */
    public static void check(LedgerStore store) {
        var invariants = new LedgerInvariants(store);
        invariants.checkClaims();
        invariants.checkHoldings();
        invariants.checkOccupants();
        invariants.checkTombstones();
        invariants.checkHistory();
        if (!invariants.broken.isEmpty()) {
            throw new AssertionError("broken in the ledger: " + String.join("; ", invariants.broken));
        }
    }

    /**
     * Reads all claims of a store, page by page.
     *
     * @param store the store
     * @return the claims, in the order of their ids
     */
    public static List<Claim> claims(LedgerStore store) {
        return Pages.all(
                PAGE,
                last -> store.claims(ClaimQuery.all(), last.map(Claim::id), PAGE).stream()
                        .map(Snapshot::claim)
                        .toList());
    }

    private void checkClaims() {
        Map<Object, Claim> owners = new HashMap<>();
        for (Claim claim : claims(store)) {
            if (claims.put(claim.id(), claim) != null) {
                broken.add("claim " + claim.id() + " is paged twice");
            }
            Claim other = owners.put(claim.owner(), claim);
            if (other != null) {
                broken.add(claim.owner() + " holds both " + other.token() + " and " + claim.token());
            }
            if (!store.find(claim.id()).map(Snapshot::claim).equals(Optional.of(claim))) {
                broken.add("by its id, " + claim.token() + " is " + store.find(claim.id()));
            }
            if (!store.find(claim.owner()).map(Snapshot::claim).equals(Optional.of(claim))) {
                broken.add("by its owner " + claim.owner() + ", " + claim.token() + " is " + store.find(claim.owner()));
            }
        }
    }

    private void checkHoldings() {
        for (Claim claim : claims.values()) {
            Map<Resource, Occupant> told = store.occupants(
                    claim.holdings().stream().map(Holding::resource).toList());
            for (Holding held : claim.holdings()) {
                Held other = holders.put(held.resource(), new Held(claim, held));
                if (other != null) {
                    broken.add(held.resource() + " is in " + other.claim().token() + " and in " + claim.token());
                }
                Occupant occupant = told.get(held.resource());
                if (occupant == null || !isHolder(occupant, claim, held)) {
                    broken.add(claim.token() + " holds " + held + ", but the resource tells " + occupant);
                }
            }
        }
    }

    private static boolean isHolder(Occupant occupant, Claim claim, Holding held) {
        return occupant instanceof Occupant.Holder holder
                && holder.resource().equals(held.resource())
                && holder.part().equals(held.part())
                && holder.role().equals(held.role())
                && holder.since().equals(held.since())
                && holder.owner().equals(claim.owner())
                && holder.token().equals(claim.token())
                && holder.state() == claim.state()
                && holder.leaseUntil().equals(claim.leaseUntil())
                && holder.home().equals(claim.home());
    }

    private record Space(String kind, Scope scope) {}

    private void checkOccupants() {
        Set<Space> spaces = new HashSet<>();
        Map<Space, Integer> held = new HashMap<>();
        for (Resource resource : holders.keySet()) {
            var space = new Space(resource.kind(), resource.scope());
            spaces.add(space);
            held.merge(space, 1, Integer::sum);
        }
        for (Space space : spaces) {
            int found = 0;
            for (Occupant occupant : occupants(space)) {
                if (occupant instanceof Occupant.Holder holder) {
                    found++;
                    Held own = holders.get(occupant.resource());
                    if (own == null || !own.claim().token().equals(holder.token())) {
                        broken.add(holder + ", but no claim has it");
                    }
                }
            }
            if (found != held.getOrDefault(space, 0)) {
                broken.add(space + " pages " + found + " holders of " + held.get(space));
            }
        }
    }

    private List<Occupant> occupants(Space space) {
        return Pages.all(
                PAGE,
                last -> store.occupants(
                        space.kind(),
                        space.scope(),
                        "",
                        last.map(one -> one.resource().value()),
                        PAGE));
    }

    private void checkTombstones() {
        List<Tombstone> tombstones = Pages.all(
                PAGE,
                last -> store.tombstones(
                        Optional.empty(), last.map(one -> one.claim().id()), PAGE));
        for (Tombstone tombstone : tombstones) {
            if (claims.containsKey(tombstone.claim().id())) {
                broken.add(tombstone + " is of a living claim");
            }
        }
    }

    private void checkHistory() {
        for (Held held : holders.values()) {
            Resource resource = held.holding().resource();
            Instant begun = held.holding().since();
            for (HistoryEntry entry : store.history(resource, Instant.EPOCH, store.now(), PAGE)) {
                if (entry.until().isAfter(begun) || entry.until().isBefore(entry.from())) {
                    broken.add(entry + " overlaps the holding that began at " + begun);
                }
                begun = entry.from();
            }
        }
    }
}
