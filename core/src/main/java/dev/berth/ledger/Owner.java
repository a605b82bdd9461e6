package dev.berth.ledger;

/**
 * Who holds a claim. The tenant is the wall between users, the name the stable identity of the application within it;
 * both are compared byte for byte, never folded, trimmed or matched by prefix.
 *
 * @param tenant the user or group that the claim belongs to, 1 to 128 bytes of UTF-8, not blank, without control
 *     characters
 * @param name the application's stable identity within the tenant, 1 to 512 bytes of UTF-8, not blank, without control
 *     characters
 */
public record Owner(String tenant, String name) {
    /**
     * Checks both names.
     *
     * @param tenant the user or group that the claim belongs to
     * @param name the application's stable identity within the tenant
     * @throws dev.berth.InvalidInputException if one is null, blank, too long, or carries control characters
     */
    public Owner {
        Limits.text("owner tenant", tenant, Limits.TENANT);
        Limits.text("owner name", name, Limits.OWNER_NAME);
    }

    /**
     * Names an owner.
     *
     * @param tenant the tenant
     * @param name the name within the tenant
     * @return the owner
     * @throws dev.berth.InvalidInputException if one is null, blank, too long, or carries control characters
     */
    public static Owner of(String tenant, String name) {
        return new Owner(tenant, name);
    }

    @Override
    public String toString() {
        return tenant + ":" + name;
    }
}
