package dev.berth.runtime;

import dev.berth.ledger.Claim;

/**
 * An owner's instance, running, with the claim that holds what it uses.
 *
 * @param claim the claim, active
 * @param instance the instance as it was last seen
 * @param origin where it comes from
 * @param report what was tried
 */
public record Provisioned(Claim claim, Instance instance, Origin origin, ProvisionReport report)
        implements ProvisionOutcome {
    /** Where an instance comes from. */
    public enum Origin {
        /** It was made now. */
        CREATED,
        /** It was there, and was started again or found running. */
        RESUMED,
        /** It was active already. */
        REUSED,
        /** It was there, made by somebody else, and is the claim's from now on. */
        ADOPTED
    }

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
}
