package dev.berth.jdbc;

import dev.berth.ledger.Candidates;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks for candidates that seem free. */
final class FreeCandidates {
    /** How many numbers are looked at in one statement: all the ports of a host, and bounded memory beyond that. */
    private static final int WINDOW = 1 << 16;

    /** How many listed groups are looked at in one statement, the first time. */
    private static final int FEW = 16;

    private static final int MANY = 512;

    private final ResourceRows resources;

    FreeCandidates(ResourceRows resources) {
        this.resources = resources;
    }

    List<Integer> listed(Session session, Owner owner, Candidates candidates, Set<Resource> except, int limit)
            throws SQLException {
        List<Integer> found = new ArrayList<>();
        int size = candidates.size();
        for (int from = 0, step = FEW; from < size && found.size() < limit; from += step, step = MANY) {
            Map<Integer, Map<String, Resource>> groups = new java.util.LinkedHashMap<>();
            for (int i = from; i < Math.min(from + step, size); i++) {
                int position = (candidates.start() + i) % size;
                Map<String, Resource> group = candidates.group(position);
                if (!candidates.isExcluded(position) && group.values().stream().noneMatch(except::contains)) {
                    groups.put(position, group);
                }
            }
            Set<Resource> wanted = new java.util.LinkedHashSet<>();
            groups.values().forEach(group -> wanted.addAll(group.values()));
            Map<Resource, Occupant> occupants = new HashMap<>();
            resources.occupants(session, wanted).forEach(occupant -> occupants.put(occupant.resource(), occupant));
            groups.forEach((position, group) -> {
                if (found.size() < limit
                        && group.values().stream().allMatch(one -> seemsFree(occupants.get(one), owner))) {
                    found.add(position);
                }
            });
        }
        return List.copyOf(found);
    }

    private static boolean seemsFree(@org.jspecify.annotations.Nullable Occupant occupant, Owner owner) {
        if (occupant instanceof Occupant.Holder holder) {
            return holder.lapsed();
        }
        return !(occupant instanceof Occupant.Block block) || block.lets(owner);
    }

    /** Reads which numbers of a layout count as taken for an owner. */
    NumberMap taken(Session session, Candidates.Layout layout, Owner owner) throws SQLException {
        return read(session, layout, taken -> taken.isTakenFor(owner));
    }

    /** Reads which numbers of a layout have something on them that will not go by itself. */
    NumberMap occupied(Session session, Candidates.Layout layout) throws SQLException {
        return read(session, layout, taken -> taken.standing() != ResourceRows.Standing.OVER);
    }

    private NumberMap read(
            Session session, Candidates.Layout layout, java.util.function.Predicate<ResourceRows.Taken> counts)
            throws SQLException {
        var map = new NumberMap(layout);
        int size = Math.max(1, WINDOW / layout.first().size());
        for (int from = 0; from < layout.count(); from += size) {
            int first = from;
            int last = Math.min(from + size, layout.count()) - 1;
            List<ResourceRows.Range> ranges = layout.first().values().stream()
                    .map(start -> new ResourceRows.Range(start + first * layout.step(), start + last * layout.step()))
                    .toList();
            for (ResourceRows.Taken taken :
                    resources.taken(session, layout.kind().name(), layout.scope(), ranges)) {
                if (counts.test(taken)) {
                    map.set(taken.number(), true);
                }
            }
        }
        return map;
    }
}
