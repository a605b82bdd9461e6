package dev.berth.sync;

import java.time.Instant;
import java.util.Optional;

/**
 * A row that was set aside, as it is kept.
 *
 * @param id the digest of its natural key
 * @param place where it is in the local store, if it goes out from there
 * @param reason why
 * @param message what was said
 * @param attempts how often it was tried; 0 if it is to be tried whatever it was
 * @param since when it was set aside first
 * @param content the digest of what was tried
 * @param row the row's values
 */
record AsideNote(
        Digest id,
        Optional<String> place,
        SetAside.Reason reason,
        String message,
        long attempts,
        Instant since,
        Digest content,
        Encoded row) {
    /** So often a row that does not change is tried. */
    static final int MOST_ATTEMPTS = 10;

    private static final int LONGEST = 1_000;

    static AsideNote of(Note note) {
        var text = RowCodec.decode(note.text());
        return new AsideNote(
                note.id(),
                note.place().filter(at -> !at.isEmpty()),
                SetAside.Reason.valueOf(String.valueOf(text[0])),
                String.valueOf(text[1]),
                text[2] instanceof Long times ? times : 0,
                text[3] instanceof Instant time ? time : Instant.EPOCH,
                Digest.from(text[4] instanceof byte[] bytes ? bytes : new byte[Digest.BYTES]),
                Encoded.of(text[5] instanceof byte[] bytes ? bytes : RowCodec.encode()));
    }

    Note note() {
        String said = message.length() > LONGEST ? message.substring(0, LONGEST) : message;
        byte[] text = RowCodec.encode(reason.name(), said, attempts, since, content.bytes(), row.bytes());
        return Note.at(id, place.orElse(""), text);
    }

    boolean isSpent(Digest now) {
        return attempts >= MOST_ATTEMPTS && content.equals(now);
    }

    AsideNote fresh() {
        return new AsideNote(id, place, reason, message, 0, since, content, row);
    }
}
