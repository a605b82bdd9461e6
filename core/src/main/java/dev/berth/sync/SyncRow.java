package dev.berth.sync;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A row's values in the order of its {@link RowShape}, and where it is in the store that it was read from. */
public final class SyncRow {
    private final @Nullable String locator;
    private final @Nullable Object[] values;
    private final @Nullable String fault;
    private final Life life;

    private enum Life {
        LIVING,
        DELETED
    }

    private SyncRow(@Nullable String locator, @Nullable Object[] values, @Nullable String fault, Life life) {
        this.locator = locator;
        this.values = values;
        this.fault = fault;
        this.life = life;
    }

    /**
     * Makes a row that is in a store.
     *
     * @param locator where it is there
     * @param values its values, which are the row's from here on
     * @return the row
     */
    public static SyncRow at(String locator, @Nullable Object[] values) {
        return new SyncRow(locator, values, null, Life.LIVING);
    }

    /**
     * Makes a row that is nowhere yet.
     *
     * @param values its values, which are the row's from here on
     * @return the row
     */
    public static SyncRow of(@Nullable Object[] values) {
        return new SyncRow(null, values, null, Life.LIVING);
    }

    /**
     * Makes a row that is in a store and cannot travel.
     *
     * @param locator where it is there
     * @param values its values as far as they can be read
     * @param fault what is wrong with it
     * @return the row
     */
    public static SyncRow faulty(String locator, @Nullable Object[] values, String fault) {
        return new SyncRow(locator, values, fault, Life.LIVING);
    }

    /**
     * Says that the row is marked as deleted by the tombstone of its shape.
     *
     * @return the row with that mark
     */
    public SyncRow asDeleted() {
        return new SyncRow(locator, values, fault, Life.DELETED);
    }

    /**
     * Whether the row is marked as deleted by the tombstone of its shape.
     *
     * @return true if it is
     */
    public boolean isDeleted() {
        return life == Life.DELETED;
    }

    /**
     * Tells where the row is.
     *
     * @return its place in the store that it was read from; empty if it is of none
     */
    public Optional<String> locator() {
        return Optional.ofNullable(locator);
    }

    /**
     * Tells why the row cannot travel.
     *
     * @return what is wrong with a value or a link; empty if nothing is
     */
    public Optional<String> fault() {
        return Optional.ofNullable(fault);
    }

    /**
     * Gives a value.
     *
     * @param index which
     * @return the value, of its {@link ValueType}'s class
     * @throws IndexOutOfBoundsException if there is no such value
     */
    public @Nullable Object value(int index) {
        return values[index];
    }

    /**
     * Counts the values.
     *
     * @return how many there are
     */
    public int width() {
        return values.length;
    }

    @Nullable
    Object[] values() {
        return values;
    }
}
