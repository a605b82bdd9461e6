package dev.berth.torture.check;

import dev.berth.ledger.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** L5 and L7: what tokens say, and what they are good for. */
final class Tokens {
    private final List<Violation> found = new ArrayList<>();
    private final Map<Token, Operation> told = new HashMap<>();
    private final Map<UUID, String> owners = new HashMap<>();
    private final Map<UUID, Operation> released = new HashMap<>();
    /** Of each claim, by when it had been told: the newest revision by then. */
    private final Map<UUID, TreeMap<Long, Operation>> newest = new HashMap<>();

    private Tokens() {}

    static List<Violation> check(History history) {
        var tokens = new Tokens();
        List<Operation> byEnd = history.operations().stream()
                .filter(operation -> operation.seen().isPresent())
                .sorted(Comparator.comparingLong(Operation::ended))
                .toList();
        byEnd.forEach(tokens::hear);
        history.operations().forEach(tokens::judge);
        return tokens.found;
    }

    private static Token token(Operation operation) {
        return operation.seen().orElseThrow().token();
    }

    private void hear(Operation operation) {
        Token token = token(operation);
        Operation before = told.putIfAbsent(token, operation);
        String owner = owners.putIfAbsent(token.claim(), operation.owner());
        boolean sameOwner = owner == null || owner.equals(operation.owner());
        if (before != null && !(before.seen().equals(operation.seen()) && sameOwner)) {
            add(Violation.Kind.TOLD_DIFFERENTLY, token + " was told in two ways", before, operation);
        }
        TreeMap<Long, Operation> times = newest.computeIfAbsent(token.claim(), any -> new TreeMap<>());
        Map.Entry<Long, Operation> last = times.lastEntry();
        if (last == null || token(last.getValue()).revision() < token.revision()) {
            times.put(operation.ended(), operation);
        }
    }

    private void judge(Operation operation) {
        if (operation.hasUsedToken()) {
            Token used = operation.token().orElseThrow();
            newerBefore(used, operation.begun())
                    .ifPresent(newer -> add(
                            Violation.Kind.OLD_TOKEN_TAKEN,
                            used + " was taken, though " + token(newer) + " had been told before",
                            newer,
                            operation));
            if (operation.deed() == Deed.RELEASE) {
                Operation other = released.putIfAbsent(used.claim(), operation);
                // Of two at the same moment whose answers were lost neither can know which it was.
                if (other != null && (other.ended() < operation.begun() || operation.ended() < other.begun())) {
                    add(Violation.Kind.RELEASED_TWICE, used.claim() + " was released twice", other, operation);
                }
            }
        }
        if (operation.seen().isPresent() && !operation.deed().namesToken()) {
            newerBefore(token(operation), operation.begun())
                    .ifPresent(newer -> add(
                            Violation.Kind.LOST,
                            token(operation) + " was told, though " + token(newer) + " had been told before",
                            newer,
                            operation));
        }
    }

    private Optional<Operation> newerBefore(Token token, long time) {
        TreeMap<Long, Operation> times = newest.getOrDefault(token.claim(), new TreeMap<>());
        return Optional.ofNullable(times.lowerEntry(time))
                .map(Map.Entry::getValue)
                .filter(newer -> token(newer).revision() > token.revision());
    }

    private void add(Violation.Kind kind, String what, Operation first, Operation second) {
        List<String> proof = new ArrayList<>(first.lines());
        proof.addAll(second.lines());
        found.add(new Violation(kind, what, proof));
    }
}
