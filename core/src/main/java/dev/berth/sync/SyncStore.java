package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.time.Instant;
import java.util.Collection;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A database as the sync engine asks for it. It is dumb: it reads rows, finds them by natural key, writes what it is
 * told, and keeps notes. Identity, versions, conflicts, order and counts are the engine's. Safe for use by many threads.
 *
 * <p>Every method throws {@link SyncUnavailableException} where the database cannot do its work.
 */
public interface SyncStore extends AutoCloseable {
    /** Work in one transaction. It may be run again from the start, so it changes nothing outside. */
    @FunctionalInterface
    interface Work<T> {
        /**
         * Does it.
         *
         * @param session the transaction
         * @return what it finds
         * @throws RowFaultException if a row cannot be written; the transaction is rolled back
         */
        T run(SyncSession session) throws RowFaultException;
    }

    /**
     * A store that is opened when it is first asked, and again by the next question while that fails: for a remote
     * database that need not be there when the application starts.
     *
     * @param opening opens the store; it throws {@link SyncUnavailableException} while the database is not there
     * @return the store; {@link #close} closes what was opened
     */
    static SyncStore opening(Supplier<? extends SyncStore> opening) {
        return new LateSyncStore(InvalidInputException.requireNonNull("opening", opening));
    }

    /**
     * Tells which database this is: an id that was made with Berth's tables there and is never made again.
     *
     * @return the id
     */
    UUID identity();

    /**
     * Describes the database for people, without secrets.
     *
     * @return its product and place
     */
    String describe();

    /**
     * Tells the time by the database's clock, the one that captured changes are noted by.
     *
     * @return the time
     */
    Instant now();

    /**
     * Lists the tables that could be synced.
     *
     * @return their names, without Berth's own and those of the database itself, in no order
     */
    Collection<String> tables();

    /**
     * Reads what a table is declared as.
     *
     * @param name the table
     * @return its columns, keys and references
     * @throws SyncRefusedException if there is none of that name, or rows could be changed unseen there
     */
    StoreTable table(String name);

    /**
     * Runs work in one transaction, whole or not at all. What came to grief because others were in the way is run again,
     * for as long as the store has patience.
     *
     * @param <T> what the work finds
     * @param work the work
     * @return what it found
     * @throws RowFaultException what the work threw; nothing was changed
     * @throws SyncUnavailableException if it failed; whether anything was changed is its outcome
     */
    <T> T transact(Work<T> work) throws RowFaultException;

    /**
     * Runs work that only reads, in a transaction as {@link #transact} does; but where the store can, it keeps nobody from
     * writing. Stores that know of no such transaction need not have one.
     *
     * @param <T> what the work finds
     * @param work the work, which writes nothing
     * @return what it found
     * @throws RowFaultException what the work threw
     * @throws SyncUnavailableException if it failed
     */
    default <T> T read(Work<T> work) throws RowFaultException {
        return transact(work);
    }

    /**
     * Tells how many transactions this store can run at the same time, those on threads of their own: with two or more, a
     * run reads and writes here while it waits for the other store. One that waits for another to end does no harm.
     *
     * @return how many, at least; 1 if that is not known
     */
    default int sessions() {
        return 1;
    }

    /**
     * Sees to it that from the return of this call on, every committed change of these tables is among the
     * {@linkplain SyncSession#changes changes} for a reader: by triggers.
     *
     * @param shapes the tables
     * @param reader the reader
     * @return those whose changes were not captured for it before this call
     */
    Collection<String> startCapture(Collection<RowShape> shapes, UUID reader);

    /**
     * Takes away what {@link #startCapture} has made for a table, for all readers; does nothing where there is nothing.
     *
     * @param table the table
     */
    void endCapture(String table);

    /** Ends what the store itself has opened. */
    @Override
    void close();
}
