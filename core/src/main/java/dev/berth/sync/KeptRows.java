package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What is kept of a table in the books: rows that were set aside, and rows that were lost. */
final class KeptRows {
    private static final int PAGE = 1_000;

    private final TablePlan plan;
    private final SyncStore local;
    private final Books books;

    KeptRows(TablePlan plan, SyncStore local, Books books) {
        this.plan = plan;
        this.local = local;
        this.books = books;
    }

    List<SetAside> setAside(Direction direction) {
        List<SetAside> rows = new ArrayList<>();
        each(books.aside(direction, plan.name()), note -> {
            AsideNote aside = AsideNote.of(note);
            rows.add(new SetAside(
                    plan.name(),
                    direction,
                    aside.row().asMap(),
                    aside.reason(),
                    aside.message(),
                    (int) aside.attempts(),
                    aside.since()));
        });
        return rows;
    }

    int retry(Direction direction) {
        String book = books.aside(direction, plan.name());
        List<Note> notes = new ArrayList<>();
        each(book, note -> notes.add(AsideNote.of(note).fresh().note()));
        Carrier.run(local, session -> {
            session.put(book, notes);
            return true;
        });
        return notes.size();
    }

    List<LostRow> lostRows() {
        List<LostRow> rows = new ArrayList<>();
        each(books.lost(plan.name()), note -> {
            var text = RowCodec.decode(note.text());
            rows.add(new LostRow(
                    note.id(),
                    plan.name(),
                    LostRow.Side.valueOf(String.valueOf(text[0])),
                    row(note).asMap(),
                    text[1] instanceof Instant at ? at : Instant.EPOCH));
        });
        return rows;
    }

    private static NamedRow row(Note lost) {
        return NamedRow.decode(RowCodec.decode(lost.text())[2] instanceof byte[] bytes ? bytes : RowCodec.encode());
    }

    void reapply(Digest id, Instant now) {
        try {
            local.transact(session -> {
                Note note = session.notes(books.lost(plan.name()), List.of(id)).stream()
                        .findFirst()
                        .orElseThrow(() -> InvalidInputException.of("lost row", id, "one of lostRows()"));
                reapply(session, note, now);
                return true;
            });
        } catch (RowFaultException refused) {
            throw new SyncUnavailableException(
                    "the local database refuses the row (" + refused.getMessage() + "); nothing was changed",
                    SyncUnavailableException.Reason.BROKEN,
                    SyncUnavailableException.Outcome.NOT_DONE,
                    refused);
        }
    }

    private void reapply(SyncSession session, Note note, Instant now) throws RowFaultException {
        RowShape shape = plan.local().shape();
        NamedRow lost = row(note);
        if (!lost.unknownTo(plan).isEmpty()) {
            throw new SyncRefusedException(List.of("the lost row has " + lost.unknownTo(plan) + ", of which nothing is"
                    + " synced any more in " + plan.name() + ": write what is wanted of it, or name these columns"));
        }
        Optional<SyncRow> there = session.find(shape, List.of(lost.in(plan, null)), SyncSession.Locking.ROWS)
                .get(0)
                .found()
                .map(plan::canonical);
        SyncRow row = lost.in(plan, there.orElse(null));
        session.remove(books.lost(plan.name()), List.of(note.id()));
        if (there.isEmpty()) {
            refuseIfDropped(session.insert(shape, List.of(row)));
            return;
        }
        session.put(books.lost(plan.name()), List.of(LegBooks.lostNote(plan, LostRow.Side.LOCAL, there.get(), now)));
        String place = there.get().locator().orElseThrow();
        refuseIfDropped(session.update(shape, List.of(SyncRow.at(place, row.values()))));
        if (there.get().isDeleted()) {
            session.revive(shape, List.of(place));
        }
    }

    private static void refuseIfDropped(int written) throws RowFaultException {
        if (written == 0) {
            String what = "it took the row and did not write it";
            throw new RowFaultException("unkept", what, new IllegalStateException(what));
        }
    }

    private void each(String book, Consumer<Note> work) {
        Optional<Digest> after = Optional.empty();
        int size = PAGE;
        while (size == PAGE) {
            Optional<Digest> from = after;
            List<Note> notes = Carrier.run(local, session -> session.notesAfter(book, from, PAGE));
            notes.forEach(work);
            size = notes.size();
            after = size == 0 ? after : Optional.of(notes.get(size - 1).id());
        }
    }
}
