package dev.berth.sync;

import java.time.Duration;
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
 * @param tried when it was tried last
 * @param content the digest of what was tried
 * @param row the row
 */
record AsideNote(
        Digest id,
        Optional<String> place,
        SetAside.Reason reason,
        String message,
        long attempts,
        Instant since,
        Instant tried,
        Digest content,
        NamedRow row) {
    /** So many are counted: by then it is tried each hour. */
    static final int MOST_ATTEMPTS = 10;

    private static final int LONGEST = 1_000;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

    static AsideNote of(Note note) {
        var text = RowCodec.decode(note.text());
        return new AsideNote(
                note.id(),
                note.place().filter(at -> !at.isEmpty()),
                SetAside.Reason.valueOf(String.valueOf(text[0])),
                String.valueOf(text[1]),
                text[2] instanceof Long times ? times : 0,
                text[3] instanceof Instant time ? time : Instant.EPOCH,
                text[4] instanceof Instant time ? time : Instant.EPOCH,
                Digest.from(text[5] instanceof byte[] bytes ? bytes : new byte[Digest.BYTES]),
                NamedRow.decode(text[6] instanceof byte[] bytes ? bytes : RowCodec.encode()));
    }

    Note note() {
        String said = message.length() > LONGEST ? message.substring(0, LONGEST) : message;
        byte[] text = RowCodec.encode(reason.name(), said, attempts, since, tried, content.bytes(), row.encode());
        return Note.at(id, place.orElse(""), text);
    }

    /**
     * Whether a row that is as it was is left alone for now: it was tried a short while ago. Only what the database itself
     * refused waits so, longer each time; what is found by looking costs nothing to try.
     */
    boolean rests(Digest now, Instant at) {
        if (!content.equals(now) || attempts == 0) {
            return false;
        }
        boolean costs = reason == SetAside.Reason.REFUSED || reason == SetAside.Reason.MERGE;
        return costs && !at.isBefore(tried) && at.isBefore(tried.plus(pause()));
    }

    private Duration pause() {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << (attempts - 1));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    AsideNote fresh() {
        return new AsideNote(id, place, reason, message, 0, since, tried, content, row);
    }

    AsideNote at(Optional<String> other) {
        return new AsideNote(id, other, reason, message, attempts, since, tried, content, row);
    }
}
