package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/** What is kept of a table in the books: rows that were set aside, and rows that were lost. */
final class KeptRows {
    private static final int PAGE = 1_000;
    private static final int DAYS = 7;
    /** So many whole weeks deleted rows are kept. */
    private static final int WEEKS = 4;

    /** So many weeks before are looked through for what is kept no more. */
    private static final int FORGOTTEN = 8;

    private final TablePlan plan;
    private final SyncStore local;
    private final Books books;
    private final Capture capture;

    KeptRows(TablePlan plan, SyncStore local, Books books, Capture capture) {
        this.capture = capture;
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
        return lostRows(books.lost(plan.name()));
    }

    List<LostRow> deletedRows(Instant now) {
        return deletedBooks(now).stream()
                .flatMap(book -> lostRows(book).stream())
                .toList();
    }

    static long week(Instant now) {
        return Math.floorDiv(now.getEpochSecond(), Duration.ofDays(DAYS).toSeconds());
    }

    private List<String> deletedBooks(Instant now) {
        return LongStream.rangeClosed(0, WEEKS)
                .mapToObj(before -> books.deleted(plan.name(), week(now) - before))
                .toList();
    }

    /** Of deleted rows those are kept no more that were deleted long ago. */
    static void expire(SyncSession session, Books books, String table, Instant now) {
        for (long before = WEEKS + 1; before <= WEEKS + FORGOTTEN; before++) {
            session.clear(books.deleted(table, week(now) - before));
        }
    }

    void allowDeletes(Direction direction, long rows) {
        Carrier.run(local, session -> {
            session.put(books.state(), List.of(Brake.allowing(plan, direction, rows)));
            return true;
        });
    }

    private List<LostRow> lostRows(String book) {
        List<LostRow> rows = new ArrayList<>();
        each(book, note -> {
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
                List<String> kept = new ArrayList<>(List.of(books.lost(plan.name())));
                kept.addAll(deletedBooks(now));
                for (String book : kept) {
                    Optional<Note> note =
                            session.notes(book, List.of(id)).stream().findFirst();
                    if (note.isPresent()) {
                        session.remove(book, List.of(id));
                        reapply(session, note.get(), now);
                        noteChange(session, note.get());
                        return true;
                    }
                }
                throw InvalidInputException.of("lost row", id, "one of lostRows() or deletedRows()");
            });
        } catch (RowFaultException refused) {
            throw new SyncUnavailableException(
                    "the local database refuses the row (" + refused.getMessage() + "); nothing was changed",
                    SyncUnavailableException.Reason.BROKEN,
                    SyncUnavailableException.Outcome.NOT_DONE,
                    refused);
        }
    }

    /** As the application would. */
    private void noteChange(SyncSession session, Note written) throws RowFaultException {
        if (capture == Capture.CALLS) {
            RowShape shape = plan.local().shape();
            SyncRow key = row(written).in(plan, null);
            session.noteChanges(
                    books.feed(Direction.PUSH, shape.table(), capture),
                    session.find(shape, List.of(key), SyncSession.Locking.NONE).get(0).found().stream()
                            .flatMap(row -> row.locator().stream())
                            .toList());
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
