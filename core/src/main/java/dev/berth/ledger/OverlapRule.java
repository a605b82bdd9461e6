package dev.berth.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which canonical values of a kind stand in each other's way without being equal. The ledger looks for the values that
 * cover a wanted one by exact key and for those it covers by a range of keys, and updates a guard record of the kind and
 * scope in the same commit, so that two overlapping claims cannot pass each other.
 */
public enum OverlapRule {
    /** A path covers every path below it by whole segments; {@code /} covers all. */
    PATH_PREFIX("/tree") {
        @Override
        List<String> covering(String value) {
            List<String> above = new ArrayList<>();
            for (int slash = value.lastIndexOf('/'); slash > 0; slash = value.lastIndexOf('/', slash - 1)) {
                above.add(value.substring(0, slash));
            }
            if (!value.equals("/")) {
                above.add("/");
            }
            return above;
        }

        @Override
        Optional<String> rangeOfCovered(String value) {
            return Optional.of(value.equals("/") ? "/" : value + "/");
        }

        @Override
        boolean covers(String value, String other) {
            return !other.equals(value) && other.startsWith(value.equals("/") ? "/" : value + "/");
        }
    },

    /** {@code *.example.com} covers every name that is one label below {@code example.com}. */
    WILDCARD_HOST("/wildcard") {
        @Override
        List<String> covering(String value) {
            int dot = value.indexOf('.');
            return dot < 0 || value.startsWith("*.") ? List.of() : List.of("*" + value.substring(dot));
        }

        @Override
        Optional<String> rangeOfCovered(String value) {
            // Names below one parent are not neighbours in key order, so all of the scope's names are looked through;
            // only the claim of a wildcard pays for it.
            return value.startsWith("*.") ? Optional.of("") : Optional.empty();
        }

        @Override
        boolean covers(String value, String other) {
            return value.startsWith("*.")
                    && !other.startsWith("*.")
                    && other.indexOf('.') > 0
                    && other.substring(other.indexOf('.')).equals(value.substring(1));
        }
    };

    private final String suffix;

    OverlapRule(String suffix) {
        this.suffix = suffix;
    }

    /**
     * Names the ending of every kind that has this rule. The rule is told by the kind's name, which stores keep, so that
     * a resource that was read back is guarded like one that was just made.
     *
     * @return a slash and a word
     */
    public String suffix() {
        return suffix;
    }

    static Optional<OverlapRule> ofKind(String kind) {
        if (kind.indexOf('/') < 0) {
            return Optional.empty();
        }
        for (OverlapRule rule : values()) {
            if (kind.endsWith(rule.suffix)) {
                return Optional.of(rule);
            }
        }
        return Optional.empty();
    }

    /** The values that would cover this one. */
    abstract List<String> covering(String value);

    /** The prefix of all keys among which the covered ones are, or empty if this value covers none. */
    abstract Optional<String> rangeOfCovered(String value);

    /** Whether the first value covers the other, equal ones excepted. */
    abstract boolean covers(String value, String other);
}
