package dev.berth.sync;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads both schemas and makes the plan, or says every reason why there is none. Used once. */
final class Planner {
    private final Schemas schemas = new Schemas();
    private final Twins twins = new Twins(schemas);

    static List<TablePlan> plan(List<SyncTable> tables, SyncStore local, SyncStore remote) {
        return plan(tables, local::table, remote::table);
    }

    /** With declarations that were read before. */
    static List<TablePlan> plan(
            List<SyncTable> tables, Function<String, StoreTable> local, Function<String, StoreTable> remote) {
        return new Planner().make(tables, local, remote);
    }

    private List<TablePlan> make(
            List<SyncTable> wanted, Function<String, StoreTable> local, Function<String, StoreTable> remote) {
        schemas.read(wanted, local, remote);
        schemas.refuseIfNeeded();
        for (SyncTable table : schemas.tables()) {
            checkKey(table, schemas.local(table.name()), "the local");
            checkKey(table, schemas.remote(table.name()), "the remote");
        }
        schemas.refuseIfNeeded();
        List<TablePlan> plans = new ArrayList<>();
        schemas.tables().forEach(table -> tablePlan(table).ifPresent(plans::add));
        schemas.refuseIfNeeded();
        List<TablePlan> sorted = TableOrder.sort(plans, this::isNullable, schemas.reasons());
        schemas.refuseIfNeeded();
        return sorted;
    }

    /** Without a key that is unique and never NULL nobody can say which row a row is. */
    private void checkKey(SyncTable table, StoreTable store, String side) {
        for (String column : table.key()) {
            Optional<StoreColumn> found = store.column(column);
            if (found.isEmpty()) {
                schemas.refuse(side + " table " + table.name() + " has no column " + column + ", which is of its key");
            } else if (found.get().type() == ValueType.BYTES) {
                schemas.refuse(side + " column " + table.name() + "." + column
                        + " is of the key and holds bytes: take a key of numbers, texts or times");
            } else if (found.get().isNullable()
                    && store.primaryKey().stream().noneMatch(one -> one.equalsIgnoreCase(column))) {
                schemas.refuse(side + " column " + table.name() + "." + column
                        + " is of the key and takes NULL: make it NOT NULL");
            }
        }
        if (store.uniques().stream().noneMatch(unique -> isKey(table, unique))) {
            schemas.refuse(side + " table " + table.name() + " has no unique key of exactly " + table.key()
                    + ": make one, without a condition, or name the columns of one that is there");
        }
    }

    private static boolean isKey(SyncTable table, StoreTable.Unique unique) {
        return unique.reach() == StoreTable.Reach.ALL
                && Schemas.foldedSet(unique.columns()).equals(Schemas.foldedSet(table.key()));
    }

    private Optional<TablePlan> tablePlan(SyncTable table) {
        StoreTable here = schemas.local(table.name());
        StoreTable there = schemas.remote(table.name());
        List<String> columns = columns(table, here, there);
        int before = schemas.reasons().size();
        List<Twins.Twin> pairs = twins.of(table, columns);
        table.tombstone().ifPresent(name -> new Tombstones(schemas).check(table, name));
        checkNeeded(table, there, columns, "the remote");
        checkNeeded(table, here, columns, "the local");
        if (schemas.reasons().size() > before) {
            return Optional.empty();
        }
        List<Integer> key = keyMembers(table, pairs);
        var local = new RowShape(
                here.name(),
                locator(table, here, "the local"),
                pairs.stream().map(Twins.Twin::local).toList(),
                key,
                Tombstones.own(table, here, there));
        var remote = new RowShape(
                there.name(),
                locator(table, there, "the remote"),
                pairs.stream().map(Twins.Twin::remote).toList(),
                key,
                Tombstones.own(table, there, here));
        List<Twins.Facts> facts =
                pairs.stream().flatMap(twin -> twin.facts().stream()).toList();
        Optional<Integer> version = table.version().map(name -> valueOf(local, name));
        return Optional.of(new TablePlan(
                table,
                side(
                        table,
                        schemas::local,
                        here,
                        local,
                        facts.stream().map(Twins.Facts::localLength).toList(),
                        facts.stream().map(Twins.Facts::local).toList()),
                side(
                        table,
                        schemas::remote,
                        there,
                        remote,
                        facts.stream().map(Twins.Facts::remoteLength).toList(),
                        facts.stream().map(Twins.Facts::remote).toList()),
                facts.stream().map(Twins.Facts::digits).toList(),
                version,
                numbers(table, here, there),
                table.tombstone()
                        .filter(name -> Tombstones.isShared(name, here, there))
                        .map(name -> valueOf(local, name)),
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
                        schemas.refuse("a side of table " + table.name() + " has no column " + column);
                    }
                }
            }
            List<String> all = new ArrayList<>(wanted);
            table.tombstone()
                    .filter(name -> Tombstones.isShared(name, here, there))
                    .filter(name -> !Schemas.foldedSet(wanted).contains(Schemas.folded(name)))
                    .ifPresent(all::add);
            return all;
        }
        table.version()
                .filter(name ->
                        here.column(name).isEmpty() || there.column(name).isEmpty())
                .ifPresent(
                        name -> schemas.refuse("a side of table " + table.name() + " has no version column " + name));
        Set<String> ids = new HashSet<>();
        Set<String> links = new HashSet<>();
        twins.joints(table).forEach(joint -> links.addAll(Schemas.foldedSet(joint.columns())));
        for (StoreTable store : List.of(here, there)) {
            if (!Schemas.foldedSet(store.primaryKey()).equals(Schemas.foldedSet(table.key()))) {
                ids.addAll(Schemas.foldedSet(store.primaryKey()));
            }
        }
        ids.removeAll(Schemas.foldedSet(table.key()));
        ids.removeAll(links);
        return here.columns().stream()
                .filter(column -> column.filling() != StoreColumn.Filling.COMPUTED)
                .filter(column -> there.column(column.name())
                        .filter(other -> other.filling() != StoreColumn.Filling.COMPUTED)
                        .isPresent())
                .map(StoreColumn::name)
                .filter(name -> !ids.contains(Schemas.folded(name)))
                .toList();
    }

    private void checkNeeded(SyncTable table, StoreTable store, List<String> columns, String side) {
        Set<String> given = Schemas.foldedSet(columns);
        for (StoreColumn column : store.columns()) {
            if (column.filling() == StoreColumn.Filling.NEEDED && !given.contains(Schemas.folded(column.name()))) {
                schemas.refuse(side + " column " + table.name() + "." + column.name()
                        + " needs a value and does not travel: give it a default, or name it among the columns");
            }
        }
    }

    private List<Integer> keyMembers(SyncTable table, List<Twins.Twin> pairs) {
        Set<String> key = Schemas.foldedSet(table.key());
        List<Integer> members = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            Set<String> columns = Schemas.foldedSet(pairs.get(i).local().columns());
            if (key.containsAll(columns)) {
                members.add(i);
            } else if (columns.stream()
                    .filter(key::contains)
                    .anyMatch(column -> pairs.stream()
                            .map(pair -> Schemas.foldedSet(pair.local().columns()))
                            .noneMatch(other -> other.contains(column) && key.containsAll(other)))) {
                schemas.refuse(table.name() + ": the key has some columns of the foreign key " + columns
                        + ", and not all: make the key of all of them, or of none");
            }
        }
        return members;
    }

    private List<RowShape.Plain> locator(SyncTable table, StoreTable store, String side) {
        List<RowShape.Plain> locator = new ArrayList<>();
        for (String name : store.locator(table.key())) {
            StoreColumn column = store.column(name).orElseThrow();
            if (column.isLoose() && (column.type() == ValueType.BYTES || column.type() == ValueType.ANY)) {
                schemas.refuse(side + " table " + table.name() + " has a primary key of " + column.declared()
                        + ", by which a row is not found again as a text: make it a TEXT or an INTEGER");
            }
            if (column.isNullable() && !Schemas.foldedSet(table.key()).contains(Schemas.folded(name))) {
                schemas.refuse(side + " column " + table.name() + "." + column.name()
                        + " is of the primary key and takes NULL, so that rows of it are not told apart: make it NOT"
                        + " NULL");
            }
            ValueType type = column.isLoose() && column.type() != ValueType.INTEGER ? ValueType.TEXT : column.type();
            if (type != ValueType.INTEGER && type != ValueType.TEXT && type != ValueType.UUID) {
                schemas.refuse(side + " table " + table.name() + " has a primary key of " + column.declared()
                        + ": only whole numbers, texts and UUIDs can be noted");
            }
            locator.add(new RowShape.Plain(column.name(), type));
        }
        return locator;
    }

    private TablePlan.Side side(
            SyncTable table,
            Function<String, StoreTable> schema,
            StoreTable store,
            RowShape shape,
            List<Integer> lengths,
            List<Keeps> keeps) {
        List<TablePlan.UniqueValues> uniques = new ArrayList<>();
        for (StoreTable.Unique unique : store.uniques()) {
            if (unique.reach() == StoreTable.Reach.ALL && !isKey(table, unique)) {
                valuesOf(shape, unique.columns())
                        .ifPresent(values -> uniques.add(new TablePlan.UniqueValues(unique, values)));
            }
        }
        return new TablePlan.Side(
                shape,
                uniques,
                new Tombstones(schemas).referrers(shape, store, schema),
                lengths,
                keeps,
                fidelity(store, shape));
    }

    private static TablePlan.Fidelity fidelity(StoreTable store, RowShape shape) {
        if (store.keeping() == StoreTable.Keeping.BY_TRIGGERS) {
            return TablePlan.Fidelity.TRIGGERED;
        }
        boolean respelt = shape.members().stream()
                .filter(RowShape.Plain.class::isInstance)
                .flatMap(member -> member.columns().stream())
                .flatMap(name -> store.column(name).stream())
                .anyMatch(column -> column.typing() == StoreColumn.Typing.RESPELT);
        return respelt ? TablePlan.Fidelity.RESPELT : TablePlan.Fidelity.EXACT;
    }

    private static int valueOf(RowShape shape, String column) {
        return valuesOf(shape, List.of(column)).map(values -> values.get(0)).orElse(-1);
    }

    /** The values of some columns; empty if one of them does not travel. */
    private static Optional<List<Integer>> valuesOf(RowShape shape, List<String> columns) {
        List<Integer> values = new ArrayList<>();
        Set<String> left = Schemas.foldedSet(columns);
        for (int i = 0; i < shape.members().size(); i++) {
            RowShape.Member member = shape.members().get(i);
            if (left.removeAll(Schemas.foldedSet(member.columns()))) {
                for (int j = 0; j < member.width(); j++) {
                    values.add(shape.offset(i) + j);
                }
            }
        }
        return left.isEmpty() ? Optional.of(values) : Optional.empty();
    }

    private boolean isNullable(TablePlan plan, RowShape.Member member) {
        return member.columns().stream()
                .allMatch(column ->
                        schemas.local(plan.name()).column(column).orElseThrow().isNullable()
                                && schemas.remote(plan.name())
                                        .column(column)
                                        .orElseThrow()
                                        .isNullable());
    }
}
