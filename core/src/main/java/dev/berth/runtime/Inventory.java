package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A listing of a runtime's instances, whatever their state. Immutable. Asking for one instance costs as good as nothing,
 * however many are listed.
 */
public final class Inventory {
    private static final Comparator<Instance> BY_ID = Comparator.comparing(Instance::id);

    private final Scope scope;
    private final Coverage coverage;
    private final List<Instance> instances;
    /** Sorted, and not a map: a million instances are a few megabytes. */
    private final Instance[] byId;
    /** Why ports may be open that no listed instance publishes. */
    private final List<String> portGaps;

    /**
     * Copies the list. Where an id is listed twice, the first one counts and the coverage is partial: a listing that
     * contradicts itself proves nothing.
     *
     * @param scope the runtime's scope
     * @param coverage how much of the runtime it shows
     * @param instances the instances
     * @throws InvalidInputException if a part is null
     */
    public Inventory(Scope scope, Coverage coverage, List<Instance> instances) {
        this.scope = InvalidInputException.requireNonNull("scope", scope);
        List<Instance> given = InvalidInputException.copyOf("instances", instances);
        Instance[] sorted = given.toArray(Instance[]::new);
        Arrays.sort(sorted, BY_ID);
        Set<String> twice = new LinkedHashSet<>();
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i].id().equals(sorted[i - 1].id())) {
                twice.add(sorted[i].id());
            }
        }
        Coverage shown = InvalidInputException.requireNonNull("coverage", coverage);
        for (String id : twice) {
            shown = shown.and(Coverage.partial("instance " + id + " is listed twice"));
        }
        this.coverage = shown;
        this.instances = twice.isEmpty() ? given : first(given);
        this.byId = twice.isEmpty() ? sorted : sorted(this.instances);
        this.portGaps = List.of();
    }

    private Inventory(Inventory same, List<String> portGaps) {
        this.scope = same.scope;
        this.coverage = same.coverage;
        this.instances = same.instances;
        this.byId = same.byId;
        this.portGaps = InvalidInputException.copyOf("portGaps", portGaps);
    }

    private static List<Instance> first(List<Instance> given) {
        Map<String, Instance> known = new LinkedHashMap<>();
        given.forEach(instance -> known.putIfAbsent(instance.id(), instance));
        return List.copyOf(known.values());
    }

    private static Instance[] sorted(List<Instance> instances) {
        Instance[] sorted = instances.toArray(Instance[]::new);
        Arrays.sort(sorted, BY_ID);
        return sorted;
    }

    /**
     * Says whose instances these are.
     *
     * @return the runtime's scope
     */
    public Scope scope() {
        return scope;
    }

    /**
     * Says how much of the runtime is shown.
     *
     * @return the coverage
     */
    public Coverage coverage() {
        return coverage;
    }

    /**
     * Gives what is listed.
     *
     * @return the instances, each id once, in the listing's order
     */
    public List<Instance> instances() {
        return instances;
    }

    /**
     * Finds a listed instance.
     *
     * @param id its full id
     * @return the instance; empty if it is not listed, which proves nothing by itself: {@link #sight} tells more
     */
    public Optional<Instance> find(String id) {
        InvalidInputException.requireNonNull("instance id", id);
        int low = 0;
        int high = byId.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = byId[middle].id().compareTo(id);
            if (order == 0) {
                return Optional.of(byId[middle]);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    /**
     * Says that nothing is known.
     *
     * @param scope the runtime's scope
     * @param reason why, for people
     * @return an inventory without instances and without coverage
     */
    public static Inventory unknown(Scope scope, String reason) {
        return new Inventory(scope, Coverage.none(reason), List.of());
    }

    /**
     * Takes two listings of parts of one runtime together, such as those of a cluster's nodes. An instance that both list
     * counts once, and the coverage is partial then.
     *
     * @param other the other listing
     * @return the instances of both, under the lesser coverage; a complete part that is empty counts as partial unless
     *     its coverage has a proof
     * @throws InvalidInputException if the other is of another scope
     */
    public Inventory and(Inventory other) {
        InvalidInputException.requireNonNull("other inventory", other);
        if (!other.scope.equals(scope)) {
            throw InvalidInputException.of("other inventory", other.scope, "one of " + scope);
        }
        List<Instance> all = new ArrayList<>(instances);
        all.addAll(other.instances);
        Set<String> gaps = new LinkedHashSet<>(portGaps);
        gaps.addAll(other.portGaps);
        return new Inventory(new Inventory(scope, contribution().and(other.contribution()), all), List.copyOf(gaps));
    }

    /**
     * Says that some listed instances may have more ports open than are listed. What is said of instances stays as it was.
     *
     * @param gap which instances and why, for people
     * @return the same listing, which lacks ports
     */
    public Inventory lackingPorts(String gap) {
        List<String> gaps = new ArrayList<>(portGaps);
        gaps.add(InvalidInputException.requireNonNull("gap", gap));
        return new Inventory(this, gaps);
    }

    /**
     * Says why a port that no listed instance publishes may be published all the same (law L3).
     *
     * @return the reason; empty if all instances are listed with all their ports, also where there is none
     */
    public Optional<String> portGap() {
        if (!coverage.isComplete()) {
            return gap();
        }
        return portGaps.isEmpty()
                ? Optional.empty()
                : Optional.of("the listing of " + scope + " lacks ports: " + String.join("; ", portGaps));
    }

    /** An empty part that nothing proves must not come to prove something by being put beside a full one. */
    private Coverage contribution() {
        return coverage.isComplete()
                ? gap().map(doubt -> coverage.and(Coverage.partial(doubt))).orElse(coverage)
                : coverage;
    }

    /**
     * Says what this listing tells of one instance.
     *
     * @param id its full id
     * @return present if it is listed; absent if it is not and everything is; else unknown. An empty listing proves
     *     nothing unless its coverage has a {@linkplain Coverage#proof() proof}
     */
    public Sighting sight(String id) {
        InvalidInputException.requireNonNull("instance id", id);
        return find(id).<Sighting>map(Sighting.Present::new).orElseGet(() -> unlisted(id));
    }

    private Sighting unlisted(String what) {
        return gap().<Sighting>map(Sighting.Unknown::new)
                .orElseGet(() -> new Sighting.Absent(
                        "the complete listing of " + scope + " (" + instances.size() + " instances) lacks " + what));
    }

    /**
     * Says why the absence of an instance from this listing proves nothing.
     *
     * @return the reason; empty if it does prove something
     */
    public Optional<String> gap() {
        if (!coverage.isComplete()) {
            return Optional.of("the listing of " + scope + " is not complete: " + String.join("; ", coverage.gaps()));
        }
        return instances.isEmpty() && coverage.proof().isEmpty()
                ? Optional.of("the listing of " + scope + " is empty, and nothing proves that it should be")
                : Optional.empty();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Inventory that
                && scope.equals(that.scope)
                && coverage.equals(that.coverage)
                && instances.equals(that.instances)
                && portGaps.equals(that.portGaps);
    }

    @Override
    public int hashCode() {
        return Objects.hash(scope, coverage, instances, portGaps);
    }

    @Override
    public String toString() {
        return instances.size() + " instances of " + scope + ", " + coverage
                + (portGaps.isEmpty() ? "" : ", lacking ports: " + String.join("; ", portGaps));
    }
}
