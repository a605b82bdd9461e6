package dev.berth.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Looks for what overlaps wanted resources. The guard record of each kind and scope is read first and written in the
 * commit, so that of two claims that overlap each other and are looked for at the same time only one can commit.
 * Releases need no guard: what they free can only have been in the way.
 */
final class Overlaps {
    private static final int PAGE = 1_000;

    private final LedgerStore store;

    Overlaps(LedgerStore store) {
        this.store = store;
    }

    /** What one round looks at. Used by one thread. */
    final class Look {
        private final Map<String, Commit.RecordWrite> guards = new TreeMap<>();

        private Look() {}

        /** What overlaps a resource, with the guard of its kind and scope read before it. */
        List<Occupant> at(Resource resource) {
            Optional<OverlapRule> rule = OverlapRule.ofKind(resource.kind());
            if (rule.isEmpty()) {
                return List.of();
            }
            guards.computeIfAbsent(guardName(resource), Overlaps.this::guard);
            return overlapping(resource, rule.get());
        }

        /** The guards of all that was looked at, for the commit. */
        List<Commit.RecordWrite> guards() {
            return List.copyOf(guards.values());
        }
    }

    Look begin() {
        return new Look();
    }

    List<Occupant> overlapping(Resource resource) {
        return OverlapRule.ofKind(resource.kind())
                .map(rule -> overlapping(resource, rule))
                .orElse(List.of());
    }

    private Commit.RecordWrite guard(String name) {
        long version = store.record(name).map(LedgerRecord::version).orElse(0L);
        return new Commit.PutRecord(name, version, "", Optional.empty());
    }

    /**
     * Scopes share 256 guards of a kind, so that scopes which come and go leave no record each behind: a guard may never
     * end, because a commit that slept past its end would pass. Two scopes that share one cost each other a look at most.
     * {@link String#hashCode} is specified, so all processes agree.
     */
    private static String guardName(Resource resource) {
        return "guard/" + resource.kind() + "/" + (resource.scope().name().hashCode() & 0xff);
    }

    private List<Occupant> overlapping(Resource resource, OverlapRule rule) {
        List<Resource> covering = rule.covering(resource.value()).stream()
                .filter(value -> rule.covers(value, resource.value()))
                .map(value -> Resource.checked(resource.kind(), resource.scope(), value))
                .toList();
        List<Occupant> found = new ArrayList<>();
        if (!covering.isEmpty()) {
            Map<Resource, Occupant> occupants = store.occupants(covering);
            for (Resource above : covering) {
                Occupant occupant = occupants.get(above);
                if (occupant != null) {
                    found.add(occupant);
                }
            }
        }
        rule.rangeOfCovered(resource.value()).ifPresent(prefix -> addCovered(resource, rule, prefix, found));
        return found;
    }

    private void addCovered(Resource resource, OverlapRule rule, String prefix, List<Occupant> found) {
        Optional<String> after = Optional.empty();
        List<Occupant> page;
        do {
            page = store.occupants(resource.kind(), resource.scope(), prefix, after, PAGE);
            for (Occupant occupant : page) {
                after = Optional.of(occupant.resource().value());
                if (rule.covers(resource.value(), occupant.resource().value())) {
                    found.add(occupant);
                }
            }
        } while (page.size() == PAGE);
    }
}
