package dev.berth.ledger;

/**
 * Where a resource must be unique: a Docker host, a Proxmox cluster, a proxy's domain. The same port in two scopes is
 * two resources.
 *
 * @param name the scope's name, 1 to 255 bytes of UTF-8, not blank, without control characters; compared byte for byte
 */
public record Scope(String name) {
    /** Unique in the whole ledger: the scope of a request that names none. */
    public static final Scope GLOBAL = new Scope("global");

    /**
     * Checks the name.
     *
     * @param name the scope's name
     * @throws dev.berth.InvalidInputException if it is null, blank, too long, or carries control characters
     */
    public Scope {
        Limits.text("scope", name, Limits.SCOPE);
    }

    /**
     * Names a scope.
     *
     * @param name the scope's name
     * @return the scope
     * @throws dev.berth.InvalidInputException if it is null, blank, too long, or carries control characters
     */
    public static Scope of(String name) {
        return new Scope(name);
    }

    @Override
    public String toString() {
        return name;
    }
}
