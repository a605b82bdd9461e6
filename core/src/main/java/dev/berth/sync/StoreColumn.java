package dev.berth.sync;

/**
 * A column as its store declares it.
 *
 * @param name its exact name
 * @param declared its type in the store's words
 * @param type what it holds
 * @param typing whether the store refuses values of another type
 * @param precision for text the most characters, for timestamps and decimals the digits after the point; -1 if unbounded
 * @param nullability whether it takes NULL
 * @param filling whether the store fills it where nothing is given
 */
public record StoreColumn(
        String name,
        String declared,
        ValueType type,
        Typing typing,
        int precision,
        Nullability nullability,
        Filling filling) {
    /** Whether a store refuses values of another type than declared. */
    public enum Typing {
        /** It does. */
        STRICT,
        /** It keeps any value in any column, as SQLite does. */
        LOOSE,
        /** It does, and fills texts up with blanks, or cuts blanks off: those at the end say nothing. */
        PADDED,
        /** It does, and may keep a value in another form than it was given: what was written is read again. */
        RESPELT
    }

    /** Whether a column takes NULL. */
    public enum Nullability {
        /** It does. */
        NULLABLE,
        /** It does not. */
        NOT_NULL
    }

    /** Whether the store fills a column where nothing is given. */
    public enum Filling {
        /** By a default, a sequence or as NULL. */
        FILLED,
        /** A value must be given. */
        NEEDED,
        /** The store computes it, and takes no value. */
        COMPUTED
    }

    /**
     * Whether it takes NULL.
     *
     * @return true if it does
     */
    public boolean isNullable() {
        return nullability == Nullability.NULLABLE;
    }

    /**
     * Whether the store keeps any value in it.
     *
     * @return true if it does
     */
    public boolean isLoose() {
        return typing == Typing.LOOSE;
    }
}
