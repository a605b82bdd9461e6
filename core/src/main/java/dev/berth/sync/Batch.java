package dev.berth.sync;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Carries some rows into a store, in one transaction of it: looks, decides, and writes unless it is a rehearsal. */
final class Batch {
    /** More rows than this, and than a fifth of the batch, are found to fail for one code: then it is not the rows. */
    private static final int FEW = 20;

    private static final int FIFTH = 5;

    private final TablePlan plan;
    private final TablePlan.Side side;
    private final Decision decision;
    private final Stamps stamps;
    private final Rehearsal rehearsal;
    private final Instant now;
    private final Map<String, Integer> faults = new HashMap<>();
    private final Unkept unkept;

    /** What was decided is what has become of the rows. */
    private boolean asDecided;

    private int size;
    private @Nullable SyncUnavailableException broken;

    Batch(TablePlan plan, Direction direction, Rules rules, Stamps stamps, Rehearsal rehearsal, Instant now) {
        this.plan = plan;
        this.side = plan.target(direction);
        this.unkept = new Unkept(plan, side);
        this.decision = new Decision(plan, direction, rules, stamps);
        this.stamps = stamps;
        this.rehearsal = rehearsal;
        this.now = now;
    }

    TablePlan plan() {
        return plan;
    }

    /** Whether all rows have come to what was decided, so that what is to be noted of them is the same as it was then. */
    boolean isAsDecided() {
        return asDecided;
    }

    /** Carries rows; tells once what is to become of them, before any is written. */
    void carry(SyncSession target, List<Item> items, Runnable decided) {
        faults.clear();
        asDecided = false;
        broken = null;
        // What is tried once more has failed before, all of it.
        size = items.stream().anyMatch(item -> item.isAgain) ? Integer.MAX_VALUE : items.size();
        decideAndWrite(target, items, () -> {
            asDecided = true;
            decided.run();
        });
        if (rehearsal.isReal()) {
            // A stranger may have been faster: with a row of that key, or with a value that must be unique.
            List<Item> refused = items.stream()
                    .filter(item -> item.reason == SetAside.Reason.REFUSED && !item.isResting)
                    .toList();
            if (!refused.isEmpty() && broken == null) {
                size = Integer.MAX_VALUE;
                asDecided = false;
                decideAndWrite(target, refused, () -> {});
            }
            if (broken != null && items.stream().noneMatch(Item::isWritten)) {
                // Nothing fits, so it is not the rows, and nothing is said of them.
                throw broken;
            }
            place(target, items);
            stamps.keepThere(target, items);
        }
    }

    private void decideAndWrite(SyncSession target, List<Item> items, Runnable decided) {
        for (Item item : items) {
            item.begin();
            plan.misfit(item.row, side).ifPresent(what -> item.fail(SetAside.Reason.VALUE, what));
            if (item.isOpen()
                    && !item.isAgain
                    && item.aside.filter(note -> note.rests(item.content, now)).isPresent()) {
                AsideNote note = item.aside.get();
                item.fail(note.reason(), note.message());
                item.isResting = true;
            }
        }
        look(target, open(items));
        separateFolded(open(items));
        lookForRenamed(target, open(items));
        stamps.stampThere(target, open(items));
        open(items).forEach(decision::decide);
        items.forEach(this::heedParents);
        List<Item> written = items.stream().filter(Item::isWritten).toList();
        List<List<Item>> groups = new UniqueValuesCheck(plan, side).groups(target, written);
        if (rehearsal.isReal()) {
            decided.run();
            write(target, groups);
        } else {
            items.stream().filter(Item::isInsert).forEach(item -> rehearsal.planned(plan, item));
        }
    }

    private static List<Item> open(List<Item> items) {
        return items.stream().filter(Item::isOpen).toList();
    }

    private SyncSession.Locking locking() {
        return rehearsal.isReal() ? SyncSession.Locking.ROWS : SyncSession.Locking.NONE;
    }

    /** Finds the rows there. Where the store cannot even compare a value, the row that has it is found by halving. */
    private void look(SyncSession target, List<Item> items) {
        if (items.isEmpty()) {
            return;
        }
        List<SyncRow> rows = items.stream().map(item -> item.row).toList();
        try {
            target.attempt(() -> {
                List<Lookup> found = target.find(side.shape(), rows, locking());
                for (int i = 0; i < rows.size(); i++) {
                    items.get(i).lookup = found.get(i);
                }
            });
        } catch (RowFaultException fault) {
            if (items.size() == 1) {
                blame(fault);
                items.get(0).fail(SetAside.Reason.REFUSED, said(fault));
            } else {
                look(target, items.subList(0, items.size() / 2));
                look(target, items.subList(items.size() / 2, items.size()));
            }
        }
    }

    /** Keys that differ here and are the same there are found before they collide. */
    private void separateFolded(List<Item> items) {
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            Lookup lookup = item.lookup;
            if (lookup == null) {
                throw new IllegalStateException("a store left out a row");
            }
            lookup.found().ifPresent(row -> {
                SyncRow there = plan.canonical(row);
                if (there.fault().isPresent()) {
                    item.fail(
                            SetAside.Reason.VALUE,
                            "the other side has a row of its key that cannot be read, and would lose what it has: "
                                    + there.fault().get());
                } else if (Item.idOf(plan, there).equals(item.id) && there.isDeleted()) {
                    item.grave = there;
                } else if (Item.idOf(plan, there).equals(item.id)) {
                    item.there = there;
                    item.contentThere = RowCodec.digest(there.values());
                } else {
                    item.fail(
                            SetAside.Reason.KEY_FOLDED,
                            "the other side takes its key for that of another row: "
                                    + List.of(shown(there), shown(item.row)) + "; rename one of them");
                }
            });
        }
        // Of rows that are all new there, none is preferred.
        Map<Item, List<Item>> same = new HashMap<>();
        for (int i = 0; i < items.size(); i++) {
            Lookup lookup = items.get(i).lookup;
            if (lookup != null && lookup.sameAs() != i && items.get(i).isOpen() && lookup.sameAs() < items.size()) {
                same.computeIfAbsent(items.get(lookup.sameAs()), first -> new ArrayList<>())
                        .add(items.get(i));
            }
        }
        same.forEach((first, others) -> {
            others.forEach(other -> foldedWith(other, first));
            if (first.over() == null) {
                foldedWith(first, others.get(0));
            }
        });
    }

    private void foldedWith(Item item, Item other) {
        if (item.isOpen()) {
            item.fail(
                    SetAside.Reason.KEY_FOLDED,
                    "the other side takes these keys for one: " + List.of(shown(other.row), shown(item.row))
                            + "; rename one of them");
        }
    }

    private List<Object> shown(SyncRow row) {
        List<Object> shown = new ArrayList<>();
        for (Object value : plan.keyOf(row)) {
            shown.add(String.valueOf(value));
        }
        return shown;
    }

    /** A row whose key has changed here is looked for by the key that it had. */
    private void lookForRenamed(SyncSession target, List<Item> items) {
        List<Item> renamed = items.stream()
                .filter(item -> item.renamed.isPresent() && item.over() == null)
                .toList();
        if (renamed.isEmpty()) {
            return;
        }
        List<SyncRow> keys = renamed.stream()
                .map(item -> plan.rowOfKey(item.renamed.orElseThrow().keyValues()))
                .toList();
        try {
            target.attempt(() -> {
                List<Lookup> found = target.find(side.shape(), keys, locking());
                for (int i = 0; i < keys.size(); i++) {
                    Item item = renamed.get(i);
                    found.get(i)
                            .found()
                            .filter(row -> !row.isDeleted())
                            .map(plan::canonical)
                            .ifPresent(there -> {
                                if (Item.idOf(plan, there)
                                        .equals(item.renamed.orElseThrow().id())) {
                                    item.asRenamed = true;
                                    item.there = there;
                                    item.contentThere = RowCodec.digest(there.values());
                                }
                            });
                }
            });
        } catch (RowFaultException fault) {
            throw new IllegalStateException("a key that was there cannot be looked for", fault);
        }
    }

    private void heedParents(Item item) {
        SyncRow written = item.toWrite;
        Lookup lookup = item.lookup;
        if (written == null || lookup == null) {
            return;
        }
        List<Integer> missing = lookup.orphanOf().stream()
                .filter(link -> !rehearsal.isPlanned(side.shape(), link, item.row))
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        SyncRow partial = plan.without(missing, written);
        boolean isNews =
                item.contentThere == null || !RowCodec.digest(partial.values()).equals(item.contentThere);
        if (plan.deferred().containsAll(missing) && isNews) {
            item.toWrite = partial;
            item.isPartial = true;
        } else {
            item.block();
        }
    }

    private void write(SyncSession target, List<List<Item>> groups) {
        if (groups.isEmpty()) {
            return;
        }
        List<Item> items = groups.stream().flatMap(List::stream).toList();
        try {
            target.attempt(() -> writeAll(target, items));
        } catch (RowFaultException fault) {
            asDecided = false;
            if (!unkept.isEmpty()) {
                unkept.setAside();
                List<List<Item>> whole = new ArrayList<>();
                for (List<Item> group : groups) {
                    if (group.stream().allMatch(Item::isWritten)) {
                        whole.add(group);
                    } else {
                        group.stream()
                                .filter(Item::isWritten)
                                .forEach(item -> UniqueValuesCheck.held(item, "a row that could not be written"));
                    }
                }
                write(target, whole);
                return;
            }
            if (groups.size() == 1) {
                blame(fault);
                items.forEach(item -> item.fail(SetAside.Reason.REFUSED, said(fault)));
            } else {
                write(target, groups.subList(0, groups.size() / 2));
                write(target, groups.subList(groups.size() / 2, groups.size()));
            }
        }
    }

    private void writeAll(SyncSession target, List<Item> items) throws RowFaultException {
        List<SyncRow> updates = new ArrayList<>();
        List<SyncRow> inserts = new ArrayList<>();
        List<String> revived = new ArrayList<>();
        for (Item item : items) {
            SyncRow written = item.toWrite;
            if (written == null) {
                continue;
            }
            SyncRow over = item.over();
            if (over == null) {
                inserts.add(SyncRow.of(written.values()));
                continue;
            }
            updates.add(SyncRow.at(over.locator().orElseThrow(), written.values()));
            if (item.there == null) {
                revived.add(over.locator().orElseThrow());
            }
        }
        for (var parked : UniqueValuesCheck.parked(side, items).entrySet()) {
            target.park(side.shape(), parked.getKey().unique(), parked.getValue());
        }
        int written = updates.isEmpty() ? 0 : target.update(side.shape(), updates);
        if (!revived.isEmpty()) {
            target.revive(side.shape(), revived);
        }
        if (!inserts.isEmpty()) {
            written += target.insert(side.shape(), inserts);
        }
        if (written < updates.size() + inserts.size() || side.fidelity() != TablePlan.Fidelity.EXACT) {
            asDecided = false;
            unkept.look(target, items.stream().filter(Item::isWritten).toList());
        }
    }

    /** A few poisoned rows are set aside; a poisoned database is not. What fits is written before the run ends. */
    private void blame(RowFaultException fault) {
        int guilty = faults.merge(fault.code(), 1, Integer::sum);
        if (guilty > FEW && guilty > size / FIFTH) {
            broken = new SyncUnavailableException(
                    "so many rows of " + plan.name() + " fail alike that something else must be wrong: " + said(fault)
                            + "; what of the batch fits has arrived",
                    SyncUnavailableException.Reason.BROKEN,
                    SyncUnavailableException.Outcome.NOT_DONE,
                    fault);
        }
    }

    /** Why the run is to end after this batch; empty if it is not. */
    Optional<SyncUnavailableException> broken() {
        return Optional.ofNullable(broken);
    }

    private static String said(RowFaultException fault) {
        return fault.code() + ": " + fault.getMessage();
    }

    /** Where the rows are there now. */
    private void place(SyncSession target, List<Item> items) {
        List<Item> inserted = new ArrayList<>();
        for (Item item : items) {
            SyncRow over = item.over();
            if (over != null) {
                item.placeThere = over.locator().orElse(null);
            } else if (item.isInsert()) {
                inserted.add(item);
            }
        }
        if (inserted.isEmpty() || !rehearsal.needsPlaces()) {
            return;
        }
        try {
            List<Lookup> found = target.find(
                    side.shape(), inserted.stream().map(item -> item.row).toList(), SyncSession.Locking.NONE);
            for (int i = 0; i < inserted.size(); i++) {
                inserted.get(i).placeThere =
                        found.get(i).found().flatMap(SyncRow::locator).orElse(null);
            }
        } catch (RowFaultException fault) {
            throw new IllegalStateException("a row that was written cannot be found", fault);
        }
    }

    /** What a batch may do. */
    interface Rehearsal {
        /** Whether rows are written. */
        boolean isReal();

        /** Whether it is of use to know where inserted rows are. */
        boolean needsPlaces();

        /** Notes that a row would be inserted. */
        void planned(TablePlan plan, Item item);

        /** Whether the parent of a row would be there. */
        boolean isPlanned(RowShape shape, int link, SyncRow row);
    }

    /** What is refused by none. */
    static final Set<Outcome> LEFT = Set.of(Outcome.FAILED, Outcome.BLOCKED);
}
