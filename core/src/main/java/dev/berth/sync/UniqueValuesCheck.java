package dev.berth.sync;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds out before anything is written which rows want a unique value that another row has. Where that row gives it up in
 * the same batch, the two are written together, the holder first with a value that nobody has; else the row is set aside.
 */
final class UniqueValuesCheck {
    private final TablePlan plan;
    private final TablePlan.Side side;

    /** A row wants what another of the batch gives up. */
    private record Wait(Item item, Item holder) {}

    UniqueValuesCheck(TablePlan plan, TablePlan.Side side) {
        this.plan = plan;
        this.side = side;
    }

    /** The rows that can be written, those together that must be. */
    List<List<Item>> groups(SyncSession target, List<Item> items) {
        List<Wait> waits = new ArrayList<>();
        for (TablePlan.UniqueValues unique : side.uniques()) {
            waits.addAll(waits(target, unique, items));
        }
        boolean settled = false;
        while (!settled) {
            settled = true;
            for (Wait wait : waits) {
                if (wait.item().isWritten() && !wait.holder().isWritten()) {
                    held(wait.item(), "a row that could not be written");
                    settled = false;
                }
            }
        }
        return joined(items, waits);
    }

    private List<Wait> waits(SyncSession target, TablePlan.UniqueValues unique, List<Item> items) {
        List<Item> wanting = items.stream()
                .filter(Item::isWritten)
                .filter(item -> wants(unique, item))
                .toList();
        if (wanting.isEmpty()) {
            return List.of();
        }
        Map<String, Item> here = new HashMap<>();
        for (Item item : items) {
            SyncRow over = item.over();
            if (over != null) {
                here.put(over.locator().orElseThrow(), item);
            }
        }
        List<Optional<SyncRow>> holders = holders(target, unique, wanting);
        List<Wait> waits = new ArrayList<>();
        for (int i = 0; i < wanting.size(); i++) {
            Item item = wanting.get(i);
            Optional<SyncRow> found = holders.get(i);
            if (found.isEmpty() || isAt(item, found.get())) {
                continue;
            }
            Item holder = here.get(found.get().locator().orElseThrow());
            if (holder != null && holder.isWritten() && givesUp(unique, holder)) {
                waits.add(new Wait(item, holder));
            } else {
                SyncRow other = plan.canonical(found.get());
                held(item, Arrays.toString(plan.keyOf(other)) + (plan.isDeleted(other) ? ", which is deleted" : ""));
                item.heldBy = Item.idOf(plan, other);
            }
        }
        return waits;
    }

    private List<Optional<SyncRow>> holders(SyncSession target, TablePlan.UniqueValues unique, List<Item> wanting) {
        List<SyncRow> rows = new ArrayList<>();
        for (Item item : wanting) {
            rows.add(Objects.requireNonNull(item.toWrite));
        }
        try {
            List<Optional<SyncRow>> found = new ArrayList<>();
            target.attempt(() -> found.addAll(target.holders(side.shape(), unique.unique(), rows)));
            return found;
        } catch (RowFaultException fault) {
            // The write will tell which row it is.
            return wanting.stream().map(item -> Optional.<SyncRow>empty()).toList();
        }
    }

    private static boolean isAt(Item item, SyncRow row) {
        SyncRow over = item.over();
        return over != null && over.locator().equals(row.locator());
    }

    private static boolean wants(TablePlan.UniqueValues unique, Item item) {
        SyncRow wanted = Objects.requireNonNull(item.toWrite);
        boolean given = unique.values().stream().allMatch(index -> wanted.value(index) != null);
        return given && (item.over() == null || givesUp(unique, item));
    }

    /** Whether a row that is there gets another value. */
    private static boolean givesUp(TablePlan.UniqueValues unique, Item item) {
        SyncRow before = item.over();
        SyncRow after = item.toWrite;
        return before != null
                && after != null
                && unique.values().stream()
                        .anyMatch(index -> !Objects.deepEquals(before.value(index), after.value(index)));
    }

    static void held(Item item, String holder) {
        item.fail(
                SetAside.Reason.UNIQUE_HELD,
                "a value of it must be unique and is held by " + holder + ": give one of them another value");
    }

    /** Unites the rows that wait for each other. */
    private static List<List<Item>> joined(List<Item> items, List<Wait> waits) {
        Map<Item, Item> heads = new HashMap<>();
        for (Wait wait : waits) {
            if (wait.item().isWritten()) {
                heads.put(head(heads, wait.item()), head(heads, wait.holder()));
            }
        }
        Map<Item, List<Item>> groups = new LinkedHashMap<>();
        for (Item item : items) {
            if (item.isWritten()) {
                groups.computeIfAbsent(head(heads, item), first -> new ArrayList<>())
                        .add(item);
            }
        }
        return List.copyOf(groups.values());
    }

    private static Item head(Map<Item, Item> heads, Item item) {
        Item head = item;
        Item next = heads.get(head);
        while (next != null && next != head) {
            head = next;
            next = heads.get(head);
        }
        return head;
    }

    /** The rows that are parked before they are written: those that give up a value that another of them gets. */
    static Map<TablePlan.UniqueValues, List<String>> parked(TablePlan.Side side, List<Item> items) {
        Map<TablePlan.UniqueValues, List<String>> parked = new LinkedHashMap<>();
        for (TablePlan.UniqueValues unique : side.uniques()) {
            Map<List<Object>, Item> givers = new HashMap<>();
            for (Item item : items) {
                SyncRow over = item.over();
                if (over != null && givesUp(unique, item)) {
                    givers.put(values(unique, over), item);
                }
            }
            for (Item item : items) {
                SyncRow after = item.toWrite;
                if (after != null && wants(unique, item)) {
                    Item giver = givers.remove(values(unique, after));
                    SyncRow over = giver == null || giver == item ? null : giver.over();
                    if (over != null) {
                        parked.computeIfAbsent(unique, one -> new ArrayList<>())
                                .add(over.locator().orElseThrow());
                    }
                }
            }
        }
        return parked;
    }

    private static List<Object> values(TablePlan.UniqueValues unique, SyncRow row) {
        List<Object> values = new ArrayList<>();
        for (int index : unique.values()) {
            Object value = row.value(index);
            values.add(value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value));
        }
        return values;
    }
}
