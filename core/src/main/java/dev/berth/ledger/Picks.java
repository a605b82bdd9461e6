package dev.berth.ledger;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Picks candidates for the callers of one ledger. What one of them is about to claim is kept from the others by a note
 * in memory, so that callers of one process neither collide nor leave gaps; among processes the store's unique key
 * decides, and a loser picks at random among the first few that are free.
 */
final class Picks {
    /** Of so many free candidates a loser picks one. */
    private static final int SPREAD = 16;

    private final LedgerStore store;
    private final RandomGenerator random;
    private final Set<Resource> underWay = ConcurrentHashMap.newKeySet();

    Picks(LedgerStore store, RandomGenerator random) {
        this.store = store;
        this.random = random;
    }

    /** One caller's picks; closing it frees its notes. Used by one thread. */
    final class Session implements AutoCloseable {
        private final Set<Resource> noted = new HashSet<>();
        private final Set<Resource> lost = new HashSet<>();

        /** Notes that a resource was taken by somebody else, so that it is not picked again. */
        void lose(Resource resource) {
            lost.add(resource);
        }

        boolean isPicked(Resource resource) {
            return noted.contains(resource);
        }

        /** Forgets this round's picks; what was lost stays lost. */
        void restart() {
            underWay.removeAll(noted);
            noted.clear();
        }

        /**
         * Picks the next group.
         *
         * @param taken resources that other elements of the same request take, or that must not come back
         * @return the group, or empty if a complete read found none
         */
        Optional<Map<String, Resource>> pick(Owner owner, Candidates candidates, Set<Resource> taken) {
            Set<Resource> except = new HashSet<>(taken);
            except.addAll(lost);
            int limit = lost.isEmpty() ? 1 + Math.min(underWay.size(), SPREAD) : SPREAD;
            List<Integer> free = store.free(owner, candidates, except, limit);
            if (free.isEmpty() && !lost.isEmpty()) {
                lost.clear();
                free = store.free(owner, candidates, taken, limit);
            }
            if (free.isEmpty()) {
                return Optional.empty();
            }
            if (lost.isEmpty()) {
                for (int position : free) {
                    Map<String, Resource> group = candidates.group(position);
                    if (note(group)) {
                        return Optional.of(group);
                    }
                }
            }
            Map<String, Resource> group = candidates.group(free.get(random.nextInt(free.size())));
            note(group);
            return Optional.of(group);
        }

        private boolean note(Map<String, Resource> group) {
            List<Resource> added = new ArrayList<>(group.size());
            for (Resource resource : group.values()) {
                if (!underWay.add(resource)) {
                    added.forEach(underWay::remove);
                    return false;
                }
                added.add(resource);
            }
            noted.addAll(added);
            return true;
        }

        @Override
        public void close() {
            restart();
        }
    }

    Session begin() {
        return new Session();
    }

    /** The group with the part's name as the role of its only resource. */
    static Map<String, Resource> named(String part, Map<String, Resource> group) {
        Resource sole = group.get(Candidates.SOLE_ROLE);
        if (sole == null || group.size() > 1) {
            return group;
        }
        Map<String, Resource> named = new LinkedHashMap<>();
        named.put(part, sole);
        return named;
    }
}
