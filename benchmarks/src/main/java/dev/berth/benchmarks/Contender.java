package dev.berth.benchmarks;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/**
 * One way to hand out slots by a database of its own. Safe for use by many threads.
 *
 * @param <H> what a caller keeps to give back what it got
 */
interface Contender<H> extends AutoCloseable {
    /** What every contender's owners belong to. */
    String TENANT = "lab";

    String name();

    /** Takes slots for owners of their own, the lowest first, by whatever way is quick. */
    List<H> fill(int count) throws SQLException;

    /**
     * Takes a slot.
     *
     * @param caller which thread asks
     * @param owner for whom, a name that never comes twice
     */
    H take(int caller, String owner) throws SQLException;

    void giveBack(int caller, H held) throws SQLException;

    /**
     * Asks, as take does, for what an owner of fill holds already.
     *
     * @param caller which thread asks
     * @param held what its owner holds
     * @return what the owner is told
     */
    default H again(int caller, H held) throws SQLException {
        throw new UnsupportedOperationException(name() + " cannot find what is held");
    }

    /** Which slot that is. */
    int slot(H held);

    /** How often somebody else was quicker, in all. */
    long retries();

    /**
     * Compares what the database holds with what the callers hold.
     *
     * @return what is wrong, and nothing if all is well
     */
    List<String> check(Collection<H> held) throws SQLException;

    /** How far up the slots in use reach: 1 means that the lowest are in use and no others. */
    double stretch(Collection<H> held);

    @Override
    void close();
}
