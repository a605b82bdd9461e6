package dev.berth.testkit;

import dev.berth.sync.SyncStore;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fresh database with the tables that the suite of {@link SyncStoreContract} writes to, all empty, in the store's own
 * words. Columns take NULL where nothing else is said; texts are compared to the byte or not, as the store does.
 *
 * <ul>
 *   <li>{@code parent}: {@code id}, a whole number that the database makes and that may be given, the primary key;
 *       {@code name}, text of 60 characters, unique and never NULL; {@code code}, text of 40, unique; {@code note} and
 *       {@code extra}, texts of 200.
 *   <li>{@code child}: {@code id} and {@code name} as above; {@code parent_id}, which refers to {@code parent.id}; {@code
 *       up_id}, which refers to {@code child.id}. No reference removes or changes rows by itself.
 *   <li>{@code tag}: {@code parent_id}, which refers to {@code parent.id}, and {@code label}, text of 40, together the
 *       primary key; {@code weight}, a whole number.
 *   <li>{@code mark}: {@code id} and {@code name} as above; {@code gone}, a whole number, 0 by default and never NULL;
 *       {@code gone_at}, a time; {@code parent_id}, which refers to {@code parent.id}.
 *   <li>{@code region}: {@code id} and {@code name} as above; {@code country} and {@code code}, texts of 10 that are never
 *       NULL, together unique.
 *   <li>{@code town}: {@code id} and {@code name} as above; {@code country} and {@code code}, texts of 10, which together
 *       refer to those of {@code region}.
 *   <li>{@code vals}: {@code id} and {@code name} as above; and a column for each type that a value can have, in which the
 *       store keeps it to the last digit: {@code v_integer} of 64 bits, {@code v_decimal} of 20 digits before and 10 after
 *       the point, {@code v_double}, {@code v_boolean}, {@code v_text} of any length, {@code v_bytes}, {@code v_timestamp}
 *       and {@code v_time} in microseconds, {@code v_date}, {@code v_uuid}.
 * </ul>
 *
 * <p>The suite opens a fixture before each law, on one thread, and closes it after; the stores it uses from several.
 */
public interface SyncFixture extends AutoCloseable {
    /** A transaction of the application that the tables belong to. */
    interface Writes {
        /**
         * Inserts a row.
         *
         * @param table its table
         * @param columns its columns' values: {@code Long}, {@code String} or null
         * @throws Exception if that fails; the law then fails
         */
        void insert(String table, Map<String, @Nullable Object> columns) throws Exception;

        /**
         * Updates rows.
         *
         * @param table their table
         * @param where the columns that say which, none of them NULL
         * @param columns the columns that change
         * @throws Exception if that fails; the law then fails
         */
        void update(String table, Map<String, @Nullable Object> where, Map<String, @Nullable Object> columns)
                throws Exception;

        /**
         * Deletes rows.
         *
         * @param table their table
         * @param where the columns that say which, none of them NULL
         * @throws Exception if that fails; the law then fails
         */
        void delete(String table, Map<String, @Nullable Object> where) throws Exception;
    }

    /** What the application does in a transaction. */
    @FunctionalInterface
    interface Deed {
        /**
         * Does it.
         *
         * @param application the transaction
         * @throws Exception if that fails
         */
        void run(Writes application) throws Exception;
    }

    /** How a transaction of the application ends. */
    enum End {
        /** Its changes stay. */
        COMMIT,
        /** They do not. */
        ROLLBACK
    }

    /**
     * Gives the store.
     *
     * @return the same one at every call
     */
    SyncStore store();

    /**
     * Opens another store on the same database, as another process would.
     *
     * @return a new one, which the caller closes
     * @throws Exception if it cannot be opened; the law then fails
     */
    SyncStore another() throws Exception;

    /**
     * Runs a transaction of the application, by a connection of its own and not by the store.
     *
     * @param end how it ends
     * @param deed what it does
     * @throws Exception what the deed threw
     */
    void application(End end, Deed deed) throws Exception;

    /** Closes the store and whatever else the fixture opened. */
    @Override
    void close();
}
