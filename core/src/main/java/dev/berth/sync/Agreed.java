package dev.berth.sync;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of a row that both sides have had: kept in the local store, a note each row.
 *
 * @param id the digest of its natural key
 * @param place where the row is in the local store; empty if it is not
 * @param content the digest of the row
 * @param here the digest of what the local store made of it, where its triggers change what is written; else the same
 * @param key its natural key
 */
record Agreed(Digest id, Optional<String> place, Digest content, Digest here, Encoded key) {
    /** Before the second digest, where there is one: no key begins with it. */
    private static final byte TWO = 2;

    /** Of a row that both have alike. */
    Agreed(Digest id, Optional<String> place, Digest content, Encoded key) {
        this(id, place, content, content, key);
    }

    static Agreed of(Note note) {
        byte[] text = note.text();
        Digest content = Digest.from(Arrays.copyOf(text, Digest.BYTES));
        boolean isTwo = text[Digest.BYTES] == TWO;
        int key = isTwo ? 2 * Digest.BYTES + 1 : Digest.BYTES;
        Digest here = isTwo ? Digest.from(Arrays.copyOfRange(text, Digest.BYTES + 1, key)) : content;
        return new Agreed(
                note.id(),
                note.place().filter(at -> !at.isEmpty()),
                content,
                here,
                Encoded.of(Arrays.copyOfRange(text, key, text.length)));
    }

    /** What the side that rows come from had. */
    Digest ofSource(Direction direction) {
        return direction == Direction.PUSH ? here : content;
    }

    /** What the side that rows go to had. */
    Digest ofTarget(Direction direction) {
        return direction == Direction.PUSH ? content : here;
    }

    /** The note. A row that is nowhere has an empty place, by which it is found. */
    Note note() {
        byte[] said = key.bytes();
        boolean isTwo = !here.equals(content);
        int from = isTwo ? 2 * Digest.BYTES + 1 : Digest.BYTES;
        byte[] text = new byte[from + said.length];
        System.arraycopy(content.bytes(), 0, text, 0, Digest.BYTES);
        if (isTwo) {
            text[Digest.BYTES] = TWO;
            System.arraycopy(here.bytes(), 0, text, Digest.BYTES + 1, Digest.BYTES);
        }
        System.arraycopy(said, 0, text, from, said.length);
        return Note.at(id, place.orElse(""), text);
    }

    @Nullable
    Object[] keyValues() {
        return key.values();
    }

    Agreed nowhere() {
        return new Agreed(id, Optional.empty(), content, here, key);
    }
}
