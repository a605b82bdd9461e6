package dev.berth.torture.check;

import java.util.List;
import java.util.Set;

/** Which errors a caller may see while everything around it breaks. */
final class Errors {
    /** Others hold it, have moved on, are at it; or the database is not there. */
    private static final Set<String> REFUSALS = Set.of(
            "ClaimRefusedException",
            "StaleTokenException",
            "StaleTokenException gone",
            "ClaimNotFoundException",
            "ContentionException",
            "ProvisionException",
            "StoreUnavailableException");

    private static final Set<String> DOUBTS = Set.of("", "StoreUnavailableException");

    private Errors() {}

    static List<Violation> check(History history) {
        return history.operations().stream()
                .filter(Errors::isForbidden)
                .map(operation -> new Violation(
                        Violation.Kind.FORBIDDEN_ERROR,
                        operation.process() + " was told " + operation.type() + " by " + operation.deed(),
                        operation.lines()))
                .toList();
    }

    private static boolean isForbidden(Operation operation) {
        return switch (operation.answer()) {
            case OK, NOTHING -> false;
            case REFUSED -> !REFUSALS.contains(operation.type());
            case UNKNOWN -> !DOUBTS.contains(operation.type());
        };
    }
}
