package dev.berth.runtime;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import java.util.Optional;

/**
 * What an instance is to be made with. Names and ports may differ from one call to the next, where the runtime had others
 * in the way.
 *
 * @param claim the claim, pending, with all that is held
 * @param attempt the attempt
 * @param name the instance's name, empty if the request names none
 */
public record Grant(Claim claim, Attempt attempt, Optional<String> name) {
    /**
     * Gives the port in a role.
     *
     * @param role the role ({@code backend}); for a pool without roles the part's name
     * @return the host's port
     * @throws dev.berth.InvalidInputException if no port is held in that role, or several are
     */
    public int port(String role) {
        return claim.port(role);
    }

    /**
     * Gives the value of a part that is a single resource: a path, a host name.
     *
     * @param part the part's name
     * @return the resource's canonical value
     * @throws dev.berth.InvalidInputException if the part is not held or has several resources
     */
    public String value(String part) {
        return claim.value(part);
    }
}
