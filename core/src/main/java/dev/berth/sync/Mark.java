package dev.berth.sync;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What a batch leaves in the remote store, whichever way it travelled, and afterwards in the local one. Where the two have
 * not the same, one of them is not the one of the last batch. The remote store keeps the marks of the last batches, so
 * that it can be told which.
 *
 * @param nonce no other batch has it
 * @param number the batches of a client are numbered
 * @param run the run that the batch was of
 */
record Mark(String nonce, long number, String run) {
    /** So many batches are remembered. */
    static final int KEPT = 1_024;

    private static Mark of(Note note) {
        var text = RowCodec.decode(note.text());
        return new Mark(String.valueOf(text[0]), text[1] instanceof Long number ? number : 0, String.valueOf(text[2]));
    }

    private Note note(Digest id) {
        return Note.of(id, RowCodec.encode(nonce, number, run));
    }

    private static Digest slot(long number) {
        return Digest.of(("mark/" + number % KEPT).getBytes(StandardCharsets.UTF_8));
    }

    /** The last one of a book. */
    static Optional<Mark> last(SyncSession session, String book) {
        return session.notes(book, List.of(Books.CHECKPOINT)).stream()
                .findFirst()
                .map(Mark::of);
    }

    /** Puts it in the place of the last one. */
    void put(SyncSession session, String book) {
        session.put(book, List.of(note(Books.CHECKPOINT)));
    }

    /** Puts it there, and among those that are remembered. */
    void keep(SyncSession session, String book) {
        session.put(book, List.of(note(Books.CHECKPOINT), note(slot(number))));
    }

    boolean is(Optional<Mark> other) {
        return other.filter(one -> one.nonce.equals(nonce)).isPresent();
    }

    /**
     * Whether a book that this is the last mark of has seen another mark, too: then it is the same database, at a later
     * time. A mark that is too old to be remembered is believed by its number.
     */
    boolean comesAfter(Optional<Mark> other, SyncSession session, String book) {
        if (other.isEmpty()) {
            return true;
        }
        Mark before = other.get();
        if (number <= before.number) {
            return false;
        }
        return number - before.number >= KEPT || isKept(session, book, before.number, before.nonce);
    }

    /** Whether a book remembers a batch. */
    static boolean isKept(SyncSession session, String book, long number, String nonce) {
        return session.notes(book, List.of(slot(number))).stream()
                .map(Mark::of)
                .anyMatch(kept -> kept.nonce.equals(nonce));
    }
}
