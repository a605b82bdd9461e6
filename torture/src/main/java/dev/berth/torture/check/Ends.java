package dev.berth.torture.check;

import dev.berth.ledger.ClaimState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** In the end nothing is left over, and ledger and runtime say the same. */
final class Ends {
    private final EndState end;
    private final List<Violation> found = new ArrayList<>();
    private final Map<String, EndState.Thing> things = new HashMap<>();

    private Ends(EndState end) {
        this.end = end;
        end.instances().forEach(thing -> things.put(thing.id(), thing));
    }

    static List<Violation> check(EndState end) {
        var ends = new Ends(end);
        end.broken().forEach(what -> ends.found.add(new Violation(Violation.Kind.BROKEN_LEDGER, what, List.of())));
        end.swept().forEach(ends::claim);
        ends.orphans();
        return ends.found;
    }

    private void claim(EndState.Left left) {
        switch (left.state()) {
            case RESERVED -> {
                if (left.lapsed()) {
                    add(Violation.Kind.LEAK, "a lapsed reservation is left", left);
                }
            }
            case PENDING, FAILED -> add(Violation.Kind.LEAK, "a claim without an instance is left", left);
            case ACTIVE, STOPPED -> compare(left);
        }
    }

    private void compare(EndState.Left left) {
        EndState.Thing thing = things.get(left.seen().instance().orElse(""));
        if (thing == null) {
            add(Violation.Kind.LEAK, "a claim is left whose instance is gone", left);
        } else if (thing.running() != (left.state() == ClaimState.ACTIVE)) {
            add(Violation.Kind.UNEQUAL, "the ledger says " + left.state() + ", and the runtime has " + thing, left);
        }
    }

    private void orphans() {
        Set<String> claimed = new HashSet<>();
        Set<UUID> claims = new HashSet<>();
        end.swept().forEach(left -> {
            left.seen().instance().ifPresent(claimed::add);
            claims.add(left.seen().token().claim());
        });
        for (EndState.Thing thing : end.instances()) {
            if (!claimed.contains(thing.id())) {
                found.add(new Violation(
                        Violation.Kind.LEAK,
                        "an instance of " + thing.owner() + " is left that no claim has"
                                + (thing.claim().map(claims::contains).orElse(false)
                                        ? ", though it was made for one"
                                        : ""),
                        List.of(thing.toString())));
            }
        }
    }

    private void add(Violation.Kind kind, String what, EndState.Left left) {
        found.add(new Violation(kind, left.owner() + ": " + what, List.of(left.toString())));
    }
}
