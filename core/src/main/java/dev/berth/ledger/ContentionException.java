package dev.berth.ledger;

import dev.berth.BerthException;

/**
 * Others were quicker each of many times, though what was asked for seemed free. Nothing was changed; asking again may
 * succeed. Never thrown for something that is held.
 */
public final class ContentionException extends BerthException {
    private static final long serialVersionUID = 1L;

    /** How many times it was tried. */
    private final int rounds;

    /**
     * Makes the exception.
     *
     * @param what what was tried
     * @param rounds how many times
     */
    public ContentionException(String what, int rounds) {
        super(what + " lost against others " + rounds + " times in a row; nothing was changed: ask again");
        this.rounds = rounds;
    }

    /**
     * Says how many times it was tried.
     *
     * @return the number of rounds
     */
    public int rounds() {
        return rounds;
    }
}
