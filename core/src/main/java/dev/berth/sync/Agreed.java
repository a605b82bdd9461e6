package dev.berth.sync;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of a row that both sides have had: kept in the local store, a note each row.
 *
 * @param id the digest of its natural key
 * @param place where the row is in the local store; empty if it is not
 * @param content the digest of the row
 * @param key its natural key
 */
record Agreed(Digest id, Optional<String> place, Digest content, Encoded key) {
    static Agreed of(Note note) {
        byte[] text = note.text();
        byte[] content = new byte[Digest.BYTES];
        byte[] key = new byte[text.length - Digest.BYTES];
        System.arraycopy(text, 0, content, 0, content.length);
        System.arraycopy(text, content.length, key, 0, key.length);
        return new Agreed(note.id(), note.place().filter(at -> !at.isEmpty()), Digest.from(content), Encoded.of(key));
    }

    /** The note. A row that is nowhere has an empty place, by which it is found. */
    Note note() {
        byte[] said = key.bytes();
        byte[] text = new byte[Digest.BYTES + said.length];
        System.arraycopy(content.bytes(), 0, text, 0, Digest.BYTES);
        System.arraycopy(said, 0, text, Digest.BYTES, said.length);
        return Note.at(id, place.orElse(""), text);
    }

    @Nullable
    Object[] keyValues() {
        return key.values();
    }

    Agreed nowhere() {
        return new Agreed(id, Optional.empty(), content, key);
    }
}
