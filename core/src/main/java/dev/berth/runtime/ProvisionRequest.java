package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an instance needs: what to claim, and which of it the runtime is to know. Immutable: each method gives a request
 * with more in it.
 */
public final class ProvisionRequest {
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final int MOST_PORT = 65_535;
    private static final int MOST_LABELS = 63;

    private final ClaimRequest claim;
    private final @Nullable String namePart;
    private final Map<String, Inner> published;
    private final Map<String, String> labels;
    private final @Nullable Duration health;

    /** Where a published port leads, and on which address it is open. */
    record Inner(int port, Optional<String> address) {}

    private ProvisionRequest(
            ClaimRequest claim,
            @Nullable String namePart,
            Map<String, Inner> published,
            Map<String, String> labels,
            @Nullable Duration health) {
        this.claim = claim;
        this.namePart = namePart;
        this.published = published;
        this.labels = labels;
        this.health = health;
    }

    /**
     * Begins a request. Only what is {@linkplain #named named} and {@linkplain #publish published} reaches the runtime by
     * itself; the rest is the host's, who is told of it when it says what to create.
     *
     * @param claim what to claim, with at most 63 labels; it may be for no part
     * @return a request for an instance without a name of ours and without ports
     * @throws InvalidInputException if it has more labels
     */
    public static ProvisionRequest of(ClaimRequest claim) {
        int labels = InvalidInputException.requireNonNull("claim request", claim)
                .labels()
                .size();
        if (labels > MOST_LABELS) {
            throw InvalidInputException.of(
                    "claim request", labels + " labels", "at most " + MOST_LABELS + ": one more is the library's");
        }
        return new ProvisionRequest(claim, null, Map.of(), Map.of(), null);
    }

    /**
     * Names the instance by a part of the claim. With a name the runtime itself sees to it that there are never two, so
     * give one wherever the runtime has names.
     *
     * @param part a part of the claim that is a single resource
     * @return the request
     * @throws InvalidInputException if the claim does not ask for that part
     */
    public ProvisionRequest named(String part) {
        if (!claim.parts().contains(InvalidInputException.requireNonNull("part", part))) {
            throw InvalidInputException.of("part", part, "a part that the claim asks for: " + claim.parts());
        }
        return new ProvisionRequest(claim, part, published, labels, health);
    }

    /**
     * Publishes a port of the claim on all addresses of the host.
     *
     * @param role the port's role; for a pool without roles the part's name
     * @param inner the instance's own port behind it, 1 to 65535
     * @return the request
     * @throws InvalidInputException if the port is out of range, or the role published already
     */
    public ProvisionRequest publish(String role, int inner) {
        return publish(role, new Inner(inner, Optional.empty()));
    }

    /**
     * Publishes a port of the claim on one address of the host.
     *
     * @param role the port's role; for a pool without roles the part's name
     * @param inner the instance's own port behind it, 1 to 65535
     * @param address the host's address, such as {@code 127.0.0.1}
     * @return the request
     * @throws InvalidInputException if the port is out of range, or the role published already
     */
    public ProvisionRequest publish(String role, int inner, String address) {
        return publish(role, new Inner(inner, Optional.of(InvalidInputException.requireNonNull("address", address))));
    }

    private ProvisionRequest publish(String role, Inner inner) {
        InvalidInputException.requireNonNull("role", role);
        if (inner.port() < 1 || inner.port() > MOST_PORT) {
            throw InvalidInputException.of("inner port of " + role, inner.port(), "1 to " + MOST_PORT);
        }
        if (published.containsKey(role)) {
            throw InvalidInputException.of("role", role, "a role that this request does not publish yet");
        }
        var more = new LinkedHashMap<>(published);
        more.put(role, inner);
        return new ProvisionRequest(claim, namePart, java.util.Collections.unmodifiableMap(more), labels, health);
    }

    /**
     * Puts a label on the instance, beside those that make it ours.
     *
     * @param key the label's key; not one that begins with {@code dev.berth.}
     * @param value the label's value
     * @return the request
     * @throws InvalidInputException if the key is empty, has an equals sign, or is one of ours
     */
    public ProvisionRequest label(String key, String value) {
        InvalidInputException.requireNonNull("label key", key);
        InvalidInputException.requireNonNull("label value", value);
        if (key.isEmpty() || key.indexOf('=') >= 0 || key.startsWith("dev.berth.")) {
            throw InvalidInputException.of(
                    "label key", key, "a key without equals sign that does not begin with dev.berth.");
        }
        var more = new TreeMap<>(labels);
        more.put(key, value);
        return new ProvisionRequest(claim, namePart, published, java.util.Collections.unmodifiableMap(more), health);
    }

    /**
     * Hands the instance out only when it is healthy, as its runtime tells; one without a check counts as healthy when
     * it runs.
     *
     * @param span how long to wait for it after the start, 1 ms to 1 day
     * @return the request
     * @throws InvalidInputException if the span is out of range
     */
    public ProvisionRequest healthyWithin(Duration span) {
        InvalidInputException.requireNonNull("health wait", span);
        if (span.compareTo(Duration.ofMillis(1)) < 0 || span.compareTo(LONGEST) > 0) {
            throw InvalidInputException.of("health wait", span, "1 ms to 1 day");
        }
        return new ProvisionRequest(claim, namePart, published, labels, span);
    }

    /**
     * Gives what is claimed.
     *
     * @return the claim's request
     */
    public ClaimRequest claim() {
        return claim;
    }

    /**
     * Says who asks.
     *
     * @return the owner
     */
    public Owner owner() {
        return claim.owner();
    }

    Optional<String> namePart() {
        return Optional.ofNullable(namePart);
    }

    Map<String, Inner> published() {
        return published;
    }

    Map<String, String> labels() {
        return labels;
    }

    Optional<Duration> health() {
        return Optional.ofNullable(health);
    }

    @Override
    public String toString() {
        return "provisioning by " + claim;
    }
}
