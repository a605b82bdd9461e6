package dev.berth.ledger;

import dev.berth.BerthException;

/** An owner that was named holds no claim. Nothing was changed. */
public final class ClaimNotFoundException extends BerthException {
    private static final long serialVersionUID = 1L;

    private final transient Owner owner;

    /**
     * Makes the exception.
     *
     * @param owner the owner
     * @param what what was tried
     */
    public ClaimNotFoundException(Owner owner, String what) {
        super("cannot " + what + ": " + owner + " holds no claim; owners are compared exactly, byte for byte");
        this.owner = owner;
    }

    /**
     * Names the owner that holds no claim.
     *
     * @return the owner
     */
    public Owner owner() {
        return owner;
    }
}
