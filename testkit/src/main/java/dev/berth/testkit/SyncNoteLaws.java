package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Digest;
import dev.berth.sync.Note;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Books of notes, whose texts the store does not read. */
abstract class SyncNoteLaws extends SyncLaws {
    private static final int MANY = 2_500;

    SyncNoteLaws(SyncStoreContract contract) {
        super(contract);
    }

    private void put(String book, Note... notes) {
        does(session -> session.put(book, List.of(notes)));
    }

    private List<Note> all(String book) {
        return in(session -> session.notesAfter(book, Optional.empty(), 10_000));
    }

    @Test
    @DisplayName("A note is read back by its id, with its place and its bytes; those that are not there are left out.")
    void notesAreReadByTheirIds() {
        byte[] every = new byte[256];
        for (int i = 0; i < every.length; i++) {
            every[i] = (byte) i;
        }
        Note placed = Note.at(id(1), "5:ünï,'\"\\", every);
        Note empty = Note.of(id(2), new byte[0]);
        put("book", placed, empty);

        assertThat(list(session -> session.notes("book", List.of(id(2), id(3), id(1)))))
                .containsExactlyInAnyOrder(placed, empty);
        assertThat(list(session -> session.notes("book", List.of()))).isEmpty();
    }

    @Test
    @DisplayName("A note takes the place of the one with its id, whole.")
    void putReplaces() {
        put("book", Note.at(id(1), "here", bytes("old")), note(2, "stays"));
        put("book", note(1, "new"));

        assertThat(all("book")).containsExactlyInAnyOrder(note(1, "new"), note(2, "stays"));
        assertThat(list(session -> session.notesAt("book", List.of("here")))).isEmpty();
    }

    @Test
    @DisplayName("A long text is kept whole.")
    void longTextsAreKept() {
        Note one = note(1, "x".repeat(300_000));
        put("book", one);

        assertThat(all("book")).containsExactly(one);
    }

    @Test
    @DisplayName("Notes come in the order of their ids, without sign, and pages begin after the id that is known.")
    void notesComeInOrder() {
        List<Digest> ids = new ArrayList<>(List.of(
                new Digest(0, 0),
                new Digest(0, -1),
                new Digest(1, 5),
                new Digest(Long.MAX_VALUE, 0),
                new Digest(Long.MIN_VALUE, 0),
                new Digest(-1, Long.MIN_VALUE),
                new Digest(-1, -1)));
        List<Note> notes = ids.stream().map(one -> Note.of(one, bytes("x"))).toList();
        List<Note> shuffled = new ArrayList<>(notes);
        java.util.Collections.reverse(shuffled);
        does(session -> session.put("book", shuffled));

        assertThat(ids).isSortedAccordingTo(Comparator.naturalOrder());
        assertThat(all("book")).isEqualTo(notes);
        for (int i = 0; i < notes.size(); i++) {
            Digest after = ids.get(i);
            List<Note> page = in(session -> session.notesAfter("book", Optional.of(after), 2));
            assertThat(page).isEqualTo(notes.subList(i + 1, Math.min(i + 3, notes.size())));
        }
        assertThat(list(session -> session.notesAfter("book", Optional.of(new Digest(0, 7)), 1)))
                .containsExactly(notes.get(1));
    }

    @Test
    @DisplayName("Notes are read by the places of their rows, compared to the byte.")
    void notesAreReadByTheirPlaces() {
        Note one = Note.at(id(1), "Anna", bytes("1"));
        Note other = Note.at(id(2), "anna", bytes("2"));
        Note blank = Note.at(id(3), "Anna ", bytes("3"));
        Note same = Note.at(id(4), "Anna", bytes("4"));
        put("book", one, other, blank, same, note(5, "nowhere"));

        assertThat(list(session -> session.notesAt("book", List.of("Anna", "nobody"))))
                .containsExactlyInAnyOrder(one, same);
        assertThat(list(session -> session.notesAt("book", List.of("Anna ")))).containsExactly(blank);
    }

    @Test
    @DisplayName("Notes of one book are not another's: not to reads, nor to counts, removals or clearing.")
    void booksAreApart() {
        put("book", Note.at(id(1), "p", bytes("a")), note(2, "b"));
        put("Book", Note.at(id(1), "p", bytes("other")));
        does(session -> session.remove("book", List.of(id(1))));

        assertThat(all("book")).containsExactly(note(2, "b"));
        assertThat(list(session -> session.notesAt("Book", List.of("p")))).hasSize(1);
        does(session -> session.clear("book"));
        assertThat(count(session -> session.countNotes("book"))).isZero();
        assertThat(count(session -> session.countNotes("Book"))).isEqualTo(1);
        assertThat(count(session -> session.countNotes("nobody's"))).isZero();
    }

    @Test
    @DisplayName("To remove or clear what is not there is no error.")
    void removalIsSafeToRepeat() {
        put("book", note(1, "a"), note(2, "b"));
        does(session -> session.remove("book", List.of(id(1), id(7))));
        does(session -> session.remove("book", List.of(id(1))));
        does(session -> session.clear("nobody's"));

        assertThat(all("book")).containsExactly(note(2, "b"));
    }

    @Test
    @DisplayName("Thousands of notes are put, read, counted and removed in one call each.")
    void manyNotesAreOneCall() {
        List<Note> many = LongStream.rangeClosed(1, MANY)
                .mapToObj(i -> Note.at(id(i), "place-" + i, bytes("x")))
                .toList();
        does(session -> session.put("book", many));

        assertThat(count(session -> session.countNotes("book"))).isEqualTo(MANY);
        assertThat(list(session ->
                        session.notes("book", many.stream().map(Note::id).toList())))
                .hasSize(MANY);
        assertThat(list(session -> session.notesAt(
                        "book",
                        many.stream().map(one -> one.place().orElseThrow()).toList())))
                .hasSize(MANY);
        does(session ->
                session.remove("book", many.stream().skip(1).map(Note::id).toList()));
        assertThat(all("book")).containsExactly(many.get(0));
    }
}
