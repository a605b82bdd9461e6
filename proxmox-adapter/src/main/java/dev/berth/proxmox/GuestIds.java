package dev.berth.proxmox;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.Choice;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A range of guest ids of a cluster, of which a claim takes the lowest that is free. Containers and machines share it. That
 * an id is left out because a guest had it saves a try, no more: what decides is the ledger's key, and then the cluster,
 * which refuses an id that it has. Immutable.
 */
public final class GuestIds implements Choice {
    private final Scope cluster;
    private final int first;
    private final int last;
    private final Set<Integer> taken;
    private final Candidates.Layout layout;

    private GuestIds(Scope cluster, int first, int last, Set<Integer> taken) {
        this.cluster = cluster;
        this.first = first;
        this.last = last;
        this.taken = taken;
        layout = new Candidates.Layout(
                ResourceKind.GUEST_ID,
                cluster,
                Map.of(Candidates.SOLE_ROLE, first),
                1,
                last - first + 1,
                taken,
                "guest ids " + first + " to " + last + " on " + cluster
                        + (taken.isEmpty() ? "" : ", " + taken.size() + " left out"));
    }

    /**
     * Names a range. Give Berth one of its own, which people and other programs leave alone.
     *
     * @param cluster the cluster's scope
     * @param first the first id, 100 or more
     * @param last the last id, at most 999,999,999 and 1,048,575 above the first
     * @return the range
     * @throws InvalidInputException if it is not one
     */
    public static GuestIds of(Scope cluster, int first, int last) {
        InvalidInputException.requireNonNull("cluster", cluster);
        if (first < GuestRef.LEAST || last > GuestRef.MOST || last < first) {
            throw InvalidInputException.of(
                    "guest ids", first + " to " + last, "a range within " + GuestRef.LEAST + " to " + GuestRef.MOST);
        }
        return new GuestIds(cluster, first, last, Set.of());
    }

    /**
     * Leaves ids out.
     *
     * @param others the ids, of whatever range
     * @return a range without them
     */
    public GuestIds except(Collection<Integer> others) {
        var all = new TreeSet<>(taken);
        InvalidInputException.requireNonNull("guest ids", others).stream()
                .filter(id -> id >= first && id <= last)
                .forEach(all::add);
        return new GuestIds(cluster, first, last, java.util.Collections.unmodifiableSet(all));
    }

    @Override
    public Candidates candidates(Owner owner) {
        InvalidInputException.requireNonNull("owner", owner);
        return new Candidates.Numbered(layout, 0);
    }

    @Override
    public String toString() {
        return layout.toString();
    }
}
