package dev.berth.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Looks for what overlaps wanted resources. The guard record of each kind and scope is read first and written in the
 * commit, so that of two claims that overlap each other and are looked for at the same time only one can commit.
 */
final class Overlaps {
    private static final int PAGE = 1_000;

    private final LedgerStore store;

    Overlaps(LedgerStore store) {
        this.store = store;
    }

    /** What was found: the guards that the commit must write, and for each wanted resource what overlaps it. */
    record Found(List<Commit.RecordWrite> guards, Map<Resource, List<Occupant>> occupants) {}

    Found find(List<Resource> wanted) {
        Map<String, Commit.RecordWrite> guards = new TreeMap<>();
        Map<Resource, List<Occupant>> found = new TreeMap<>();
        for (Resource resource : wanted) {
            Optional<OverlapRule> rule = OverlapRule.ofKind(resource.kind());
            if (rule.isPresent()) {
                guards.computeIfAbsent(guardName(resource), name -> guard(name));
                found.put(resource, overlapping(resource, rule.get()));
            }
        }
        return new Found(List.copyOf(guards.values()), found);
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

    private static String guardName(Resource resource) {
        return "guard/" + resource.kind() + "/" + resource.scope();
    }

    private List<Occupant> overlapping(Resource resource, OverlapRule rule) {
        List<Resource> covering = rule.covering(resource.value()).stream()
                .map(value -> Resource.checked(resource.kind(), resource.scope(), value))
                .toList();
        List<Occupant> found = new ArrayList<>();
        if (!covering.isEmpty()) {
            found.addAll(store.occupants(covering).values());
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
