package dev.berth.port;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Owner;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The ports that an owner holds of one pool.
 *
 * @param pool the pool's name
 * @param ports the port numbers by role; in a pool without roles the role is the pool's name
 * @param claim the claim that holds them, with whatever else it holds
 * @param warnings what a person should know: ports that were passed over because an outsider has them, ports that could
 *     not be probed; empty if nothing
 */
public record PortAssignment(String pool, Map<String, Integer> ports, Claim claim, List<String> warnings) {
    /**
     * Copies the collections.
     *
     * @param pool the pool's name
     * @param ports the port numbers by role
     * @param claim the claim that holds them, with whatever else it holds
     * @param warnings what a person should know
     */
    public PortAssignment {
        ports = Collections.unmodifiableMap(new TreeMap<>(InvalidInputException.copyOf("ports", ports)));
        warnings = InvalidInputException.copyOf("warnings", warnings);
    }

    static PortAssignment of(PortPool pool, Claim claim, List<String> warnings) {
        Map<String, Integer> ports = new TreeMap<>();
        claim.part(pool.name())
                .forEach((role, resource) -> ports.put(role, resource.number().orElseThrow()));
        return new PortAssignment(pool.name(), ports, claim, warnings);
    }

    /**
     * Names who holds the ports.
     *
     * @return the claim's owner
     */
    public Owner owner() {
        return claim.owner();
    }

    /**
     * Gives the port of a pool without roles.
     *
     * @return the number
     * @throws InvalidInputException if there are several
     */
    public int port() {
        if (ports.size() != 1) {
            throw InvalidInputException.of("ports of pool " + pool, ports, "a single port, or ask for one by its role");
        }
        return ports.values().iterator().next();
    }

    /**
     * Gives the port in a role.
     *
     * @param role the role
     * @return the number
     * @throws InvalidInputException if there is no such role
     */
    public int port(String role) {
        Integer number = ports.get(InvalidInputException.requireNonNull("role", role));
        if (number == null) {
            throw InvalidInputException.of("role", role, "one of " + ports.keySet());
        }
        return number;
    }
}
