package dev.berth.sync;

import dev.berth.InvalidInputException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * Something that the engine keeps in a store, in a named book: an agreed state, a row that was set aside, a checkpoint.
 * The store does not know what it says.
 */
public final class Note {
    private final Digest id;
    private final Optional<String> place;
    private final byte[] text;

    private Note(Digest id, Optional<String> place, byte[] text) {
        this.id = id;
        this.place = place;
        this.text = text;
    }

    /**
     * Makes a note that is about no row in particular.
     *
     * @param id its id, unique within its book
     * @param text what it says
     * @return the note
     */
    public static Note of(Digest id, byte[] text) {
        return new Note(id, Optional.empty(), text);
    }

    /**
     * Makes a note about a row of the store that it is kept in.
     *
     * @param id its id, unique within its book
     * @param place the row's locator
     * @param text what it says
     * @return the note
     */
    public static Note at(Digest id, String place, byte[] text) {
        return new Note(id, Optional.of(InvalidInputException.requireNonNull("place", place)), text);
    }

    /**
     * Gives its id.
     *
     * @return unique within its book
     */
    public Digest id() {
        return id;
    }

    /**
     * Tells which row it is about.
     *
     * @return the row's locator; empty if it is about none
     */
    public Optional<String> place() {
        return place;
    }

    /**
     * Gives what it says.
     *
     * @return the bytes, which nobody must change
     */
    public byte[] text() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Note note
                && id.equals(note.id)
                && place.equals(note.place)
                && Arrays.equals(text, note.text);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, place);
    }

    @Override
    public String toString() {
        return "note " + id + place.map(where -> " of " + where).orElse("");
    }
}
