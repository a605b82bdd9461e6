package dev.berth.torture.check;

import dev.berth.torture.check.Holds.Hold;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What was acknowledged, and nobody can have ended, is there: whoever asks, and in the end. */
final class Losses {
    private Losses() {}

    static List<Violation> check(History history, Holds holds) {
        List<Violation> found = new ArrayList<>();
        for (Operation operation : history.operations()) {
            missed(operation, holds)
                    .map(hold -> new Violation(
                            Violation.Kind.LOST,
                            hold.token() + " of " + operation.owner() + " was surely held, and was not there for "
                                    + operation.deed(),
                            proof(hold, operation.lines())))
                    .ifPresent(found::add);
        }
        found.addAll(atTheEnd(history.end(), holds));
        return found;
    }

    /** The hold that a call did not find. */
    private static Optional<Hold> missed(Operation operation, Holds holds) {
        Optional<UUID> named = operation.token().map(token -> token.claim());
        boolean saysGone =
                operation.answer() == Answer.NOTHING || operation.type().endsWith(" gone");
        boolean asked = operation.deed() == Deed.FIND || operation.deed().namesToken();
        if (!saysGone || !asked) {
            return Optional.empty();
        }
        return holds.ofOwner(operation.owner()).stream()
                .filter(hold -> hold.covers(operation.begun(), operation.ended()))
                .filter(hold -> named.map(hold.token().claim()::equals).orElse(true))
                .findFirst();
    }

    private static List<Violation> atTheEnd(EndState end, Holds holds) {
        Map<UUID, Set<String>> there = new HashMap<>();
        end.calm().forEach(left -> {
            Set<String> held = new HashSet<>(left.seen().held().keySet());
            held.add(Holds.owner(left.owner()));
            there.put(left.seen().token().claim(), held);
        });
        Set<UUID> told = new HashSet<>();
        List<Violation> found = new ArrayList<>();
        holds.all()
                .forEach((resource, list) -> list.stream()
                        .filter(hold -> hold.to() >= end.at())
                        .filter(hold -> !there.getOrDefault(hold.token().claim(), Set.of())
                                .contains(resource))
                        .filter(hold -> told.add(hold.token().claim()))
                        .map(hold -> new Violation(
                                Violation.Kind.LOST,
                                resource + " was surely held by " + hold.token() + " in the end, and was not",
                                proof(
                                        hold,
                                        List.of("there were "
                                                + there.getOrDefault(
                                                        hold.token().claim(), Set.of())))))
                        .forEach(found::add));
        return found;
    }

    private static List<String> proof(Hold hold, List<String> more) {
        List<String> proof = new ArrayList<>(hold.told().lines());
        proof.addAll(more);
        return proof;
    }
}
