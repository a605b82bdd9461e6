package dev.berth.sync;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One transaction on a {@link SyncStore}. Not safe for use by many threads, and of no use when its work has returned.
 *
 * <p>Rows that are written were found by the same session, so they are locked and cannot have changed since. Where a shape
 * has a tombstone, rows that are marked by it are read and found like others, and {@linkplain SyncRow#isDeleted say so};
 * nothing but {@link #bury} and {@link #revive} writes to it.
 */
public interface SyncSession {
    /** Whether rows that are found are to stay as they are until the transaction ends. */
    enum Locking {
        /** They may change. */
        NONE,
        /** Nobody else changes or deletes them. */
        ROWS
    }

    /** A part of the transaction's work that is undone alone if it fails. */
    @FunctionalInterface
    interface Part {
        /**
         * Does it.
         *
         * @throws RowFaultException if a row cannot be written
         */
        void run() throws RowFaultException;
    }

    /**
     * Reads the next rows in the order of their locators.
     *
     * @param shape what of them
     * @param after the locator of the last row that is known; empty to begin
     * @param limit how many at most
     * @return the rows; fewer than the limit at the end
     */
    List<SyncRow> page(RowShape shape, Optional<String> after, int limit);

    /**
     * Reads the rows of some locators.
     *
     * @param shape what of them
     * @param locators where
     * @return those that are there, in no order
     */
    List<SyncRow> located(RowShape shape, Collection<String> locators);

    /**
     * Finds rows by their natural key, as the store itself compares it, and looks whether their parents are there.
     *
     * @param shape what of them
     * @param rows rows whose keys and links count
     * @param locking whether what is found stays as it is
     * @return an answer for each row, in their order
     * @throws RowFaultException if a value does not fit this store
     */
    List<Lookup> find(RowShape shape, List<SyncRow> rows, Locking locking) throws RowFaultException;

    /**
     * Finds who has the values of a unique key.
     *
     * @param shape what of them
     * @param unique the key
     * @param rows rows whose values count; their parents must be there
     * @return for each row, in their order, who has its values: empty if nobody, or one of them is NULL
     * @throws RowFaultException if a value does not fit this store
     */
    List<Optional<SyncRow>> holders(RowShape shape, StoreTable.Unique unique, List<SyncRow> rows)
            throws RowFaultException;

    /**
     * Inserts rows. A link whose parent is not there is written as NULL.
     *
     * @param shape what of them
     * @param rows the rows
     * @return how many were written, as far as the store tells: a trigger may drop some without a word
     * @throws RowFaultException if one of them cannot be written; which, is not told
     */
    int insert(RowShape shape, List<SyncRow> rows) throws RowFaultException;

    /**
     * Writes all columns of the shape to rows that are there. A link whose parent is not there is written as NULL.
     *
     * @param shape what of them
     * @param rows the rows with their locators here
     * @return how many were written, as far as the store tells
     * @throws RowFaultException if one of them cannot be written; which, is not told
     */
    int update(RowShape shape, List<SyncRow> rows) throws RowFaultException;

    /**
     * Writes to rows a value of a unique key that nobody else has, until their own is written in the same transaction.
     *
     * @param shape the table
     * @param unique the key
     * @param locators where
     * @throws RowFaultException if one of them cannot be written
     */
    void park(RowShape shape, StoreTable.Unique unique, Collection<String> locators) throws RowFaultException;

    /**
     * Tells which rows others refer to: in any table, and not by themselves.
     *
     * @param shape the table
     * @param referrers who may refer to it; rows that are marked as deleted by their {@code but} do not count
     * @param locators where
     * @return those of the locators that are referred to
     */
    Set<String> referred(RowShape shape, List<StoreTable.Referrer> referrers, Collection<String> locators);

    /**
     * Reads rows that refer to others by a link.
     *
     * @param shape what of them
     * @param link the link, by its index among the members
     * @param rows rows of which the values of the link count
     * @param most how many at most that refer to one of them
     * @return for each row, in their order, those that refer to what it refers to, but for rows that are marked as deleted;
     *     none if that is not there
     */
    List<List<SyncRow>> referring(RowShape shape, int link, List<SyncRow> rows, int most);

    /**
     * Deletes rows.
     *
     * @param shape the table
     * @param locators where
     * @return how many were deleted, as far as the store tells
     * @throws RowFaultException if one of them cannot be deleted
     */
    int delete(RowShape shape, Collection<String> locators) throws RowFaultException;

    /**
     * Marks rows as deleted, by the tombstone of their shape.
     *
     * @param shape the table, with a tombstone
     * @param locators where
     * @param at the time, for tombstones that keep one
     * @throws RowFaultException if one of them cannot be marked
     */
    void bury(RowShape shape, Collection<String> locators, Instant at) throws RowFaultException;

    /**
     * Takes the mark from rows that are marked as deleted: their tombstones get the default of the column.
     *
     * @param shape the table, with a tombstone
     * @param locators where
     * @throws RowFaultException if one of them cannot be brought back
     */
    void revive(RowShape shape, Collection<String> locators) throws RowFaultException;

    /**
     * Sums up all rows but those that are marked as deleted, if the store can do so where they are. Stores that cannot are
     * asked for the rows.
     *
     * <p>A row's digest is the MD5 of the texts of its values, one after the other, in UTF-8: {@code N;} for NULL, else the
     * number of the text's bytes, a colon, the text and a semicolon. Whole numbers are in decimal digits; exact numbers
     * too, without an exponent and without zeros at the end of a fraction; floating point numbers as the 16 hexadecimal
     * digits of their bits; booleans as 1 or 0; times of day and instants as microseconds since midnight or 1970, dates as
     * days since 1970; bytes in lower hexadecimal digits; UUIDs in lower case.
     *
     * @param shape what of them
     * @param digits for each value that is an instant the digits after the point that count; -1 if all
     * @param bits by how many of the first bits of their keys' digests rows are summed up: 0 for all together, or 12
     * @return a sum for each group that has rows; empty if the store cannot
     */
    default Optional<List<RowSum>> sums(RowShape shape, List<Integer> digits, int bits) {
        return Optional.empty();
    }

    /**
     * Reads the rows whose keys' digests begin with certain bits, as they are for {@link #sums}.
     *
     * @param shape what of them
     * @param digits as for the sums
     * @param buckets the first 12 bits
     * @return the rows, in no order; empty if the store cannot sum them up
     */
    default Optional<List<SyncRow>> rowsOf(RowShape shape, List<Integer> digits, Collection<Integer> buckets) {
        return Optional.empty();
    }

    /**
     * Does a part that is undone alone if it fails.
     *
     * @param part the part
     * @throws RowFaultException what the part threw; the transaction is as it was before it
     */
    void attempt(Part part) throws RowFaultException;

    /**
     * Lets nobody else write notes in a book until the transaction ends.
     *
     * @param book the book's name
     */
    void lock(String book);

    /**
     * Reads notes by their ids.
     *
     * @param book the book's name
     * @param ids which
     * @return those that are there, in no order
     */
    List<Note> notes(String book, Collection<Digest> ids);

    /**
     * Reads notes by the rows that they are about.
     *
     * @param book the book's name
     * @param places the rows' locators
     * @return those that are there, in no order
     */
    List<Note> notesAt(String book, Collection<String> places);

    /**
     * Reads the next notes in the order of their ids.
     *
     * @param book the book's name
     * @param after the last id that is known; empty to begin
     * @param limit how many at most
     * @return the notes; fewer than the limit at the end
     */
    List<Note> notesAfter(String book, Optional<Digest> after, int limit);

    /**
     * Counts the notes of a book.
     *
     * @param book the book's name
     * @return how many there are
     */
    long countNotes(String book);

    /**
     * Writes notes, each in the place of the one with its id.
     *
     * @param book the book's name
     * @param notes the notes, no two with one id
     */
    void put(String book, Collection<Note> notes);

    /**
     * Removes notes.
     *
     * @param book the book's name
     * @param ids which
     */
    void remove(String book, Collection<Digest> ids);

    /**
     * Removes all notes of a book.
     *
     * @param book the book's name
     */
    void clear(String book);

    /**
     * Reads captured changes of a table in the order of their rows' locators, whatever order that is, those of a row
     * together.
     *
     * @param feed of which table, and for whom
     * @param after the last locator that is known; empty to begin
     * @param limit how many at most, unless one row has more
     * @return the changes
     */
    List<RowChange> changes(ChangeFeed feed, Optional<String> after, int limit);

    /**
     * Reads all captured changes of some rows of a table.
     *
     * @param feed of which table, and for whom
     * @param places the rows' locators
     * @return the changes, in no order
     */
    List<RowChange> changesAt(ChangeFeed feed, Collection<String> places);

    /**
     * Notes a change as if it had been captured.
     *
     * @param feed of which table, and for whom
     * @param place the row's locator
     * @param kind what happened to it
     */
    void note(ChangeFeed feed, String place, RowChange.Kind kind);

    /**
     * Notes rows as updated among the captured changes.
     *
     * @param feed of which table, and for whom
     * @param places the rows' locators
     */
    void noteChanges(ChangeFeed feed, Collection<String> places);

    /**
     * Counts the captured changes of a table.
     *
     * @param feed of which table, and for whom
     * @return how many the feed has; empty if it is a reader's for whom the table's changes are not captured
     */
    OptionalLong countChanges(ChangeFeed feed);

    /**
     * Removes captured changes.
     *
     * @param numbers which
     */
    void forget(Collection<Long> numbers);
}
