package dev.berth.jdbc;

import dev.berth.ledger.Candidates;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** For each role of a layout, the positions whose number is taken. Not safe for use by many threads. */
final class NumberMap {
    private final List<Role> roles;
    private final BitSet excluded;
    private final int count;

    /** The numbers of one role, and which of its positions are taken. */
    private record Role(int first, int step, int count, BitSet taken) {
        void set(int number, boolean isTaken) {
            int distance = number - first;
            if (distance >= 0 && distance % step == 0 && distance / step < count) {
                taken.set(distance / step, isTaken);
            }
        }
    }

    NumberMap(Candidates.Layout layout) {
        roles = layout.first().values().stream()
                .map(first -> new Role(first, layout.step(), layout.count(), new BitSet(layout.count())))
                .toList();
        excluded = layout.excluded();
        count = layout.count();
    }

    /** Notes of a number whether it is taken; a number may be in several roles, or in none. */
    void set(int number, boolean taken) {
        roles.forEach(role -> role.set(number, taken));
    }

    /** Positions at which no role's number is taken or skipped, from the start on and around. */
    List<Integer> free(int start, Set<Integer> skipped, int limit) {
        List<Integer> found = new ArrayList<>();
        collect(start, count, skipped, limit, found);
        collect(0, start, skipped, limit, found);
        return List.copyOf(found);
    }

    private void collect(int from, int to, Set<Integer> skipped, int limit, List<Integer> found) {
        int position = next(from);
        while (position < to && found.size() < limit) {
            if (skipped.isEmpty() || !isSkipped(position, skipped)) {
                found.add(position);
            }
            position = next(position + 1);
        }
    }

    /** The first position, from one on, that is clear in all sets. */
    private int next(int from) {
        int position = from;
        while (true) {
            int clear = excluded.nextClearBit(position);
            for (Role role : roles) {
                clear = role.taken().nextClearBit(clear);
            }
            if (clear == position) {
                return clear;
            }
            position = clear;
        }
    }

    private boolean isSkipped(int position, Set<Integer> skipped) {
        return roles.stream().anyMatch(role -> skipped.contains(role.first() + position * role.step()));
    }
}
