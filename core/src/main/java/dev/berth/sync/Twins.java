package dev.berth.sync;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds for each column that travels what it is on both sides: a plain value, or with others a link to a parent. */
final class Twins {
    private final Schemas schemas;

    /** A foreign key, by its columns on both sides. */
    record Joint(List<String> columns, String parent, List<String> localReferenced, List<String> remoteReferenced) {}

    /** A member on both sides, and what is known of each of its values. */
    record Twin(RowShape.Member local, RowShape.Member remote, List<Facts> facts) {}

    /** What is known of a value. */
    record Facts(int digits, int localLength, int remoteLength, Keeps local, Keeps remote) {}

    Twins(Schemas schemas) {
        this.schemas = schemas;
    }

    /** The foreign keys that either side declares, or the caller does. */
    List<Joint> joints(SyncTable table) {
        StoreTable here = schemas.local(table.name());
        StoreTable there = schemas.remote(table.name());
        Map<Set<String>, Joint> found = new LinkedHashMap<>();
        table.references().forEach((column, parent) -> {
            if (schemas.table(parent).isPresent()) {
                add(
                        table,
                        found,
                        new Joint(
                                List.of(column),
                                parent,
                                schemas.local(parent).primaryKey(),
                                schemas.remote(parent).primaryKey()));
            } else {
                schemas.refuse(table.name() + "." + column + " refers to " + parent + ", which is not synced: add it");
            }
        });
        for (StoreTable.Reference one : here.references()) {
            add(
                    table,
                    found,
                    new Joint(
                            one.columns(),
                            one.table(),
                            one.referenced(),
                            other(there, one).orElse(one.referenced())));
        }
        for (StoreTable.Reference one : there.references()) {
            add(
                    table,
                    found,
                    new Joint(one.columns(), one.table(), other(here, one).orElse(one.referenced()), one.referenced()));
        }
        return List.copyOf(found.values());
    }

    private void add(SyncTable table, Map<Set<String>, Joint> found, Joint joint) {
        Joint before = found.putIfAbsent(Schemas.foldedSet(joint.columns()), joint);
        if (before != null && !before.parent().equalsIgnoreCase(joint.parent())) {
            schemas.refuse(table.name() + "." + String.join(",", joint.columns()) + " refers to " + before.parent()
                    + " and to " + joint.parent() + ": a row's parent could not be told; let it refer to one");
        } else if (joint.localReferenced().size() != joint.columns().size()
                || joint.remoteReferenced().size() != joint.columns().size()) {
            schemas.refuse(table.name() + "." + String.join(",", joint.columns()) + " is to refer to " + joint.parent()
                    + ", whose primary key has another number of columns: declare the foreign key in the database");
        }
    }

    private static Optional<List<String>> other(StoreTable store, StoreTable.Reference same) {
        return store.references().stream()
                .filter(one -> Schemas.foldedSet(one.columns()).equals(Schemas.foldedSet(same.columns())))
                .map(StoreTable.Reference::referenced)
                .findFirst();
    }

    List<Twin> of(SyncTable table, List<String> columns) {
        return twins(table, columns, List.of());
    }

    /** Columns and links in the order of the columns; of the path, those tables whose keys are being resolved. */
    private List<Twin> twins(SyncTable table, List<String> columns, List<String> path) {
        List<Twin> twins = new ArrayList<>();
        Set<String> done = new HashSet<>();
        Set<Joint> linked = new HashSet<>();
        Set<String> travelling = Schemas.foldedSet(columns);
        List<Joint> joints = joints(table);
        for (String column : columns) {
            // Two may share a column: the one may be set where the other is not.
            List<Joint> those = joints.stream()
                    .filter(one -> Schemas.foldedSet(one.columns()).contains(Schemas.folded(column)))
                    .filter(linked::add)
                    .toList();
            if (those.isEmpty() && !done.contains(Schemas.folded(column))) {
                plain(table, column).ifPresent(twins::add);
            }
            for (Joint joint : those) {
                if (!travelling.containsAll(Schemas.foldedSet(joint.columns()))) {
                    schemas.refuse(table.name() + ": of the foreign key " + joint.columns()
                            + " only some columns travel: name all, or none");
                } else {
                    link(table, joint, path).ifPresent(twins::add);
                    done.addAll(Schemas.foldedSet(joint.columns()));
                }
            }
        }
        return twins;
    }

    private Optional<Twin> plain(SyncTable table, String column) {
        Optional<StoreColumn> here = schemas.local(table.name()).column(column);
        Optional<StoreColumn> there = schemas.remote(table.name()).column(column);
        if (here.isEmpty() || there.isEmpty()) {
            return Optional.empty();
        }
        Optional<ValueType> type = TypePairs.common(here.get(), there.get());
        if (type.isEmpty()) {
            schemas.refuse(table.name() + "." + column + " is " + here.get().declared() + " here and "
                    + there.get().declared() + " there: no value of the one is sure to be kept by the other");
            return Optional.empty();
        }
        int localPrecision = here.get().precision();
        int remotePrecision = there.get().precision();
        boolean text = type.get() == ValueType.TEXT;
        return Optional.of(new Twin(
                new RowShape.Plain(here.get().name(), type.get()),
                new RowShape.Plain(there.get().name(), type.get()),
                List.of(new Facts(
                        text ? -1 : least(here.get(), there.get()),
                        text ? localPrecision : -1,
                        text ? remotePrecision : -1,
                        Keeps.of(here.get(), type.get()),
                        Keeps.of(there.get(), type.get())))));
    }

    /** The digits after the point that both keep. A loose column keeps what it is given. */
    private static int least(StoreColumn here, StoreColumn there) {
        int one = here.isLoose() ? -1 : here.precision();
        int other = there.isLoose() ? -1 : there.precision();
        return one < 0 ? other : other < 0 ? one : Math.min(one, other);
    }

    private Optional<Twin> link(SyncTable table, Joint joint, List<String> path) {
        Optional<SyncTable> known = schemas.table(joint.parent());
        if (known.isEmpty()) {
            schemas.refuse(table.name() + "." + String.join(",", joint.columns()) + " refers to " + joint.parent()
                    + ", which is not synced: add it, or name the columns that travel without this one");
            return Optional.empty();
        }
        SyncTable parent = known.get();
        List<String> further = new ArrayList<>(path);
        further.add(Schemas.folded(table.name()));
        boolean ofKey = Schemas.foldedSet(table.key()).containsAll(Schemas.foldedSet(joint.columns()));
        if (further.contains(Schemas.folded(parent.name())) && (!path.isEmpty() || ofKey)) {
            schemas.refuse(table.name() + ": its key leads back to itself by way of " + joint.columns()
                    + ", so that no row could be named: take another key");
            return Optional.empty();
        }
        List<Twin> key = twins(parent, parent.key(), further);
        StoreTable here = schemas.local(table.name());
        StoreTable there = schemas.remote(table.name());
        return Optional.of(new Twin(
                new RowShape.Link(
                        names(here, joint.columns()),
                        names(schemas.local(parent.name()), joint.localReferenced()),
                        schemas.local(parent.name()).name(),
                        key.stream().map(Twin::local).toList()),
                new RowShape.Link(
                        names(there, joint.columns()),
                        names(schemas.remote(parent.name()), joint.remoteReferenced()),
                        schemas.remote(parent.name()).name(),
                        key.stream().map(Twin::remote).toList()),
                key.stream().flatMap(twin -> twin.facts().stream()).toList()));
    }

    private static List<String> names(StoreTable store, List<String> columns) {
        return columns.stream()
                .map(column -> store.column(column).map(StoreColumn::name).orElse(column))
                .toList();
    }
}
