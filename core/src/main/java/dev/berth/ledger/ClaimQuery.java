package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which claims are wanted; conditions are all met. Exact, never fuzzy: no pattern, no prefix, no case folding.
 * Immutable: each method gives a narrower query.
 */
public final class ClaimQuery {
    private static final ClaimQuery ALL = new ClaimQuery(null, null, null, null, Set.of(), Map.of());

    private final @Nullable String tenant;
    private final @Nullable String kind;
    private final @Nullable Scope scope;
    private final @Nullable Scope home;
    private final Set<ClaimState> states;
    private final Map<String, String> labels;

    private ClaimQuery(
            @Nullable String tenant,
            @Nullable String kind,
            @Nullable Scope scope,
            @Nullable Scope home,
            Set<ClaimState> states,
            Map<String, String> labels) {
        this.tenant = tenant;
        this.kind = kind;
        this.scope = scope;
        this.home = home;
        this.states = states;
        this.labels = labels;
    }

    /**
     * Wants every claim.
     *
     * @return the query
     */
    public static ClaimQuery all() {
        return ALL;
    }

    /**
     * Wants claims of one tenant.
     *
     * @param tenant the tenant
     * @return the narrower query
     */
    public ClaimQuery tenant(String tenant) {
        return new ClaimQuery(Limits.text("owner tenant", tenant, Limits.TENANT), kind, scope, home, states, labels);
    }

    /**
     * Wants claims that hold a resource of this kind; together with {@link #in} one resource must meet both.
     *
     * @param kind the kind
     * @return the narrower query
     */
    public ClaimQuery kind(ResourceKind kind) {
        return new ClaimQuery(
                tenant, InvalidInputException.requireNonNull("kind", kind).name(), scope, home, states, labels);
    }

    /**
     * Wants claims that hold a resource in this scope; together with {@link #kind} one resource must meet both.
     *
     * @param scope the scope
     * @return the narrower query
     */
    public ClaimQuery in(Scope scope) {
        return new ClaimQuery(tenant, kind, InvalidInputException.requireNonNull("scope", scope), home, states, labels);
    }

    /**
     * Wants provisioned claims of this home scope.
     *
     * @param home the home scope
     * @return the narrower query
     */
    public ClaimQuery home(Scope home) {
        return new ClaimQuery(tenant, kind, scope, InvalidInputException.requireNonNull("home", home), states, labels);
    }

    /**
     * Wants claims in one of these states.
     *
     * @param first one state
     * @param more further states
     * @return the narrower query
     */
    public ClaimQuery state(ClaimState first, ClaimState... more) {
        var wanted = EnumSet.of(InvalidInputException.requireNonNull("state", first));
        wanted.addAll(Limits.set("states", Arrays.asList(InvalidInputException.requireNonNull("states", more))));
        return new ClaimQuery(tenant, kind, scope, home, Collections.unmodifiableSet(wanted), labels);
    }

    /**
     * Wants claims that carry a label; several labels must all be carried.
     *
     * @param key the label's key
     * @param value the label's value
     * @return the narrower query
     */
    public ClaimQuery label(String key, String value) {
        var more = new TreeMap<>(labels);
        more.put(
                Limits.text("label key", key, Limits.LABEL_KEY),
                Limits.printable("label value", value, Limits.LABEL_VALUE));
        return new ClaimQuery(tenant, kind, scope, home, states, Collections.unmodifiableMap(more));
    }

    /**
     * Gives the wanted tenant.
     *
     * @return the tenant, empty for all
     */
    public Optional<String> tenant() {
        return Optional.ofNullable(tenant);
    }

    /**
     * Gives the wanted kind.
     *
     * @return the kind's name, empty for all
     */
    public Optional<String> kind() {
        return Optional.ofNullable(kind);
    }

    /**
     * Gives the wanted scope.
     *
     * @return the scope, empty for all
     */
    public Optional<Scope> scope() {
        return Optional.ofNullable(scope);
    }

    /**
     * Gives the wanted home scope.
     *
     * @return the home scope, empty for all claims, reservations included
     */
    public Optional<Scope> home() {
        return Optional.ofNullable(home);
    }

    /**
     * Gives the wanted states.
     *
     * @return the states, empty for all
     */
    public Set<ClaimState> states() {
        return states;
    }

    /**
     * Gives the wanted labels.
     *
     * @return the labels that must all be carried, empty for no condition
     */
    public Map<String, String> labels() {
        return labels;
    }

    /**
     * Says whether a claim meets every condition; for stores that filter in memory.
     *
     * @param claim the claim
     * @return true if it does
     */
    public boolean matches(Claim claim) {
        return (tenant == null || tenant.equals(claim.owner().tenant()))
                && (home == null || claim.home().map(home::equals).orElse(false))
                && (states.isEmpty() || states.contains(claim.state()))
                && claim.labels().entrySet().containsAll(labels.entrySet())
                && ((kind == null && scope == null)
                        || claim.holdings().stream().map(Holding::resource).anyMatch(this::matches));
    }

    private boolean matches(Resource resource) {
        return (kind == null || kind.equals(resource.kind())) && (scope == null || scope.equals(resource.scope()));
    }
}
