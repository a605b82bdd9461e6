package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An ordered sequence of groups of resources, of which a claim takes one group whole: the slots of a port pool, the ids
 * of a range, the names that would do. Immutable.
 *
 * <p>The order is from {@link #start()} to the end and then from 0 to {@code start() - 1}.
 */
public sealed interface Candidates permits Candidates.Listed, Candidates.Numbered, NameCandidates {
    /** The role of a group's only resource that takes the name of the part it is chosen for. */
    String SOLE_ROLE = "-";

    /**
     * Counts the groups, excluded ones included.
     *
     * @return 1 or more
     */
    int size();

    /**
     * Says at which position the order begins.
     *
     * @return 0 to {@code size() - 1}
     */
    int start();

    /**
     * Says whether a group is left out by configuration.
     *
     * @param position 0 to {@code size() - 1}
     * @return true if it is never to be taken
     * @throws IndexOutOfBoundsException if there is no such position, where it is noticed
     */
    boolean isExcluded(int position);

    /**
     * Makes the group at a position.
     *
     * @param position 0 to {@code size() - 1}
     * @return its resources by role, in declared order
     * @throws IndexOutOfBoundsException if there is no such position
     */
    Map<String, Resource> group(int position);

    /**
     * Describes the sequence for messages.
     *
     * @return such as {@code pool "apps" (tcp 5001, 5003 .. 5999 on node-1)}
     */
    String describe();

    /**
     * Groups that are listed one by one, in order of preference.
     *
     * @param groups the groups, each its resources by role; no resource twice in one group
     * @param describe the sequence in words
     */
    record Listed(List<Map<String, Resource>> groups, String describe) implements Candidates {
        private static final int MOST = 100_000;

        /**
         * Copies the groups.
         *
         * @param groups the groups
         * @param describe the sequence in words
         * @throws InvalidInputException if there is none, one is empty, or one names a resource twice
         */
        public Listed {
            InvalidInputException.requireNonNull("candidates", groups);
            InvalidInputException.requireNonNull("candidates' description", describe);
            if (groups.isEmpty() || groups.size() > MOST) {
                throw InvalidInputException.of("candidates", groups.size() + " groups", "1 to " + MOST);
            }
            List<Map<String, Resource>> copies = new ArrayList<>(groups.size());
            for (Map<String, Resource> group : groups) {
                var copy = new LinkedHashMap<String, Resource>();
                InvalidInputException.requireNonNull("candidate group", group)
                        .forEach((role, resource) -> copy.put(
                                Limits.text("role", role, Limits.PART),
                                InvalidInputException.requireNonNull("resource", resource)));
                if (copy.isEmpty() || new HashSet<>(copy.values()).size() != copy.size()) {
                    throw InvalidInputException.of(
                            "candidate group", copy, "at least one resource, and none of them twice");
                }
                copies.add(java.util.Collections.unmodifiableMap(copy));
            }
            groups = List.copyOf(copies);
        }

        @Override
        public int size() {
            return groups.size();
        }

        @Override
        public int start() {
            return 0;
        }

        @Override
        public boolean isExcluded(int position) {
            return false;
        }

        @Override
        public Map<String, Resource> group(int position) {
            return groups.get(position);
        }
    }

    /**
     * Groups of numbers in arithmetic progression: at position {@code i} each role has the number {@code first + i *
     * step}. Two sequences of the same {@link #layout()} differ at most in where they begin.
     *
     * @param layout kind, scope, roles, step and count
     * @param start the position at which the order begins
     */
    record Numbered(Layout layout, int start) implements Candidates {
        /**
         * Checks the start.
         *
         * @param layout kind, scope, roles, step and count
         * @param start the position at which the order begins
         * @throws InvalidInputException if it is not a position
         */
        public Numbered {
            InvalidInputException.requireNonNull("layout", layout);
            if (start < 0 || start >= layout.count()) {
                throw InvalidInputException.of("start", start, "0 to " + (layout.count() - 1));
            }
        }

        @Override
        public int size() {
            return layout.count();
        }

        @Override
        public boolean isExcluded(int position) {
            return layout.excluded.get(position);
        }

        @Override
        public Map<String, Resource> group(int position) {
            var group = new LinkedHashMap<String, Resource>();
            layout.first.forEach(
                    (role, first) -> group.put(role, layout.kind.in(layout.scope, first + position * layout.step)));
            return group;
        }

        @Override
        public String describe() {
            return layout.describe;
        }
    }

    /** What a sequence of numbered groups is made of. Immutable; equal by all its parts but the description. */
    final class Layout {
        /** Stores index all positions of a layout in memory. */
        private static final int MOST = 1 << 20;

        private final ResourceKind kind;
        private final Scope scope;
        private final Map<String, Integer> first;
        private final int step;
        private final int count;
        private final BitSet excluded;
        private final String describe;
        private final int hash;

        /**
         * Makes a layout.
         *
         * @param kind a kind of numbers
         * @param scope where the numbers are unique
         * @param first each role's number at position 0, in declared order
         * @param step what is added from one position to the next, 1 or more
         * @param count how many positions there are, 1 to 1,048,576
         * @param excludedNumbers numbers never to be handed out; a position that has one is left out
         * @param describe the sequence in words
         * @throws InvalidInputException if the kind has no numbers, there is no role, two roles begin at the same
         *     number, or a number leaves the kind's range
         */
        public Layout(
                ResourceKind kind,
                Scope scope,
                Map<String, Integer> first,
                int step,
                int count,
                Set<Integer> excludedNumbers,
                String describe) {
            this.kind = InvalidInputException.requireNonNull("kind", kind);
            this.scope = InvalidInputException.requireNonNull("scope", scope);
            this.first = java.util.Collections.unmodifiableMap(
                    new LinkedHashMap<>(InvalidInputException.requireNonNull("roles", first)));
            this.step = step;
            this.count = count;
            this.describe = InvalidInputException.requireNonNull("description", describe);
            if (step < 1) {
                throw InvalidInputException.of("step", step, "1 or more");
            }
            if (count < 1 || count > MOST) {
                throw InvalidInputException.of("count of candidates", count, "1 to " + MOST);
            }
            if (this.first.isEmpty() || new HashSet<>(this.first.values()).size() != this.first.size()) {
                throw InvalidInputException.of("roles", this.first, "at least one role, each with another start");
            }
            this.first.forEach((role, number) -> {
                Limits.text("role", role, Limits.PART);
                kind.in(scope, InvalidInputException.requireNonNull("first number of role " + role, number));
                long last = number + (long) (count - 1) * step;
                kind.in(scope, (int) Math.min(last, Integer.MAX_VALUE));
            });
            excluded = new BitSet();
            for (Integer number : InvalidInputException.requireNonNull("excluded numbers", excludedNumbers)) {
                exclude(InvalidInputException.requireNonNull("excluded number", number));
            }
            hash = 31 * (31 * kind.hashCode() + scope.hashCode()) + 31 * (31 * this.first.hashCode() + step) + count;
        }

        private void exclude(int number) {
            for (int start : first.values()) {
                long distance = (long) number - start;
                if (distance >= 0 && distance % step == 0 && distance / step < count) {
                    excluded.set((int) (distance / step));
                }
            }
        }

        /**
         * Names the kind.
         *
         * @return a kind of numbers
         */
        public ResourceKind kind() {
            return kind;
        }

        /**
         * Says where the numbers are unique.
         *
         * @return the scope
         */
        public Scope scope() {
            return scope;
        }

        /**
         * Gives each role's number at position 0.
         *
         * @return the numbers by role, in declared order
         */
        public Map<String, Integer> first() {
            return first;
        }

        /**
         * Says what is added from one position to the next.
         *
         * @return 1 or more
         */
        public int step() {
            return step;
        }

        /**
         * Counts the positions.
         *
         * @return 1 or more
         */
        public int count() {
            return count;
        }

        /**
         * Gives the positions that are left out.
         *
         * @return a copy
         */
        public BitSet excluded() {
            return (BitSet) excluded.clone();
        }

        @Override
        public boolean equals(@org.jspecify.annotations.Nullable Object object) {
            return this == object
                    || (object instanceof Layout other
                            && hash == other.hash
                            && kind.equals(other.kind)
                            && scope.equals(other.scope)
                            && List.copyOf(first.entrySet()).equals(List.copyOf(other.first.entrySet()))
                            && step == other.step
                            && count == other.count
                            && excluded.equals(other.excluded));
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public String toString() {
            return describe;
        }
    }
}
