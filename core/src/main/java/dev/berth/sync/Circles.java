package dev.berth.sync;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Deletes rows of which each refers to another that is to be deleted: the links that take NULL are taken from them first, in
 * one transaction with the deletes, so that a row which stays keeps its links.
 */
final class Circles {
    private final Map<LegDeletes, List<LegDeletes.Held>> left = new LinkedHashMap<>();
    private final Map<LegDeletes, Burials> burials = new LinkedHashMap<>();

    /** With the tables of one direction, children first. */
    Circles(List<LegDeletes> tables) {
        tables.stream().filter(table -> !table.held().isEmpty()).forEach(table -> left.put(table, table.held()));
    }

    boolean isEmpty() {
        return left.isEmpty();
    }

    /** Deletes what can be; the transaction may run again. */
    Effects carry(SyncSession target) {
        Map<LegDeletes, List<LegDeletes.Held>> those = new LinkedHashMap<>(left);
        boolean goesOn = true;
        while (goesOn) {
            goesOn = false;
            burials.clear();
            those.values().removeIf(List::isEmpty);
            try {
                target.attempt(() -> deleteAll(target, those));
            } catch (RowFaultException some) {
                // Those that cannot go are left out, and what they lost is theirs again.
                Set<Digest> stay = new HashSet<>();
                burials.values().forEach(one -> one.left().forEach(agreed -> stay.add(agreed.id())));
                those.replaceAll((table, rows) -> rows.stream()
                        .filter(row -> !stay.contains(row.agreed().id()))
                        .toList());
                burials.clear();
                goesOn = !stay.isEmpty() && those.values().stream().anyMatch(rows -> !rows.isEmpty());
            }
        }
        var effects = new Effects();
        burials.forEach((table, one) -> {
            one.forgetStamps(target);
            Set<Digest> ids = new HashSet<>();
            one.done().forEach(burial -> ids.add(burial.agreed().id()));
            List<Long> changes = new ArrayList<>();
            those.getOrDefault(table, List.of()).stream()
                    .filter(row -> ids.contains(row.agreed().id()))
                    .forEach(row -> changes.addAll(row.changes()));
            effects.then(table.effects(one.done(), changes));
        });
        return effects;
    }

    private void deleteAll(SyncSession target, Map<LegDeletes, List<LegDeletes.Held>> those) throws RowFaultException {
        those.forEach((table, rows) -> {
            Burials one = table.burials();
            one.judge(target, rows.stream().map(LegDeletes.Held::agreed).toList());
            burials.put(table, one);
        });
        for (Burials one : burials.values()) {
            one.unlink(target);
        }
        boolean frees = true;
        while (frees) {
            frees = false;
            for (Burials one : burials.values()) {
                frees |= one.bury(target);
            }
        }
        if (burials.values().stream().anyMatch(one -> !one.left().isEmpty())) {
            throw new RowFaultException("referred", "others refer to some rows", new IllegalStateException());
        }
    }

    /** Tells the tables what became of their rows. */
    void tell() {
        burials.forEach((table, one) -> table.done(one.done()));
    }
}
