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
import java.util.function.Function;

/** What both stores declare of the tables to sync, and every reason that is found against a plan. Used once. */
final class Schemas {
    private final Map<String, SyncTable> tables = new LinkedHashMap<>();
    private final Map<String, StoreTable> locals = new HashMap<>();
    private final Map<String, StoreTable> remotes = new HashMap<>();
    private final List<String> reasons = new ArrayList<>();

    void read(List<SyncTable> wanted, Function<String, StoreTable> local, Function<String, StoreTable> remote) {
        for (SyncTable table : wanted) {
            Optional<StoreTable> here = read(local, table.name());
            Optional<StoreTable> there = read(remote, table.name());
            if (here.isPresent() && there.isPresent()) {
                locals.put(folded(table.name()), here.get());
                remotes.put(folded(table.name()), there.get());
                tables.put(folded(table.name()), table);
            }
        }
    }

    private Optional<StoreTable> read(Function<String, StoreTable> store, String name) {
        try {
            return Optional.of(store.apply(name));
        } catch (SyncRefusedException refused) {
            reasons.addAll(refused.reasons());
            return Optional.empty();
        }
    }

    List<SyncTable> tables() {
        return List.copyOf(tables.values());
    }

    Optional<SyncTable> table(String name) {
        return Optional.ofNullable(tables.get(folded(name)));
    }

    StoreTable local(String table) {
        return known(locals, table);
    }

    StoreTable remote(String table) {
        return known(remotes, table);
    }

    private static StoreTable known(Map<String, StoreTable> tables, String table) {
        StoreTable found = tables.get(folded(table));
        if (found == null) {
            throw new IllegalStateException("nothing is known of " + table);
        }
        return found;
    }

    /** Notes why there can be no plan; all reasons are told at once. */
    void refuse(String reason) {
        reasons.add(reason);
    }

    List<String> reasons() {
        return reasons;
    }

    void refuseIfNeeded() {
        if (!reasons.isEmpty()) {
            throw new SyncRefusedException(reasons.stream().distinct().toList());
        }
    }

    static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    static Set<String> foldedSet(List<String> names) {
        Set<String> set = new HashSet<>();
        names.forEach(name -> set.add(folded(name)));
        return set;
    }
}
