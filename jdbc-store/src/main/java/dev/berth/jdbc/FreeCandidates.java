package dev.berth.jdbc;

import dev.berth.ledger.Candidates;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Looks for candidates that seem free. One transaction of the caller makes it one complete look. */
final class FreeCandidates {
    /** How many positions are looked at in one step: bounded memory, whatever the layout's size. */
    private static final int WINDOW = 4_096;

    private final ResourceRows resources;

    FreeCandidates(ResourceRows resources) {
        this.resources = resources;
    }

    List<Integer> find(Session session, Owner owner, Candidates candidates, Set<Resource> except, int limit)
            throws SQLException {
        return candidates instanceof Candidates.Numbered numbered
                ? numbered(session, owner, numbered, except, limit)
                : listed(session, owner, candidates, except, limit);
    }

    private List<Integer> listed(Session session, Owner owner, Candidates candidates, Set<Resource> except, int limit)
            throws SQLException {
        List<Integer> found = new ArrayList<>();
        int size = candidates.size();
        for (int i = 0; i < size && found.size() < limit; i++) {
            int position = (candidates.start() + i) % size;
            if (!candidates.isExcluded(position) && isFree(session, owner, candidates, position, except)) {
                found.add(position);
            }
        }
        return List.copyOf(found);
    }

    private boolean isFree(Session session, Owner owner, Candidates candidates, int position, Set<Resource> except)
            throws SQLException {
        for (Resource resource : candidates.group(position).values()) {
            if (except.contains(resource) || !seemsFree(resources.occupant(session, resource), owner)) {
                return false;
            }
        }
        return true;
    }

    private static boolean seemsFree(Optional<Occupant> occupant, Owner owner) {
        return occupant.map(found -> found instanceof Occupant.Holder holder
                        ? holder.lapsed()
                        : found instanceof Occupant.Block block && block.lets(owner))
                .orElse(true);
    }

    private List<Integer> numbered(
            Session session, Owner owner, Candidates.Numbered candidates, Set<Resource> except, int limit)
            throws SQLException {
        Candidates.Layout layout = candidates.layout();
        Set<Integer> skipped = new HashSet<>();
        for (Resource resource : except) {
            if (resource.kind().equals(layout.kind().name()) && resource.scope().equals(layout.scope())) {
                resource.number().ifPresent(skipped::add);
            }
        }
        List<Integer> found = new ArrayList<>();
        collect(session, owner, layout, skipped, candidates.start(), layout.count(), limit, found);
        collect(session, owner, layout, skipped, 0, candidates.start(), limit, found);
        return List.copyOf(found);
    }

    private void collect(
            Session session,
            Owner owner,
            Candidates.Layout layout,
            Set<Integer> skipped,
            int begin,
            int end,
            int limit,
            List<Integer> found)
            throws SQLException {
        BitSet excluded = layout.excluded();
        for (int from = begin; from < end && found.size() < limit; ) {
            int size = Math.min(WINDOW, end - from);
            BitSet taken = excluded.get(from, from + size);
            for (int first : layout.first().values()) {
                Progression numbers = new Progression(first + from * layout.step(), layout.step(), size);
                resources
                        .taken(session, owner, layout.kind().name(), layout.scope(), numbers.first(), numbers.last())
                        .forEach(number -> numbers.mark(number, taken));
                skipped.forEach(number -> numbers.mark(number, taken));
            }
            for (int free = taken.nextClearBit(0);
                    free < size && found.size() < limit;
                    free = taken.nextClearBit(free + 1)) {
                found.add(from + free);
            }
            from += size;
        }
    }

    /** The numbers of one role in a window of positions. */
    private record Progression(int first, int step, int size) {
        int last() {
            return first + (size - 1) * step;
        }

        void mark(int number, BitSet positions) {
            if (number >= first && number <= last() && (number - first) % step == 0) {
                positions.set((number - first) / step);
            }
        }
    }
}
