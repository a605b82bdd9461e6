package dev.berth.jdbc;

import java.sql.SQLException;

/** A database, and how transactions run on it: within a bound repeated whole where others were in the way. */
interface Transactions extends AutoCloseable {
    /** What is done in a transaction; it may be run again from the start, so it changes nothing outside. */
    @FunctionalInterface
    interface Work<T> {
        T run(Session session) throws SQLException;
    }

    /** Runs work that only reads. Each of its statements is of one instant, which is not before this call. */
    <T> T read(Work<T> work);

    /**
     * Runs work that may write, in one transaction. When this returns, what it wrote is durable.
     *
     * @throws dev.berth.ledger.StoreUnavailableException if it failed; whether anything was kept is its outcome
     */
    <T> T write(Work<T> work);

    /** Whether work that must wait for others is tried again. */
    enum Waiting {
        /** As long as there is patience. */
        PATIENT,
        /** A few times: its caller knows another way. */
        BRIEF
    }

    /**
     * Runs what is a transaction by itself and may write.
     *
     * @param waiting whether it is tried again where a lock is in the way
     *
     * @throws dev.berth.ledger.StoreUnavailableException if it failed; whether anything was kept is its outcome
     */
    <T> T writeAtOnce(Waiting waiting, Work<T> work);

    /** Runs statements that must each be on their own, as those that make tables. */
    <T> T prepare(Work<T> work);

    Dialect dialect();

    /** The latest time that was told. */
    StoreClock clock();

    /** The database for people, without secrets. */
    String describe();

    @Override
    void close();
}
