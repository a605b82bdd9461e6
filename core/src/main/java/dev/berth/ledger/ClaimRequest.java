package dev.berth.ledger;

import dev.berth.InvalidInputException;
import dev.berth.name.NameGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an owner asks for: named parts, each a fixed resource or group, or a choice. Immutable: each method gives a
 * request with more in it, so that a request can be kept and asked again.
 *
 * <p>A part that the owner holds already satisfies its element, whatever today's candidates would be; a part that is not
 * mentioned stays as it is. Choices are filled in the order in which they are declared and never take one resource
 * twice.
 */
public final class ClaimRequest {
    private final Owner owner;
    private final Scope scope;
    private final Map<String, Want> wants;
    private final Set<String> unconfirmed;
    private final Map<String, String> labels;
    private final @Nullable Duration lease;
    private final List<Token> superseding;

    /** One element: a fixed group or choices. */
    sealed interface Want {
        record Fixed(Map<String, Resource> group) implements Want {}

        record Chosen(List<Choice> choices) implements Want {}
    }

    private ClaimRequest(
            Owner owner,
            Scope scope,
            Map<String, Want> wants,
            Set<String> unconfirmed,
            Map<String, String> labels,
            @Nullable Duration lease,
            List<Token> superseding) {
        this.owner = owner;
        this.scope = scope;
        this.wants = wants;
        this.unconfirmed = unconfirmed;
        this.labels = labels;
        this.lease = lease;
        this.superseding = superseding;
    }

    /**
     * Begins a request.
     *
     * @param owner who asks
     * @return a request for nothing yet, in {@link Scope#GLOBAL}
     */
    public static ClaimRequest by(Owner owner) {
        return new ClaimRequest(
                InvalidInputException.requireNonNull("owner", owner),
                Scope.GLOBAL,
                Map.of(),
                Set.of(),
                Map.of(),
                null,
                List.of());
    }

    /**
     * Sets the scope of the elements that follow and name none themselves.
     *
     * @param scope the scope
     * @return the request
     */
    public ClaimRequest in(Scope scope) {
        return new ClaimRequest(
                owner,
                InvalidInputException.requireNonNull("scope", scope),
                wants,
                unconfirmed,
                labels,
                lease,
                superseding);
    }

    /**
     * Asks for one value, this and no other.
     *
     * @param part the part's name, 1 to 64 bytes
     * @param kind the resource's kind
     * @param value the value, in any spelling of its kind
     * @return the request
     * @throws InvalidInputException if the part or the value is asked for already, or the value is not one of the kind
     */
    public ClaimRequest fixed(String part, ResourceKind kind, String value) {
        return fixed(part, InvalidInputException.requireNonNull("kind", kind).in(scope, value));
    }

    /**
     * Asks for one resource, this and no other.
     *
     * @param part the part's name, 1 to 64 bytes
     * @param resource the resource
     * @return the request
     * @throws InvalidInputException if the part or the resource is asked for already
     */
    public ClaimRequest fixed(String part, Resource resource) {
        return fixed(part, Map.of(Candidates.SOLE_ROLE, InvalidInputException.requireNonNull("resource", resource)));
    }

    /**
     * Asks for a group of resources, these and no others.
     *
     * @param part the part's name, 1 to 64 bytes
     * @param group the resources by role
     * @return the request
     * @throws InvalidInputException if the part or one of the resources is asked for already, or the group is empty or
     *     has a resource twice
     */
    public ClaimRequest fixed(String part, Map<String, Resource> group) {
        Limits.text("part", part, Limits.PART);
        var checked = new Candidates.Listed(List.of(InvalidInputException.requireNonNull("group", group)), part);
        var fixed = new Want.Fixed(checked.group(0));
        wants.forEach((other, want) -> requireApart(part, fixed, other, want));
        return with(part, fixed);
    }

    /**
     * Asks for a name made of parts: the plain readable one if it is free, else one that also carries a hash of the
     * exact parts.
     *
     * @param part the part's name, 1 to 64 bytes
     * @param kind a kind with a {@linkplain ResourceKind#names name rule}
     * @param nameParts what the name is made of
     * @return the request
     * @throws InvalidInputException if the part is asked for already, the kind has no name rule, or a name part is not
     *     usable
     */
    public ClaimRequest name(String part, ResourceKind kind, String... nameParts) {
        InvalidInputException.requireNonNull("kind", kind);
        return name(
                part,
                kind,
                NameGenerator.of(kind.names()
                        .orElseThrow(() -> InvalidInputException.of(
                                "kind", kind.name(), "a kind with a name rule, or give a NameGenerator"))),
                nameParts);
    }

    /**
     * Asks for a name that a generator makes of parts.
     *
     * @param part the part's name, 1 to 64 bytes
     * @param kind the resource's kind; every candidate must be one of its values
     * @param generator makes the candidates, the plain readable one first
     * @param nameParts what the name is made of
     * @return the request
     * @throws InvalidInputException if the part is asked for already or a name part is not usable
     */
    public ClaimRequest name(String part, ResourceKind kind, NameGenerator generator, String... nameParts) {
        InvalidInputException.requireNonNull("kind", kind);
        Limits.text("part", part, Limits.PART);
        List<String> names = InvalidInputException.requireNonNull("name generator", generator)
                .candidates(nameParts);
        var candidates = new NameCandidates(kind, scope, names, kind + " names for " + part);
        return choose(part, anyOwner -> candidates);
    }

    /**
     * Asks for one of several, such as a slot of a port pool.
     *
     * @param part the part's name, 1 to 64 bytes
     * @param choice the candidates
     * @param further further choices that fill the same part independently, with other roles
     * @return the request
     * @throws InvalidInputException if the part is asked for already
     */
    public ClaimRequest choose(String part, Choice choice, Choice... further) {
        List<Choice> choices = new ArrayList<>();
        choices.add(InvalidInputException.requireNonNull("choice", choice));
        for (Choice more : InvalidInputException.requireNonNull("further choices", further)) {
            choices.add(InvalidInputException.requireNonNull("choice", more));
        }
        return with(part, new Want.Chosen(List.copyOf(choices)));
    }

    /**
     * Lets what is newly taken for a part count as unconfirmed until {@link ResourceLedger#confirm} is called, because
     * the world outside has yet to be asked.
     *
     * @param part a part of this request
     * @return the request
     * @throws InvalidInputException if the request has no such part
     */
    public ClaimRequest unconfirmed(String part) {
        if (!wants.containsKey(InvalidInputException.requireNonNull("part", part))) {
            throw InvalidInputException.of("part", part, "a part of this request: " + wants.keySet());
        }
        var more = new LinkedHashSet<>(unconfirmed);
        more.add(part);
        return new ClaimRequest(owner, scope, wants, Collections.unmodifiableSet(more), labels, lease, superseding);
    }

    /**
     * Sets a label.
     *
     * @param key the label's key, 1 to 128 bytes
     * @param value the label's value, at most 1,024 bytes
     * @return the request
     * @throws InvalidInputException if key or value is not usable, or there are more than 64 labels
     */
    public ClaimRequest label(String key, String value) {
        var more = new TreeMap<>(labels);
        more.put(key == null ? "" : key, InvalidInputException.requireNonNull("label value", value));
        return new ClaimRequest(owner, scope, wants, unconfirmed, Limits.labels(more), lease, superseding);
    }

    /**
     * Lets the claim end by itself unless it is renewed in time. Asking again renews it.
     *
     * @param span how long it lives, 1 ms to 36,500 days
     * @return the request
     * @throws InvalidInputException if the span is out of range
     */
    public ClaimRequest lease(Duration span) {
        return new ClaimRequest(owner, scope, wants, unconfirmed, labels, Limits.span("lease", span), superseding);
    }

    /**
     * Releases these claims in the same commit that grants this one, if they are still as their tokens say. A claim that
     * is gone already is none in the way. Where the owner holds every part already nothing is taken, and nothing released.
     *
     * @param tokens the tokens of the claims that give way
     * @return the request
     */
    public ClaimRequest superseding(Token... tokens) {
        var more = new LinkedHashSet<>(superseding);
        for (Token token : InvalidInputException.requireNonNull("tokens", tokens)) {
            more.add(InvalidInputException.requireNonNull("token", token));
        }
        return new ClaimRequest(owner, scope, wants, unconfirmed, labels, lease, List.copyOf(more));
    }

    private static void requireApart(String part, Want.Fixed wanted, String other, Want want) {
        if (want instanceof Want.Fixed fixed) {
            for (Resource resource : wanted.group().values()) {
                if (fixed.group().containsValue(resource)) {
                    throw InvalidInputException.of(
                            "part " + part, resource, "a resource that part " + other + " does not ask for");
                }
            }
        }
    }

    ClaimRequest with(String part, Want want) {
        Limits.text("part", part, Limits.PART);
        if (part.equals(Claim.INSTANCE_PART) || wants.containsKey(part)) {
            throw InvalidInputException.of(
                    "part", part, "a name other than \"instance\" that this request does not ask for yet");
        }
        var more = new LinkedHashMap<>(wants);
        more.put(part, want);
        return new ClaimRequest(
                owner, scope, Collections.unmodifiableMap(more), unconfirmed, labels, lease, superseding);
    }

    /**
     * Names who asks.
     *
     * @return the owner
     */
    public Owner owner() {
        return owner;
    }

    /**
     * Names the parts that are asked for.
     *
     * @return the parts, in declared order
     */
    public Set<String> parts() {
        return wants.keySet();
    }

    /**
     * Names what is asked for and nothing else will do.
     *
     * @return the resources of the fixed parts
     */
    public Set<Resource> resources() {
        return wants.values().stream()
                .filter(Want.Fixed.class::isInstance)
                .flatMap(want -> ((Want.Fixed) want).group().values().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Says whether a part is one of several candidates, so that it can move to another.
     *
     * @param part the part's name
     * @return true if this request chooses it; false if it is fixed, or not asked for
     */
    public boolean isChoice(String part) {
        return wants.get(InvalidInputException.requireNonNull("part", part)) instanceof Want.Chosen;
    }

    /**
     * Gives the labels that are set.
     *
     * @return the labels
     */
    public Map<String, String> labels() {
        return labels;
    }

    /**
     * Says how long the claim is to live.
     *
     * @return the lease, empty if none is asked for
     */
    public Optional<Duration> lease() {
        return Optional.ofNullable(lease);
    }

    /**
     * Gives the tokens of the claims that give way.
     *
     * @return the tokens
     */
    public List<Token> superseding() {
        return superseding;
    }

    Map<String, Want> wants() {
        return wants;
    }

    boolean isUnconfirmed(String part) {
        return unconfirmed.contains(part);
    }

    @Override
    public String toString() {
        return "request of " + owner + " for " + wants.keySet();
    }
}
