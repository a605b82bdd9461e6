package dev.berth.sync;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads both schemas and makes the plan, or says every reason why there is none. Used once. */
final class Planner {
    private final Map<String, SyncTable> tables = new LinkedHashMap<>();
    private final Map<String, StoreTable> locals = new HashMap<>();
    private final Map<String, StoreTable> remotes = new HashMap<>();
    private final List<String> reasons = new ArrayList<>();

    /** A foreign key, by its columns on both sides. */
    private record Joint(
            List<String> columns, String parent, List<String> localReferenced, List<String> remoteReferenced) {}

    /** A member on both sides, and what is known of each of its values. */
    private record Twin(RowShape.Member local, RowShape.Member remote, List<Facts> facts) {}

    /** What is known of a value. */
    private record Facts(int digits, int localLength, int remoteLength) {}

    static List<TablePlan> plan(List<SyncTable> tables, SyncStore local, SyncStore remote) {
        return new Planner().make(tables, local, remote);
    }

    private List<TablePlan> make(List<SyncTable> wanted, SyncStore local, SyncStore remote) {
        for (SyncTable table : wanted) {
            Optional<StoreTable> here = read(local, table.name());
            Optional<StoreTable> there = read(remote, table.name());
            if (here.isPresent() && there.isPresent()) {
                locals.put(folded(table.name()), here.get());
                remotes.put(folded(table.name()), there.get());
                tables.put(folded(table.name()), table);
            }
        }
        refuseIfNeeded();
        tables.values().forEach(table -> {
            checkKey(table, local(table.name()), "the local");
            checkKey(table, remote(table.name()), "the remote");
        });
        refuseIfNeeded();
        List<TablePlan> plans = new ArrayList<>();
        tables.values().forEach(table -> tablePlan(table).ifPresent(plans::add));
        refuseIfNeeded();
        List<TablePlan> sorted = TableOrder.sort(plans, this::isNullable, reasons);
        refuseIfNeeded();
        return sorted;
    }

    private Optional<StoreTable> read(SyncStore store, String name) {
        try {
            return Optional.of(store.table(name));
        } catch (SyncRefusedException refused) {
            reasons.addAll(refused.reasons());
            return Optional.empty();
        }
    }

    private void refuseIfNeeded() {
        if (!reasons.isEmpty()) {
            throw new SyncRefusedException(reasons.stream().distinct().toList());
        }
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private StoreTable local(String table) {
        return known(locals, table);
    }

    private StoreTable remote(String table) {
        return known(remotes, table);
    }

    private static StoreTable known(Map<String, StoreTable> tables, String table) {
        StoreTable found = tables.get(folded(table));
        if (found == null) {
            throw new IllegalStateException("nothing is known of " + table);
        }
        return found;
    }

    /** Without a key that is unique and never NULL nobody can say which row a row is. */
    private void checkKey(SyncTable table, StoreTable store, String side) {
        for (String column : table.key()) {
            Optional<StoreColumn> found = store.column(column);
            if (found.isEmpty()) {
                reasons.add(side + " table " + table.name() + " has no column " + column + ", which is of its key");
            } else if (found.get().type() == ValueType.BYTES) {
                reasons.add(side + " column " + table.name() + "." + column
                        + " is of the key and holds bytes: take a key of numbers, texts or times");
            } else if (found.get().isNullable()
                    && store.primaryKey().stream().noneMatch(one -> one.equalsIgnoreCase(column))) {
                reasons.add(side + " column " + table.name() + "." + column
                        + " is of the key and takes NULL: make it NOT NULL");
            }
        }
        if (store.uniques().stream().noneMatch(unique -> isKey(table, unique))) {
            reasons.add(side + " table " + table.name() + " has no unique key of exactly " + table.key()
                    + ": make one, without a condition, or name the columns of one that is there");
        }
    }

    private static boolean isKey(SyncTable table, StoreTable.Unique unique) {
        return unique.reach() == StoreTable.Reach.ALL
                && foldedSet(unique.columns()).equals(foldedSet(table.key()));
    }

    private static Set<String> foldedSet(List<String> names) {
        Set<String> set = new HashSet<>();
        names.forEach(name -> set.add(folded(name)));
        return set;
    }

    private Optional<TablePlan> tablePlan(SyncTable table) {
        StoreTable here = local(table.name());
        StoreTable there = remote(table.name());
        List<String> columns = columns(table, here, there);
        int before = reasons.size();
        List<Twin> twins = twins(table, columns, List.of());
        checkNeeded(table, there, columns, "the remote");
        checkNeeded(table, here, columns, "the local");
        if (reasons.size() > before) {
            return Optional.empty();
        }
        List<Integer> key = keyMembers(table, twins);
        var local = new RowShape(
                here.name(),
                locator(table, here, "the local"),
                twins.stream().map(Twin::local).toList(),
                key);
        var remote = new RowShape(
                there.name(),
                locator(table, there, "the remote"),
                twins.stream().map(Twin::remote).toList(),
                key);
        List<Facts> facts =
                twins.stream().flatMap(twin -> twin.facts().stream()).toList();
        Optional<Integer> version = table.version().map(name -> valueOf(local, name));
        return Optional.of(new TablePlan(
                table,
                side(table, here, local, facts.stream().map(Facts::localLength).toList()),
                side(
                        table,
                        there,
                        remote,
                        facts.stream().map(Facts::remoteLength).toList()),
                facts.stream().map(Facts::digits).toList(),
                version,
                numbers(table, here, there),
                Set.of()));
    }

    private RowVersion.Numbers numbers(SyncTable table, StoreTable here, StoreTable there) {
        boolean counted = table.version()
                .flatMap(name -> here.column(name).filter(one -> one.type() == ValueType.INTEGER))
                .flatMap(one -> there.column(one.name()))
                .filter(one -> one.type() == ValueType.INTEGER)
                .isPresent();
        return counted ? RowVersion.Numbers.COUNTED : RowVersion.Numbers.TIMES;
    }

    /** What travels: what was named, or what both sides have but for generated ids. */
    private List<String> columns(SyncTable table, StoreTable here, StoreTable there) {
        List<String> wanted = table.columns();
        if (!wanted.isEmpty()) {
            for (String column : wanted) {
                for (StoreTable store : List.of(here, there)) {
                    if (store.column(column).isEmpty()) {
                        reasons.add("a side of table " + table.name() + " has no column " + column);
                    }
                }
            }
            return wanted;
        }
        table.version()
                .filter(name ->
                        here.column(name).isEmpty() || there.column(name).isEmpty())
                .ifPresent(name -> reasons.add("a side of table " + table.name() + " has no version column " + name));
        Set<String> ids = new HashSet<>();
        Set<String> links = new HashSet<>();
        joints(table).forEach(joint -> links.addAll(foldedSet(joint.columns())));
        for (StoreTable store : List.of(here, there)) {
            if (!foldedSet(store.primaryKey()).equals(foldedSet(table.key()))) {
                ids.addAll(foldedSet(store.primaryKey()));
            }
        }
        ids.removeAll(foldedSet(table.key()));
        ids.removeAll(links);
        return here.columns().stream()
                .filter(column -> column.filling() != StoreColumn.Filling.COMPUTED)
                .filter(column -> there.column(column.name())
                        .filter(other -> other.filling() != StoreColumn.Filling.COMPUTED)
                        .isPresent())
                .map(StoreColumn::name)
                .filter(name -> !ids.contains(folded(name)))
                .toList();
    }

    private void checkNeeded(SyncTable table, StoreTable store, List<String> columns, String side) {
        Set<String> given = foldedSet(columns);
        for (StoreColumn column : store.columns()) {
            if (column.filling() == StoreColumn.Filling.NEEDED && !given.contains(folded(column.name()))) {
                reasons.add(side + " column " + table.name() + "." + column.name()
                        + " needs a value and does not travel: give it a default, or name it among the columns");
            }
        }
    }

    /** The foreign keys that either side declares, or the caller does. */
    private List<Joint> joints(SyncTable table) {
        StoreTable here = local(table.name());
        StoreTable there = remote(table.name());
        Map<Set<String>, Joint> found = new LinkedHashMap<>();
        table.references().forEach((column, parent) -> {
            if (tables.containsKey(folded(parent))) {
                add(
                        found,
                        new Joint(
                                List.of(column),
                                parent,
                                local(parent).primaryKey(),
                                remote(parent).primaryKey()));
            } else {
                reasons.add(table.name() + "." + column + " refers to " + parent + ", which is not synced: add it");
            }
        });
        for (StoreTable.Reference one : here.references()) {
            add(
                    found,
                    new Joint(
                            one.columns(),
                            one.table(),
                            one.referenced(),
                            other(there, one).orElse(one.referenced())));
        }
        for (StoreTable.Reference one : there.references()) {
            add(
                    found,
                    new Joint(one.columns(), one.table(), other(here, one).orElse(one.referenced()), one.referenced()));
        }
        return List.copyOf(found.values());
    }

    private static void add(Map<Set<String>, Joint> found, Joint joint) {
        found.putIfAbsent(foldedSet(joint.columns()), joint);
    }

    private static Optional<List<String>> other(StoreTable store, StoreTable.Reference same) {
        return store.references().stream()
                .filter(one -> foldedSet(one.columns()).equals(foldedSet(same.columns())))
                .map(StoreTable.Reference::referenced)
                .findFirst();
    }

    /** Columns and links in the order of the columns; of the path, those tables whose keys are being resolved. */
    private List<Twin> twins(SyncTable table, List<String> columns, List<String> path) {
        List<Twin> twins = new ArrayList<>();
        Set<String> done = new HashSet<>();
        Set<String> travelling = foldedSet(columns);
        List<Joint> joints = joints(table);
        for (String column : columns) {
            if (done.contains(folded(column))) {
                continue;
            }
            Optional<Joint> joint = joints.stream()
                    .filter(one -> foldedSet(one.columns()).contains(folded(column)))
                    .findFirst();
            if (joint.isEmpty()) {
                plain(table, column).ifPresent(twins::add);
            } else if (!travelling.containsAll(foldedSet(joint.get().columns()))) {
                reasons.add(table.name() + ": of the foreign key " + joint.get().columns()
                        + " only some columns travel: name all, or none");
            } else {
                link(table, joint.get(), path).ifPresent(twins::add);
                done.addAll(foldedSet(joint.get().columns()));
            }
        }
        return twins;
    }

    private Optional<Twin> plain(SyncTable table, String column) {
        Optional<StoreColumn> here = local(table.name()).column(column);
        Optional<StoreColumn> there = remote(table.name()).column(column);
        if (here.isEmpty() || there.isEmpty()) {
            return Optional.empty();
        }
        Optional<ValueType> type = TypePairs.common(here.get(), there.get());
        if (type.isEmpty()) {
            reasons.add(table.name() + "." + column + " is " + here.get().declared() + " here and "
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
                        text ? remotePrecision : -1))));
    }

    /** The digits after the point that both keep. A loose column keeps what it is given. */
    private static int least(StoreColumn here, StoreColumn there) {
        int one = here.isLoose() ? -1 : here.precision();
        int other = there.isLoose() ? -1 : there.precision();
        return one < 0 ? other : other < 0 ? one : Math.min(one, other);
    }

    private Optional<Twin> link(SyncTable table, Joint joint, List<String> path) {
        SyncTable parent = tables.get(folded(joint.parent()));
        if (parent == null) {
            reasons.add(table.name() + "." + String.join(",", joint.columns()) + " refers to " + joint.parent()
                    + ", which is not synced: add it, or name the columns that travel without this one");
            return Optional.empty();
        }
        List<String> further = new ArrayList<>(path);
        further.add(folded(table.name()));
        boolean ofKey = foldedSet(table.key()).containsAll(foldedSet(joint.columns()));
        if (further.contains(folded(parent.name())) && (!path.isEmpty() || ofKey)) {
            reasons.add(table.name() + ": its key leads back to itself by way of " + joint.columns()
                    + ", so that no row could be named: take another key");
            return Optional.empty();
        }
        List<Twin> key = twins(parent, parent.key(), further);
        StoreTable here = local(table.name());
        StoreTable there = remote(table.name());
        return Optional.of(new Twin(
                new RowShape.Link(
                        names(here, joint.columns()),
                        names(local(parent.name()), joint.localReferenced()),
                        local(parent.name()).name(),
                        key.stream().map(Twin::local).toList()),
                new RowShape.Link(
                        names(there, joint.columns()),
                        names(remote(parent.name()), joint.remoteReferenced()),
                        remote(parent.name()).name(),
                        key.stream().map(Twin::remote).toList()),
                key.stream().flatMap(twin -> twin.facts().stream()).toList()));
    }

    private static List<String> names(StoreTable store, List<String> columns) {
        return columns.stream()
                .map(column -> store.column(column).map(StoreColumn::name).orElse(column))
                .toList();
    }

    private List<Integer> keyMembers(SyncTable table, List<Twin> twins) {
        Set<String> key = foldedSet(table.key());
        List<Integer> members = new ArrayList<>();
        for (int i = 0; i < twins.size(); i++) {
            Set<String> columns = foldedSet(twins.get(i).local().columns());
            if (key.containsAll(columns)) {
                members.add(i);
            } else if (columns.stream().anyMatch(key::contains)) {
                reasons.add(table.name() + ": the key has some columns of the foreign key " + columns
                        + ", and not all: make the key of all of them, or of none");
            }
        }
        return members;
    }

    private List<RowShape.Plain> locator(SyncTable table, StoreTable store, String side) {
        List<RowShape.Plain> locator = new ArrayList<>();
        for (String name : store.locator(table.key())) {
            StoreColumn column = store.column(name).orElseThrow();
            ValueType type = column.isLoose() && column.type() != ValueType.INTEGER ? ValueType.TEXT : column.type();
            if (type != ValueType.INTEGER && type != ValueType.TEXT && type != ValueType.UUID) {
                reasons.add(side + " table " + table.name() + " has a primary key of " + column.declared()
                        + ": only whole numbers, texts and UUIDs can be noted");
            }
            locator.add(new RowShape.Plain(column.name(), type));
        }
        return locator;
    }

    private TablePlan.Side side(SyncTable table, StoreTable store, RowShape shape, List<Integer> lengths) {
        List<TablePlan.UniqueValues> uniques = new ArrayList<>();
        for (StoreTable.Unique unique : store.uniques()) {
            if (unique.reach() == StoreTable.Reach.ALL && !isKey(table, unique)) {
                valuesOf(shape, unique.columns())
                        .ifPresent(values -> uniques.add(new TablePlan.UniqueValues(unique, values)));
            }
        }
        return new TablePlan.Side(shape, uniques, store.referrers(), lengths);
    }

    private static int valueOf(RowShape shape, String column) {
        return valuesOf(shape, List.of(column)).map(values -> values.get(0)).orElse(-1);
    }

    /** The values of some columns; empty if one of them does not travel. */
    private static Optional<List<Integer>> valuesOf(RowShape shape, List<String> columns) {
        List<Integer> values = new ArrayList<>();
        Set<String> left = foldedSet(columns);
        for (int i = 0; i < shape.members().size(); i++) {
            RowShape.Member member = shape.members().get(i);
            if (left.removeAll(foldedSet(member.columns()))) {
                for (int j = 0; j < member.width(); j++) {
                    values.add(shape.offset(i) + j);
                }
            }
        }
        return left.isEmpty() ? Optional.of(values) : Optional.empty();
    }

    private boolean isNullable(TablePlan plan, RowShape.Member member) {
        return member.columns().stream()
                .allMatch(column -> local(plan.name())
                                .column(column)
                                .orElseThrow()
                                .isNullable()
                        && remote(plan.name()).column(column).orElseThrow().isNullable());
    }
}
