package dev.berth.sync;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Finds the tables that both stores have, and for each the key by which a row is the same. What the schemas do not tell for
 * sure is not guessed: a generated number is no key, and of two keys none is preferred. Used once.
 */
final class TableFinder {
    private static final String VERSION = "updated_at";

    private final SyncStore local;
    private final SyncStore remote;
    private final Map<String, StoreTable> locals = new HashMap<>();
    private final Map<String, StoreTable> remotes = new HashMap<>();
    private final Map<String, SyncTable> found = new TreeMap<>();
    private final Map<String, List<String>> refused = new TreeMap<>();

    TableFinder(SyncStore local, SyncStore remote) {
        this.local = local;
        this.remote = remote;
    }

    Discovery find() {
        Map<String, String> here = names(local);
        Map<String, String> there = names(remote);
        here.forEach((name, exact) -> {
            if (there.containsKey(name)) {
                look(exact);
            } else {
                refuse(exact, "only the local database has it");
            }
        });
        there.forEach((name, exact) -> {
            if (!here.containsKey(name)) {
                refuse(exact, "only the remote database has it");
            }
        });
        return new Discovery(safe(), refused);
    }

    private static Map<String, String> names(SyncStore store) {
        Map<String, String> names = new TreeMap<>();
        store.tables().forEach(name -> names.put(Schemas.folded(name), name));
        return names;
    }

    private void refuse(String table, String why) {
        refused.computeIfAbsent(table, name -> new ArrayList<>()).add(why);
    }

    private void look(String name) {
        try {
            StoreTable here = local.table(name);
            StoreTable there = remote.table(name);
            locals.put(Schemas.folded(name), here);
            remotes.put(Schemas.folded(name), there);
            List<List<String>> keys = keys(here, there);
            Optional<List<String>> primary = keys.stream()
                    .filter(key -> isSame(key, here.primaryKey()) || isSame(key, there.primaryKey()))
                    .findFirst();
            if (primary.isEmpty() && keys.size() != 1) {
                refuse(
                        name,
                        keys.isEmpty()
                                ? "no unique key of both sides says which row is which: it would have to hold for all rows,"
                                        + " be never NULL, and be no generated number; make one, or name one by"
                                        + " SyncTable.named(...).key(...)"
                                : "each of " + keys + " could be its key: name one by SyncTable.named(...).key(...)");
                return;
            }
            SyncTable table = SyncTable.named(name)
                    .key(primary.orElseGet(() -> keys.get(0)).toArray(String[]::new));
            found.put(Schemas.folded(name), isVersion(here) && isVersion(there) ? table.version(VERSION) : table);
        } catch (SyncRefusedException unfit) {
            unfit.reasons().forEach(why -> refuse(name, why));
        }
    }

    private static boolean isSame(List<String> one, List<String> other) {
        return Schemas.foldedSet(one).equals(Schemas.foldedSet(other));
    }

    /** The unique keys that both declare. */
    private static List<List<String>> keys(StoreTable here, StoreTable there) {
        Map<Set<String>, List<String>> keys = new LinkedHashMap<>();
        for (StoreTable.Unique unique : here.uniques()) {
            boolean both = there.uniques().stream()
                    .anyMatch(other ->
                            other.reach() == StoreTable.Reach.ALL && isSame(other.columns(), unique.columns()));
            if (both
                    && unique.reach() == StoreTable.Reach.ALL
                    && tells(here, unique.columns())
                    && tells(there, unique.columns())) {
                keys.putIfAbsent(Schemas.foldedSet(unique.columns()), unique.columns());
            }
        }
        return List.copyOf(keys.values());
    }

    /** Whether a unique key says on this side which row a row is. */
    private static boolean tells(StoreTable table, List<String> key) {
        return key.stream().allMatch(name -> {
            StoreColumn column = table.column(name).orElseThrow();
            boolean primary = Schemas.foldedSet(table.primaryKey()).contains(Schemas.folded(name));
            return (primary || !column.isNullable())
                    && column.type() != ValueType.BYTES
                    && !isGenerated(table, column, primary);
        });
    }

    private static boolean isGenerated(StoreTable table, StoreColumn column, boolean primary) {
        boolean refers = table.references().stream()
                .anyMatch(one -> Schemas.foldedSet(one.columns()).contains(Schemas.folded(column.name())));
        // SQLite fills a number of a primary key only where it is the whole of it.
        boolean alone = table.primaryKey().size() == 1;
        return primary
                && !refers
                && (alone || !column.isLoose())
                && column.type() == ValueType.INTEGER
                && column.filling() == StoreColumn.Filling.FILLED;
    }

    private static boolean isVersion(StoreTable table) {
        return table.column(VERSION)
                .filter(column -> switch (column.type()) {
                    case TIMESTAMP, DATE, INTEGER, TEXT -> true;
                    default -> false;
                })
                .isPresent();
    }

    /** The tables for which there is a plan, together with all that they refer to. */
    private List<SyncTable> safe() {
        List<SyncTable> safe = new ArrayList<>();
        for (SyncTable table : found.values()) {
            Set<SyncTable> needed = new LinkedHashSet<>();
            collect(table, needed);
            try {
                plan(List.copyOf(needed));
                safe.add(table);
            } catch (SyncRefusedException unfit) {
                unfit.reasons().forEach(why -> refuse(table.name(), why));
            }
        }
        if (safe.isEmpty()) {
            return safe;
        }
        return plan(safe).stream().map(TablePlan::table).toList();
    }

    private List<TablePlan> plan(List<SyncTable> tables) {
        return Planner.plan(tables, known(locals), known(remotes));
    }

    private static Function<String, StoreTable> known(Map<String, StoreTable> tables) {
        return name -> {
            StoreTable table = tables.get(Schemas.folded(name));
            if (table == null) {
                throw new IllegalStateException("nothing is known of " + name);
            }
            return table;
        };
    }

    private void collect(SyncTable table, Set<SyncTable> needed) {
        if (!needed.add(table)) {
            return;
        }
        for (Map<String, StoreTable> side : List.of(locals, remotes)) {
            for (StoreTable.Reference one : known(side).apply(table.name()).references()) {
                SyncTable parent = found.get(Schemas.folded(one.table()));
                if (parent != null) {
                    collect(parent, needed);
                }
            }
        }
    }
}
