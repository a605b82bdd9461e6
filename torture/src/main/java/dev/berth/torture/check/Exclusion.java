package dev.berth.torture.check;

import dev.berth.torture.check.Holds.Hold;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** L1 and L7: no resource is held by two at once, and no owner has two claims at once. */
final class Exclusion {
    private final List<Violation> found = new ArrayList<>();
    private final Set<Set<UUID>> told = new HashSet<>();

    private Exclusion() {}

    static List<Violation> check(History history, Holds holds) {
        var exclusion = new Exclusion();
        holds.all().forEach(exclusion::overlaps);
        Map<String, List<Operation>> glimpses = glimpses(history);
        holds.all()
                .forEach((resource, list) ->
                        exclusion.glimpsed(resource, list, glimpses.getOrDefault(resource, List.of())));
        return exclusion.found;
    }

    /** Who was seen to hold what, at some instant between the begin and the end of a call. */
    private static Map<String, List<Operation>> glimpses(History history) {
        Map<String, List<Operation>> all = new HashMap<>();
        for (Operation operation : history.operations()) {
            operation.seen().ifPresent(seen -> {
                add(all, Holds.owner(operation.owner()), operation);
                seen.held().keySet().forEach(resource -> add(all, resource, operation));
            });
        }
        all.values().forEach(list -> list.sort(Comparator.comparingLong(Operation::begun)));
        return all;
    }

    private static void add(Map<String, List<Operation>> all, String resource, Operation operation) {
        all.computeIfAbsent(resource, any -> new ArrayList<>()).add(operation);
    }

    private void overlaps(String resource, List<Hold> holds) {
        var longest = new Longest();
        for (Hold hold : holds) {
            longest.other(hold.token().claim())
                    .filter(other -> other.to() > hold.from())
                    .ifPresent(other -> report(resource, other, hold.told()));
            longest.add(hold);
        }
    }

    private void glimpsed(String resource, List<Hold> holds, List<Operation> glimpses) {
        var longest = new Longest();
        int next = 0;
        for (Operation glimpse : glimpses) {
            while (next < holds.size() && holds.get(next).from() <= glimpse.begun()) {
                longest.add(holds.get(next));
                next++;
            }
            longest.other(glimpse.seen().orElseThrow().token().claim())
                    .filter(other -> other.covers(glimpse.begun(), glimpse.ended()))
                    .ifPresent(other -> report(resource, other, glimpse));
        }
    }

    private void report(String resource, Hold one, Operation other) {
        UUID claim = other.seen().orElseThrow().token().claim();
        if (!told.add(Set.of(one.token().claim(), claim))) {
            return;
        }
        List<String> proof = new ArrayList<>(one.told().lines());
        proof.addAll(other.lines());
        String until = one.to() == Operation.NEVER ? "the end" : Long.toString(one.to());
        found.add(new Violation(
                Holds.isOwner(resource) ? Violation.Kind.TWO_CLAIMS : Violation.Kind.HELD_TWICE,
                resource + " was surely held by " + one.token() + " from " + one.from() + " to " + until + ", and by "
                        + claim + " meanwhile",
                proof));
    }

    /** Of the holds so far, the one that lasts longest, and the one of another claim that lasts longest. */
    private static final class Longest {
        private @Nullable Hold first;
        private @Nullable Hold second;

        void add(Hold hold) {
            if (first == null || isOf(first, hold.token().claim())) {
                first = first == null || hold.to() > first.to() ? hold : first;
            } else if (hold.to() > first.to()) {
                second = first;
                first = hold;
            } else if (second == null || hold.to() > second.to()) {
                second = hold;
            }
        }

        Optional<Hold> other(UUID claim) {
            return Optional.ofNullable(first != null && isOf(first, claim) ? second : first);
        }

        private static boolean isOf(Hold hold, UUID claim) {
            return hold.token().claim().equals(claim);
        }
    }
}
