package dev.berth.sync;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Finds out what the remote store has not got yet. */
final class PendingWrites {
    private final SyncStore local;

    PendingWrites(SyncStore local) {
        this.local = local;
    }

    /** How many changes are captured; empty before they all are. Needs no remote store. */
    OptionalLong noted(List<SyncTable> tables) {
        List<String> names =
                tables.stream().map(table -> local.table(table.name()).name()).toList();
        Set<Digest> all = names.stream().map(PendingWrites::id).collect(Collectors.toSet());
        return Carrier.run(
                local,
                session -> session.notes(Books.CAPTURED, all).size() < all.size()
                        ? OptionalLong.empty()
                        : OptionalLong.of(
                                names.stream().mapToLong(session::countChanges).sum()));
    }

    /** What says that all changes of a table are captured from now on, and those of before are carried. */
    static Note captured(TablePlan plan) {
        return Note.of(id(plan.local().shape().table()), new byte[0]);
    }

    private static Digest id(String table) {
        return Digest.of(table.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
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
