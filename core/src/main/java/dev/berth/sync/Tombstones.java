package dev.berth.sync;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Finds out what a table's tombstone is on each side, and why it can be none. */
final class Tombstones {
    private final Schemas schemas;

    Tombstones(Schemas schemas) {
        this.schemas = schemas;
    }

    /** Whether both sides have the column, so that it travels. */
    static boolean isShared(String name, StoreTable here, StoreTable there) {
        return here.column(name).isPresent() && there.column(name).isPresent();
    }

    /** The tombstone that only one side has, which marks there what is deleted on the other. */
    static Optional<RowShape.Plain> own(SyncTable table, StoreTable store, StoreTable other) {
        return table.tombstone()
                .filter(name -> other.column(name).isEmpty())
                .flatMap(store::column)
                .map(column -> new RowShape.Plain(column.name(), column.type()));
    }

    void check(SyncTable table, String name) {
        StoreTable here = schemas.local(table.name());
        StoreTable there = schemas.remote(table.name());
        if (here.column(name).isEmpty() && there.column(name).isEmpty()) {
            schemas.refuse("neither side of table " + table.name() + " has the tombstone column " + name
                    + ": name one that marks deleted rows, or none");
        }
        if (Schemas.foldedSet(table.key()).contains(Schemas.folded(name))
                || table.version().filter(name::equalsIgnoreCase).isPresent()) {
            schemas.refuse(table.name() + "." + name + " is its key or version, so it cannot be its tombstone: name"
                    + " another column");
        }
        here.column(name).ifPresent(column -> check(table, column, here, "the local"));
        there.column(name).ifPresent(column -> check(table, column, there, "the remote"));
    }

    private void check(SyncTable table, StoreColumn column, StoreTable store, String side) {
        String what = side + " column " + table.name() + "." + column.name();
        boolean refers = store.references().stream()
                .anyMatch(one -> Schemas.foldedSet(one.columns()).contains(Schemas.folded(column.name())));
        if (refers || column.filling() == StoreColumn.Filling.COMPUTED) {
            schemas.refuse(what + " is " + (refers ? "a foreign key" : "computed")
                    + ", so it cannot be a tombstone: name a column that can be set");
            return;
        }
        switch (column.type()) {
            case BOOLEAN, INTEGER, DECIMAL, DOUBLE -> {}
            case TIMESTAMP, DATE, TEXT, ANY -> {
                if (!column.isNullable()) {
                    schemas.refuse(
                            what + " is the tombstone and takes no NULL, so that no row of it would be there: let"
                                    + " it take NULL, or take a flag");
                }
            }
            case TIME, UUID, BYTES, OTHER ->
                schemas.refuse(
                        what + " is the tombstone and " + column.declared() + ": take a time, a flag or a number");
        }
    }

    /**
     * Who refers to a side's rows. Where these are only marked, children that are marked themselves are in nobody's way;
     * a row that is removed must not be referred to by anything.
     */
    List<StoreTable.Referrer> referrers(RowShape shape, StoreTable store, Function<String, StoreTable> side) {
        if (shape.tombstone().isEmpty()) {
            return store.referrers();
        }
        return store.referrers().stream()
                .map(one ->
                        new StoreTable.Referrer(one.table(), one.columns(), one.referenced(), mark(one.table(), side)))
                .toList();
    }

    private Optional<RowShape.Plain> mark(String child, Function<String, StoreTable> side) {
        return schemas.table(child)
                .flatMap(SyncTable::tombstone)
                .flatMap(name -> side.apply(child).column(name))
                .map(column -> new RowShape.Plain(column.name(), column.type()));
    }
}
