package dev.berth.torture.check;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the engine has seen: no two of one owner at once, and none whose claim was reaped while it was there. */
final class Instances {
    private Instances() {}

    static List<Violation> check(History history) {
        List<Violation> found = new ArrayList<>(doubles(history.ran()));
        found.addAll(reaped(history.end()));
        return found;
    }

    private static List<Violation> doubles(List<Ran> all) {
        List<Violation> found = new ArrayList<>();
        Map<String, Ran> last = new HashMap<>();
        for (Ran ran : all.stream().sorted(Comparator.comparingLong(Ran::from)).toList()) {
            Ran before = last.get(ran.owner());
            if (before != null && before.to() > ran.from() && !before.instance().equals(ran.instance())) {
                found.add(new Violation(
                        Violation.Kind.TWO_INSTANCES,
                        "two instances of " + ran.owner() + " ran at once",
                        List.of(before.toString(), ran.toString())));
            }
            if (before == null || ran.to() > before.to()) {
                last.put(ran.owner(), ran);
            }
        }
        return found;
    }

    private static List<Violation> reaped(EndState end) {
        Set<String> there = new HashSet<>();
        end.instances().forEach(thing -> there.add(thing.id()));
        List<Violation> found = new ArrayList<>();
        for (EndState.Stone stone : end.tombstones()) {
            String instance = stone.instance().orElse("");
            Instant gone = end.removed().get(instance);
            boolean lived = there.contains(instance) || (gone != null && gone.isAfter(stone.at()));
            if (stone.reaped() && lived) {
                found.add(new Violation(
                        Violation.Kind.LIVING_REAPED,
                        "the claim of " + stone.owner() + " was reaped at " + stone.at() + ", and its instance "
                                + (gone == null ? "is there" : "was there until " + gone),
                        List.of(stone.toString())));
            }
        }
        return found;
    }
}
