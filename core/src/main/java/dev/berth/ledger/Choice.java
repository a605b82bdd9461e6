package dev.berth.ledger;

/**
 * Something of which a claim takes one: a port pool, a range of ids, a list of names. Implementations are immutable and
 * safe for use by many threads.
 */
@FunctionalInterface
public interface Choice {
    /**
     * Gives the candidates for one owner, in the order in which they are to be tried.
     *
     * @param owner who asks
     * @return the candidates
     */
    Candidates candidates(Owner owner);
}
