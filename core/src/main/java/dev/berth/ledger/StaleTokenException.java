package dev.berth.ledger;

import dev.berth.BerthException;
import java.util.Optional;

/**
 * A change named a token, or an attempt, that is not current: the claim was changed by somebody else, or is gone.
 * Nothing was changed (law L5). Read the claim again and decide anew.
 */
public final class StaleTokenException extends BerthException {
    private static final long serialVersionUID = 1L;

    private final transient Token expected;
    private final transient Optional<Claim> current;

    /**
     * Makes the exception.
     *
     * @param what what was tried
     * @param expected the token that was named
     * @param current the claim as it is now, empty if it is gone
     */
    public StaleTokenException(String what, Token expected, Optional<Claim> current) {
        super("cannot " + what + " at " + expected + ": "
                + current.map(now -> "the claim of " + now.owner() + " is now at revision "
                                + now.token().revision() + " (" + now.state() + " since " + now.stateSince() + ")")
                        .orElse("the claim is gone")
                + "; read it again and decide anew");
        this.expected = expected;
        this.current = current;
    }

    /**
     * Gives the token that was named.
     *
     * @return the token
     */
    public Token expected() {
        return expected;
    }

    /**
     * Gives the claim as it is now.
     *
     * @return the claim, empty if it is gone
     */
    public Optional<Claim> current() {
        return current;
    }
}
