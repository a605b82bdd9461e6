package dev.berth.runtime;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Reassignment;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The parts of a claim as a runtime needs them. */
final class Parts {
    private Parts() {}

    /** The port that a claim holds in a role. */
    static Resource port(Claim claim, String role) {
        List<Resource> ports = claim.holdings().stream()
                .filter(held -> held.role().equals(role))
                .map(Holding::resource)
                .filter(resource -> Publication.isPort(resource.kind()))
                .toList();
        if (ports.size() != 1) {
            throw InvalidInputException.of(
                    "published role", role, "a role in which exactly one port is held: " + claim.holdings());
        }
        return ports.get(0);
    }

    /** What a request publishes, with the ports that the claim holds. */
    static List<Publication> publications(Claim claim, ProvisionRequest request) {
        List<Publication> publications = new ArrayList<>();
        request.published().forEach((role, inner) -> {
            Resource port = port(claim, role);
            publications.add(new Publication(kind(port), port.number().orElseThrow(), inner.port(), inner.address()));
        });
        return publications;
    }

    private static ResourceKind kind(Resource port) {
        return port.kind().equals(ResourceKind.UDP_PORT.name()) ? ResourceKind.UDP_PORT : ResourceKind.TCP_PORT;
    }

    /** The scope in which a claim holds a port that it publishes. */
    static Scope scope(Claim claim, Publication port) {
        return held(claim, port).resource().scope();
    }

    private static Holding held(Claim claim, Publication port) {
        return claim.holdings().stream()
                .filter(held -> is(held.resource(), port))
                .findFirst()
                .orElseThrow(() -> InvalidInputException.of("port", port, "one that is held: " + claim.holdings()));
    }

    /** The part under which a claim holds a resource. */
    static String of(Claim claim, Resource resource) {
        return claim.holdings().stream()
                .filter(held -> held.resource().equals(resource))
                .map(Holding::part)
                .findFirst()
                .orElseThrow(() -> InvalidInputException.of("resource", resource, "one that is held"));
    }

    /** Moves a part to the next candidate that a request has for it, and passes over what was found in use. */
    static Claim moved(
            Kit<?> kit, Claim claim, String part, ClaimRequest request, List<Resource> declined, String why) {
        List<Resource> ofPart = new ArrayList<>(claim.part(part).values());
        ofPart.retainAll(declined);
        Reassignment next = Reassignment.of(part, request);
        return kit.ledger()
                .reassign(
                        claim.token(),
                        ofPart.isEmpty()
                                ? next
                                : next.declining(ofPart, why, kit.policy().decline()));
    }

    /**
     * The ports that an instance would open on the host though its claim has moved from them: they were the claim's when it
     * was made, as its label says, and may be anybody's now. Empty if it can serve what is asked for all the same.
     */
    static List<Publication> movedFrom(Instance instance, Claim claim, List<Publication> asked) {
        if (areIn(instance.configured(), asked)) {
            return List.of();
        }
        List<Resource> given = HeldLabel.read(instance.labels()).stream()
                .flatMap(parts -> parts.values().stream())
                .flatMap(part -> part.values().stream())
                .filter(resource -> claim.holdings().stream()
                        .noneMatch(held -> held.resource().equals(resource)))
                .toList();
        return instance.configured().stream()
                .filter(open -> given.stream().anyMatch(resource -> is(resource, open)))
                .toList();
    }

    private static boolean is(Resource resource, Publication port) {
        return resource.kind().equals(port.kind().name()) && resource.number().orElse(0) == port.port();
    }

    /** Whether all that is asked for is among an instance's ports. */
    static boolean areIn(List<Publication> ports, List<Publication> asked) {
        return asked.stream().allMatch(one -> ports.stream().anyMatch(port -> port.serves(one)));
    }

    /** The labels that an instance is to carry beside its mark: the request's, and what the claim holds. */
    static Map<String, String> with(Map<String, String> labels, Claim claim) {
        var all = new java.util.TreeMap<>(labels);
        all.put(HeldLabel.KEY, HeldLabel.write(claim));
        return all;
    }
}
