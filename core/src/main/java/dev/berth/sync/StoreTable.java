package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.util.List;
import java.util.Optional;

/**
 * A table as its store declares it.
 *
 * @param name its exact name
 * @param columns its columns, in their order
 * @param primaryKey the columns of its primary key; empty if it has none
 * @param uniques its unique keys, the primary key included
 * @param references its foreign keys
 * @param referrers the foreign keys of other tables, and of itself, that refer to it
 * @param keeping whether it keeps what it is given
 */
public record StoreTable(
        String name,
        List<StoreColumn> columns,
        List<String> primaryKey,
        List<Unique> uniques,
        List<Reference> references,
        List<Referrer> referrers,
        Keeping keeping) {
    /** Whether a table keeps what it is given. */
    public enum Keeping {
        /** It does, or refuses it. */
        AS_GIVEN,
        /** Triggers or rules of others than Berth may change what is written, or drop it without a word. */
        BY_TRIGGERS
    }

    /**
     * Copies the lists.
     *
     * @param name its exact name
     * @param columns its columns, in their order
     * @param primaryKey the columns of its primary key; empty if it has none
     * @param uniques its unique keys, the primary key included
     * @param references its foreign keys
     * @param referrers the foreign keys of other tables, and of itself, that refer to it
     * @param keeping whether it keeps what it is given
     */
    public StoreTable {
        columns = InvalidInputException.copyOf("columns", columns);
        primaryKey = InvalidInputException.copyOf("primaryKey", primaryKey);
        uniques = InvalidInputException.copyOf("uniques", uniques);
        references = InvalidInputException.copyOf("references", references);
        referrers = InvalidInputException.copyOf("referrers", referrers);
    }

    /**
     * A unique key.
     *
     * @param name its name, for messages
     * @param columns its columns
     * @param reach which rows it holds for
     */
    public record Unique(String name, List<String> columns, Reach reach) {
        /**
         * Copies the columns.
         *
         * @param name its name, for messages
         * @param columns its columns
         * @param reach which rows it holds for
         */
        public Unique {
            columns = InvalidInputException.copyOf("columns", columns);
        }
    }

    /** Which rows a unique key holds for. */
    public enum Reach {
        /** All of them. */
        ALL,
        /** Those that fit a condition, or it is one of expressions. */
        PARTIAL
    }

    /**
     * A foreign key of this table.
     *
     * @param columns its columns here
     * @param table the table that it refers to
     * @param referenced the columns there, in the same order
     */
    public record Reference(List<String> columns, String table, List<String> referenced) {
        /**
         * Copies the columns.
         *
         * @param columns its columns here
         * @param table the table that it refers to
         * @param referenced the columns there, in the same order
         */
        public Reference {
            columns = InvalidInputException.copyOf("columns", columns);
            referenced = InvalidInputException.copyOf("referenced", referenced);
        }
    }

    /**
     * A foreign key that refers to this table.
     *
     * @param schema where the table that has it is; empty if it is where this one is
     * @param table the table that has it
     * @param columns its columns there
     * @param referenced the columns here, in the same order
     * @param but the column by which rows of that table are marked as deleted, which then do not count; empty if all do
     */
    public record Referrer(
            Optional<String> schema,
            String table,
            List<String> columns,
            List<String> referenced,
            Optional<RowShape.Plain> but) {
        /**
         * Copies the columns.
         *
         * @param schema where the table that has it is; empty if it is where this one is
         * @param table the table that has it
         * @param columns its columns there
         * @param referenced the columns here, in the same order
         * @param but the column by which rows of that table are marked as deleted, which then do not count; empty if all
         *     do
         */
        public Referrer {
            columns = InvalidInputException.copyOf("columns", columns);
            referenced = InvalidInputException.copyOf("referenced", referenced);
        }
    }

    /**
     * Finds a column by its name, whose case counts only where two differ by nothing else.
     *
     * @param column the name
     * @return the column
     */
    public Optional<StoreColumn> column(String column) {
        Optional<StoreColumn> exact =
                columns.stream().filter(one -> one.name().equals(column)).findFirst();
        return exact.isPresent()
                ? exact
                : columns.stream()
                        .filter(one -> one.name().equalsIgnoreCase(column))
                        .findFirst();
    }

    /**
     * Names the columns by which one row is told from the others in this store: the primary key, else the given columns.
     *
     * @param otherwise the natural key
     * @return the columns
     */
    public List<String> locator(List<String> otherwise) {
        return primaryKey.isEmpty() ? List.copyOf(otherwise) : primaryKey;
    }
}
