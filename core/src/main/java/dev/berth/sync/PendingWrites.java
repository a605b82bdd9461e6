package dev.berth.sync;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Finds out what the remote store has not got yet. */
final class PendingWrites {
    private final SyncStore local;

    PendingWrites(SyncStore local) {
        this.local = local;
    }

    /** How many changes are captured, and rows set aside; empty before all are told by these. Needs no remote store. */
    OptionalLong noted(List<SyncTable> tables, Capture capture, Optional<String> where) {
        List<String> names =
                tables.stream().map(table -> local.table(table.name()).name()).toList();
        UUID identity = local.identity();
        return Carrier.run(local, session -> {
            Optional<Books> books = Books.met(session, identity, where);
            OptionalLong sum = OptionalLong.of(0);
            for (String name : names) {
                sum = sum.isEmpty() || books.isEmpty()
                        ? OptionalLong.empty()
                        : plus(sum.getAsLong(), session, books.get(), name, capture);
            }
            return sum;
        });
    }

    private static OptionalLong plus(long others, SyncSession session, Books books, String table, Capture capture) {
        Digest whole = Books.wholeId(Direction.PUSH, capture, table);
        if (session.notes(books.whole(), List.of(whole)).isEmpty()) {
            return OptionalLong.empty();
        }
        OptionalLong changes = session.countChanges(books.feed(Direction.PUSH, table, capture));
        long aside = session.countNotes(books.aside(Direction.PUSH, table));
        return changes.isPresent() ? OptionalLong.of(others + changes.getAsLong() + aside) : changes;
    }

    /** How many rows are not as both sides last had them, and how many are gone since. */
    static long exact(SyncSession session, List<TablePlan> plans, Books books, int batch) {
        return plans.stream()
                .mapToLong(plan -> exact(session, plan, books.agreed(plan.name()), batch))
                .sum();
    }

    private static long exact(SyncSession session, TablePlan plan, String agreed, int batch) {
        long pending = 0;
        long known = 0;
        Optional<String> after = Optional.empty();
        int size = batch;
        while (size == batch) {
            List<SyncRow> rows = session.page(plan.local().shape(), after, batch);
            size = rows.size();
            after = size == 0 ? after : rows.get(size - 1).locator();
            List<SyncRow> canonical = rows.stream()
                    .filter(row -> !row.isDeleted())
                    .map(plan::canonical)
                    .toList();
            Map<Digest, Agreed> notes =
                    session
                            .notes(
                                    agreed,
                                    canonical.stream()
                                            .map(row -> Item.idOf(plan, row))
                                            .toList())
                            .stream()
                            .map(Agreed::of)
                            .collect(Collectors.toMap(Agreed::id, Function.identity()));
            for (SyncRow row : canonical) {
                Agreed note = notes.get(Item.idOf(plan, row));
                known += note == null ? 0 : 1;
                boolean same = note != null && note.here().equals(RowCodec.digest(row.values()));
                pending += same ? 0 : 1;
            }
        }
        return pending + session.countNotes(agreed) - known;
    }
}
