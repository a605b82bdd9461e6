package dev.berth.sync;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Rows that a store has taken and not kept as they were written, though it reported no error. */
final class Unkept {
    private final TablePlan plan;
    private final TablePlan.Side side;
    /** With what is wrong. */
    private final Map<Item, String> unkept = new LinkedHashMap<>();

    Unkept(TablePlan plan, TablePlan.Side side) {
        this.plan = plan;
        this.side = side;
    }

    boolean isEmpty() {
        return unkept.isEmpty();
    }

    /** Looks what the store has made of the rows: it may have dropped or changed some without a word. */
    void look(SyncSession target, List<Item> items) throws RowFaultException {
        List<SyncRow> rows = new ArrayList<>();
        items.forEach(item -> rows.add(Objects.requireNonNull(item.toWrite)));
        List<Lookup> found = target.find(side.shape(), rows, SyncSession.Locking.NONE);
        for (int i = 0; i < rows.size(); i++) {
            Item item = items.get(i);
            Digest id = Item.idOf(plan, rows.get(i));
            Optional<SyncRow> kept = found.get(i)
                    .found()
                    .map(plan::canonical)
                    .filter(row -> Item.idOf(plan, row).equals(id));
            wrong(item, kept).ifPresent(what -> unkept.put(item, what));
        }
        if (!unkept.isEmpty()) {
            throw new RowFaultException("unkept", unkept.values().iterator().next(), new IllegalStateException());
        }
    }

    /** What is wrong with what was made of a row; empty if it is there. */
    private Optional<String> wrong(Item item, Optional<SyncRow> kept) {
        SyncRow wanted = Objects.requireNonNull(item.toWrite);
        if (kept.isEmpty()) {
            return Optional.of("the database took the row and has not kept it under its key: a trigger or a rule of it"
                    + " drops or changes such rows");
        }
        Digest content = RowCodec.digest(kept.get().values());
        item.stored = null;
        if (kept.get().fault().isEmpty() && content.equals(RowCodec.digest(wanted.values()))) {
            return Optional.empty();
        }
        if (content.equals(item.contentThere)) {
            return Optional.of("the database took the row and left the one there as it was: a trigger or a rule of it"
                    + " drops such changes");
        }
        if (side.fidelity() == TablePlan.Fidelity.TRIGGERED) {
            item.stored = content;
            return Optional.empty();
        }
        for (int i = 0; i < wanted.width(); i++) {
            if (!Objects.deepEquals(wanted.value(i), kept.get().value(i))) {
                return Optional.of("the other side would keep " + plan.nameOf(i) + " otherwise than it is");
            }
        }
        return Optional.of("the other side would keep the row otherwise than it is");
    }

    /** Sets them aside, each with what is wrong. */
    void setAside() {
        unkept.forEach((item, what) ->
                item.fail(what.startsWith("the other side") ? SetAside.Reason.VALUE : SetAside.Reason.REFUSED, what));
        unkept.clear();
    }
}
