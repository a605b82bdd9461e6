package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A listing of a runtime's instances, whatever their state.
 *
 * @param scope the runtime's scope
 * @param coverage how much of the runtime it shows
 * @param instances the instances, each id once
 */
public record Inventory(Scope scope, Coverage coverage, List<Instance> instances) {
    /**
     * Copies the list. Where an id is listed twice, the first one counts and the coverage is partial: a listing that
     * contradicts itself proves nothing.
     *
     * @param scope the runtime's scope
     * @param coverage how much of the runtime it shows
     * @param instances the instances
     * @throws InvalidInputException if a part is null
     */
    public Inventory {
        InvalidInputException.requireNonNull("scope", scope);
        InvalidInputException.requireNonNull("coverage", coverage);
        Map<String, Instance> known = new LinkedHashMap<>();
        for (Instance instance : InvalidInputException.requireNonNull("instances", instances)) {
            if (known.putIfAbsent(instance.id(), instance) != null) {
                coverage = coverage.and(Coverage.partial("instance " + instance.id() + " is listed twice"));
            }
        }
        instances = List.copyOf(known.values());
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
        return new Inventory(scope, contribution().and(other.contribution()), all);
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
        Optional<Instance> listed =
                instances.stream().filter(instance -> instance.id().equals(id)).findFirst();
        return listed.<Sighting>map(Sighting.Present::new).orElseGet(() -> unlisted(id));
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
}
