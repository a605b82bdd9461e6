package dev.berth.ledger;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Picks candidates for the callers of one ledger. What one of them is about to claim is kept from the others by a note
 * in memory, so that callers of one process neither collide nor leave gaps; among processes the store's unique key
 * decides, and a loser picks at random among the first few that are free. Who loses on and on picks among ever more: another
 * process may claim many in a row between this one's look and its commit, and always be past the first few.
 *
 * <p>A look at the store takes time: what it saw as free may be claimed, and its note gone, before the looker notes
 * anything itself. So a note whose claim was granted is kept from all looks that began before that, and from no other.
 */
final class Picks {
    /** Of so many free candidates a loser picks one. */
    private static final int SPREAD = 16;
    /** Who has lost more often than this picks among twice as many each time. */
    private static final int STEADY = 4;

    private static final int MOST_DOUBLINGS = 9;

    private final LedgerStore store;
    private final RandomGenerator random;
    private final Object lock = new Object();
    private final Map<Resource, Note> notes = new HashMap<>();
    private final TreeSet<Long> looks = new TreeSet<>();
    private final Queue<Resource> granted = new ArrayDeque<>();
    private long now;

    Picks(LedgerStore store, RandomGenerator random) {
        this.store = store;
        this.random = random;
    }

    /** One resource that somebody is about to claim, or whose claim was granted while others were looking. */
    private static final class Note {
        private Owner owner;
        private int sessions;
        private long grantedAt;

        Note(Owner owner) {
            this.owner = owner;
        }

        /** Callers of one owner pick alike: only one of them will be granted it, and the others then find it held. */
        boolean keepsOut(Owner other, long look) {
            return (sessions > 0 && !owner.equals(other)) || grantedAt > look;
        }
    }

    /** One caller's picks; closing it frees its notes. Used by one thread. */
    final class Session implements AutoCloseable {
        private final Owner owner;
        private final Set<Resource> noted = new HashSet<>();
        private final Set<Resource> lost = new HashSet<>();
        /** What was picked without a look: that somebody has it is no lost race, and the next look will tell. */
        private final Set<Resource> guessed = new HashSet<>();

        private Session(Owner owner) {
            this.owner = owner;
        }

        /** Notes that a resource was taken by somebody else, so that it is not picked again. */
        void lose(Resource resource) {
            if (!guessed.remove(resource)) {
                lost.add(resource);
            }
        }

        /** Forgets this round's picks; what was lost stays lost. */
        void restart() {
            if (noted.isEmpty()) {
                return;
            }
            last(false);
        }

        /** Says that what was picked is claimed now. */
        void succeed() {
            last(true);
        }

        private void last(boolean won) {
            synchronized (lock) {
                noted.forEach(resource -> lastly(resource, won));
            }
            noted.clear();
        }

        /**
         * Picks the next group.
         *
         * @param taken resources that other elements of the same request take, or that must not come back
         * @return the group, or empty if a complete read found none
         */
        Optional<Map<String, Resource>> pick(Candidates candidates, Set<Resource> taken) {
            int limit = ahead(candidates);
            while (true) {
                long look = begin();
                try {
                    List<Integer> free = look(candidates, taken, limit);
                    if (free.isEmpty()) {
                        return Optional.empty();
                    }
                    Optional<Map<String, Resource>> group = choose(candidates, free, look);
                    if (group.isPresent()) {
                        return group;
                    }
                    if (free.size() < limit || limit == LedgerStore.PAGE_LIMIT) {
                        // Others are about to take all that is left; one may fail, so try, and let the commit decide.
                        return Optional.of(candidates.group(free.get(random.nextInt(free.size()))));
                    }
                    limit = Math.min(2 * limit + SPREAD, LedgerStore.PAGE_LIMIT);
                } finally {
                    end(look);
                }
            }
        }

        /**
         * Picks the first group without a look: of names it is nearly always free, and the commit decides.
         *
         * @param taken resources that other elements of the same request take
         * @return the group; empty if it is taken, or somebody else is about to claim it
         */
        Optional<Map<String, Resource>> assume(Candidates candidates, Set<Resource> taken) {
            if (candidates instanceof Candidates.Numbered || candidates.isExcluded(candidates.start())) {
                return Optional.empty();
            }
            Map<String, Resource> group = candidates.group(candidates.start());
            if (group.values().stream().anyMatch(taken::contains)) {
                return Optional.empty();
            }
            long look = begin();
            try {
                if (!note(group, look)) {
                    return Optional.empty();
                }
                guessed.addAll(group.values());
                return Optional.of(group);
            } finally {
                end(look);
            }
        }

        /**
         * How many candidates to ask for: for a loser enough to choose from, else enough that one is left when others take
         * the first. Of names the first is nearly always free, and each further one costs a hash.
         */
        private int ahead(Candidates candidates) {
            if (lost.isEmpty() && !(candidates instanceof Candidates.Numbered)) {
                return 1;
            }
            synchronized (lock) {
                int others = notes.size() - noted.size();
                return others == 0 && lost.isEmpty() ? 1 : Math.min(others + few(), LedgerStore.PAGE_LIMIT);
            }
        }

        /** Of how many free candidates this caller picks one if it has lost. */
        private int few() {
            int doublings = Math.max(0, lost.size() - STEADY);
            return SPREAD << Math.min(doublings, MOST_DOUBLINGS);
        }

        private List<Integer> look(Candidates candidates, Set<Resource> taken, int limit) {
            Set<Resource> except = taken;
            if (!lost.isEmpty()) {
                except = new HashSet<>(taken);
                except.addAll(lost);
            }
            List<Integer> free = store.free(owner, candidates, except, limit);
            if (free.isEmpty() && !lost.isEmpty()) {
                lost.clear();
                free = store.free(owner, candidates, taken, limit);
            }
            return free;
        }

        /** The first that nobody is about to take, or for a loser one of the first few. */
        private Optional<Map<String, Resource>> choose(Candidates candidates, List<Integer> free, long look) {
            int few = Math.min(free.size(), few());
            int from = lost.isEmpty() ? 0 : random.nextInt(few);
            for (int i = 0; i < free.size(); i++) {
                int position = free.get(i < few ? (from + i) % few : i);
                Map<String, Resource> group = candidates.group(position);
                if (note(group, look)) {
                    return Optional.of(group);
                }
            }
            return Optional.empty();
        }

        private boolean note(Map<String, Resource> group, long look) {
            synchronized (lock) {
                for (Resource resource : group.values()) {
                    Note note = notes.get(resource);
                    if (note != null && note.keepsOut(owner, look)) {
                        return false;
                    }
                }
                for (Resource resource : group.values()) {
                    if (noted.add(resource)) {
                        Note note = notes.computeIfAbsent(resource, key -> new Note(owner));
                        note.owner = owner;
                        note.sessions++;
                    }
                }
                return true;
            }
        }

        @Override
        public void close() {
            restart();
        }
    }

    Session begin(Owner owner) {
        return new Session(owner);
    }

    /** Counts what is kept in mind: nothing when nobody claims. */
    int kept() {
        synchronized (lock) {
            return notes.size() + looks.size() + granted.size();
        }
    }

    private long begin() {
        synchronized (lock) {
            looks.add(++now);
            return now;
        }
    }

    private void end(long look) {
        synchronized (lock) {
            looks.remove(look);
            forget();
        }
    }

    /** Ends one session's interest in a resource; the lock is held. */
    private void lastly(Resource resource, boolean won) {
        Note note = notes.get(resource);
        if (note == null) {
            return;
        }
        note.sessions--;
        if (won && !looks.isEmpty()) {
            note.grantedAt = ++now;
            granted.add(resource);
        } else if (note.sessions == 0 && note.grantedAt == 0) {
            notes.remove(resource);
        }
    }

    /** Drops the notes of what was granted before every look that is under way began. */
    private void forget() {
        long oldest = looks.isEmpty() ? Long.MAX_VALUE : looks.first();
        for (Resource next = granted.peek(); next != null; next = granted.peek()) {
            Note note = notes.get(next);
            if (note != null && note.grantedAt > oldest) {
                return;
            }
            granted.remove();
            if (note != null) {
                note.grantedAt = 0;
                if (note.sessions == 0) {
                    notes.remove(next);
                }
            }
        }
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
