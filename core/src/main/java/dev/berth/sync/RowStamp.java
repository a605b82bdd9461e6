package dev.berth.sync;

import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * When a row became what it is, where it has no column that tells: a hybrid logical clock (Kulkarni and others, 2014), 48
 * bits of milliseconds and 16 of a counter. It is greater than that of the state which the change was made to, whatever
 * the clocks say, and never later than the moment when it was given.
 *
 * @param time milliseconds since 1970 in the upper 48 bits, a counter in the lower 16
 * @param node the store in which the row was changed
 * @param content the digest of what it became
 */
record RowStamp(long time, UUID node, Digest content) {
    private static final int COUNTER = 16;
    private static final Comparator<RowStamp> ORDER = Comparator.comparingLong(RowStamp::time)
            .thenComparing(RowStamp::node)
            .thenComparing(RowStamp::content);

    /**
     * The stamp of a change.
     *
     * @param change when it was made
     * @param now when it is stamped; a change is not later, whatever its clock said
     * @param base the stamp of the state that it was made to
     */
    static RowStamp of(Instant change, Instant now, Optional<RowStamp> base, UUID node, Digest content) {
        long time = millis(change.isBefore(now) ? change : now);
        return new RowStamp(base.map(one -> Math.max(time, one.time() + 1)).orElse(time), node, content);
    }

    private static long millis(Instant time) {
        return Math.max(0, time.toEpochMilli()) << COUNTER;
    }

    static RowStamp of(Note note) {
        @Nullable Object[] said = RowCodec.decode(note.text());
        return new RowStamp(
                said[0] instanceof Long time ? time : 0,
                said[1] instanceof UUID node ? node : new UUID(0, 0),
                Digest.from(said[2] instanceof byte[] bytes ? bytes : new byte[Digest.BYTES]));
    }

    Note note(Digest id) {
        return Note.of(id, RowCodec.encode(time, node, content.bytes()));
    }

    /**
     * Compares. What is ahead of the clock was stamped while that went wrong, and counts as of now, so that it does not
     * win until the clock has come so far.
     */
    int compare(RowStamp other, Instant now) {
        return ORDER.compare(notAfter(now), other.notAfter(now));
    }

    private RowStamp notAfter(Instant now) {
        return new RowStamp(Math.min(time, millis(now)), node, content);
    }
}
