package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A table to sync, and by what its rows are the same on both sides. Immutable: each method returns another table.
 *
 * <pre>{@code
 * SyncTable.named("hosts").key("hostname").version("updated_at");
 * SyncTable.named("domain_tags").key("domain_id", "tag_id").reference("domain_id", "domains");
 * }</pre>
 *
 * <p>What travels are the columns that both sides have, without generated ids: a foreign key travels as the natural key
 * of its parent. Columns that are not named, or are on one side only, are never written.
 */
public final class SyncTable {
    private final String name;
    private final List<String> key;
    private final Optional<String> version;
    private final Optional<String> tombstone;
    private final List<String> columns;
    private final Map<String, String> references;

    private SyncTable(
            String name,
            List<String> key,
            Optional<String> version,
            Optional<String> tombstone,
            List<String> columns,
            Map<String, String> references) {
        this.name = name;
        this.key = InvalidInputException.copyOf("key", key);
        this.version = version;
        this.tombstone = tombstone;
        this.columns = InvalidInputException.copyOf("columns", columns);
        this.references = InvalidInputException.copyOf("references", references);
    }

    /**
     * Names a table, which has the same name on both sides.
     *
     * @param name its name
     * @return the table, which needs a {@link #key} yet
     */
    public static SyncTable named(String name) {
        return new SyncTable(
                checked("table", name), List.of(), Optional.empty(), Optional.empty(), List.of(), Map.of());
    }

    private static String checked(String what, String name) {
        if (InvalidInputException.requireNonNull(what, name).isBlank()) {
            throw InvalidInputException.of(what, name, "a name");
        }
        return name;
    }

    private static List<String> checked(String what, String[] names) {
        List<String> all =
                InvalidInputException.copyOf(what, Arrays.asList(InvalidInputException.requireNonNull(what, names)));
        if (all.isEmpty() || Set.copyOf(all).size() < all.size()) {
            throw InvalidInputException.of(what, all, "at least one name, none of them twice");
        }
        return all.stream().map(name -> checked(what, name)).toList();
    }

    /**
     * Says by which columns a row is the same on both sides. They are unique there and never NULL; foreign keys may be
     * among them.
     *
     * @param columns their names
     * @return a table with that key
     * @throws InvalidInputException if there is none, or one twice
     */
    public SyncTable key(String... columns) {
        return new SyncTable(name, checked("key column", columns), version, tombstone, this.columns, references);
    }

    /**
     * Says which column tells how new a row is: a time, or a number that grows. Without it, {@link ConflictPolicy#NEWEST}
     * goes by when changes were made or noticed.
     *
     * @param column its name
     * @return a table with that version
     */
    public SyncTable version(String column) {
        return new SyncTable(name, key, Optional.of(checked("version column", column)), tombstone, columns, references);
    }

    /**
     * Says which column marks a row as deleted: a time, or a flag or number. A row is deleted where it is set, which is
     * every value but NULL, FALSE, 0 and the empty text.
     *
     * <p>If both sides have the column, it travels like any other; a row that gets it counts as {@link Outcome#DELETED},
     * one that loses it as {@link Outcome#INSERTED}, and where the other side has changed the row meanwhile, the {@link
     * DeletePolicy} decides. If only one side has it, a row that is marked there is not there to the other side: it is
     * deleted there, and what is deleted there is marked here, with the time or 1. A row that comes back loses the mark,
     * and has the column's default again.
     *
     * <p>A marked row still has its key and, unless the unique key holds only for rows without the mark, its unique
     * values; no other row gets them.
     *
     * @param column its name
     * @return a table with that tombstone
     */
    public SyncTable tombstone(String column) {
        return new SyncTable(name, key, version, Optional.of(checked("tombstone column", column)), columns, references);
    }

    /**
     * Says which columns travel, beside the key and the version; otherwise all that both sides have.
     *
     * @param columns their names
     * @return a table with those columns
     * @throws InvalidInputException if there is none, or one twice
     */
    public SyncTable columns(String... columns) {
        return new SyncTable(name, key, version, tombstone, checked("column", columns), references);
    }

    /**
     * Says that a column has the primary key of a parent, where neither side declares a foreign key.
     *
     * @param column its name
     * @param parent the parent's table, which is synced too
     * @return a table with that reference
     */
    public SyncTable reference(String column, String parent) {
        Map<String, String> more = new LinkedHashMap<>(references);
        more.put(checked("reference column", column), checked("parent table", parent));
        return new SyncTable(name, key, version, tombstone, columns, more);
    }

    /**
     * Gives the table's name.
     *
     * @return as it was given
     */
    public String name() {
        return name;
    }

    List<String> key() {
        return key;
    }

    Optional<String> version() {
        return version;
    }

    Optional<String> tombstone() {
        return tombstone;
    }

    Map<String, String> references() {
        return references;
    }

    /** The columns that were named, key and version included; empty if none were. */
    List<String> columns() {
        if (columns.isEmpty()) {
            return List.of();
        }
        List<String> all = new ArrayList<>(key);
        version.filter(one -> !all.contains(one)).ifPresent(all::add);
        columns.stream().filter(one -> !all.contains(one)).forEach(all::add);
        return all;
    }

    @Override
    public String toString() {
        return name + " by " + key;
    }
}
