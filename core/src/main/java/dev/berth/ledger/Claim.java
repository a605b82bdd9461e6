package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What one owner holds, as the ledger stored it when it was read or written. Immutable; it does not follow later
 * changes. All instants are the store's.
 *
 * @param token the claim's id and revision: what a change must name
 * @param owner who holds it
 * @param state where it stands
 * @param createdAt when it was first granted
 * @param stateSince when it came into its state; never absent
 * @param leaseUntil when its lease runs out unless renewed, empty if it has none
 * @param home the scope whose inventory judges it, empty for a reservation
 * @param attempt the current or last attempt, empty if there never was one
 * @param reason why it is in its state, for people; empty if nobody said
 * @param labels its labels, sorted by key
 * @param holdings what it holds, sorted by part and role, each by its UTF-8 bytes
 */
public record Claim(
        Token token,
        Owner owner,
        ClaimState state,
        Instant createdAt,
        Instant stateSince,
        Optional<Instant> leaseUntil,
        Optional<Scope> home,
        Optional<Attempt> attempt,
        Optional<String> reason,
        Map<String, String> labels,
        List<Holding> holdings) {
    /** The part under which an activated claim holds its {@link ResourceKind#INSTANCE instance}. */
    public static final String INSTANCE_PART = "instance";

    /** A claim with this label is never reaped, unless the label says {@code false}; an instance with it is never removed. */
    public static final String KEEP = "dev.berth.keep";

    private static final Comparator<Holding> ORDER = Comparator.comparing(Holding::part, Numbers::compareUtf8)
            .thenComparing(Holding::role, Numbers::compareUtf8);

    /**
     * Copies and sorts the collections.
     *
     * @param token the claim's id and revision
     * @param owner who holds it
     * @param state where it stands
     * @param createdAt when it was first granted
     * @param stateSince when it came into its state
     * @param leaseUntil when its lease runs out unless renewed
     * @param home the scope whose inventory judges it
     * @param attempt the current or last attempt
     * @param reason why it is in its state, for people
     * @param labels its labels
     * @param holdings what it holds
     * @throws InvalidInputException if a component is null
     */
    public Claim {
        InvalidInputException.requireNonNull("token", token);
        InvalidInputException.requireNonNull("owner", owner);
        InvalidInputException.requireNonNull("state", state);
        InvalidInputException.requireNonNull("createdAt", createdAt);
        InvalidInputException.requireNonNull("stateSince", stateSince);
        labels = InvalidInputException.requireNonNull("labels", labels).isEmpty()
                ? Map.of()
                : Collections.unmodifiableMap(new TreeMap<>(InvalidInputException.copyOf("labels", labels)));
        holdings = InvalidInputException.copyOf("holdings", holdings);
        holdings =
                holdings.size() < 2 ? holdings : holdings.stream().sorted(ORDER).toList();
    }

    /**
     * Names the claim for good.
     *
     * @return the id in its token
     */
    public UUID id() {
        return token.claim();
    }

    /**
     * Says whether it is to be kept whatever becomes of its instance.
     *
     * @return true if it is labelled {@link #KEEP}, with anything but {@code false}
     */
    public boolean isKept() {
        return isKept(labels);
    }

    /**
     * Says whether labels say that what carries them is to be kept.
     *
     * @param labels a claim's labels, or an instance's
     * @return true if {@link #KEEP} is among them, with anything but {@code false}
     */
    public static boolean isKept(Map<String, String> labels) {
        String keep = InvalidInputException.requireNonNull("labels", labels).get(KEEP);
        return keep != null && !keep.equalsIgnoreCase("false");
    }

    /**
     * Says whether this is a reservation: it ends by release or lease only, and ghost sweeps do not see it.
     *
     * @return true unless an attempt was ever granted
     */
    public boolean isReservation() {
        return state == ClaimState.RESERVED;
    }

    /**
     * Names the runtime's instance.
     *
     * @return its full id, empty if none was ever activated
     */
    public Optional<String> instance() {
        return holdings.stream()
                .filter(held -> held.part().equals(INSTANCE_PART))
                .map(held -> held.resource().value())
                .findFirst();
    }

    /**
     * Says whether a part is held.
     *
     * @param part the part's name
     * @return true if the claim holds at least one resource under it
     */
    public boolean holds(String part) {
        return holdings.stream().anyMatch(held -> held.part().equals(part));
    }

    /**
     * Gives the resources of a part.
     *
     * @param part the part's name
     * @return its resources by role, sorted by role; empty if the part is not held
     */
    public Map<String, Resource> part(String part) {
        var found = new LinkedHashMap<String, Resource>();
        for (Holding held : holdings) {
            if (held.part().equals(part)) {
                found.put(held.role(), held.resource());
            }
        }
        return Collections.unmodifiableMap(found);
    }

    /**
     * Gives the value of a part that is a single resource: a name, a path, an id.
     *
     * @param part the part's name
     * @return the resource's canonical value
     * @throws InvalidInputException if the part is not held or has several resources
     */
    public String value(String part) {
        Map<String, Resource> resources = part(part);
        if (resources.size() != 1) {
            throw InvalidInputException.of(
                    "part", part, "a held part with a single resource; this claim holds " + holdings);
        }
        return resources.values().iterator().next().value();
    }

    /**
     * Gives the port in a role, whatever the part is called.
     *
     * @param role the role ({@code backend}); for a pool without roles the part's name
     * @return the port's number
     * @throws InvalidInputException if no port is held in that role, or several are
     */
    public int port(String role) {
        List<Resource> ports = holdings.stream()
                .filter(held -> held.role().equals(role))
                .map(Holding::resource)
                .filter(Claim::isPort)
                .toList();
        if (ports.size() != 1) {
            throw InvalidInputException.of(
                    "role", role, "a role in which exactly one port is held; this claim holds " + holdings);
        }
        return ports.get(0).number().orElseThrow();
    }

    private static boolean isPort(Resource resource) {
        return resource.kind().equals(ResourceKind.TCP_PORT.name())
                || resource.kind().equals(ResourceKind.UDP_PORT.name());
    }
}
