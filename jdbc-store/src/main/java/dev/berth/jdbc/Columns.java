package dev.berth.jdbc;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How values are kept in columns. */
final class Columns {
    /** Whole seconds whose microseconds fit a column on either side of 1970; later instants count as this one. */
    private static final long MOST_SECONDS = Long.MAX_VALUE / 1_000_000 - 1;

    private Columns() {}

    static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    static UUID uuid(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long most = buffer.getLong();
        return new UUID(most, buffer.getLong());
    }

    /** Microseconds since 1970, rounded down. */
    static long micros(Instant at) {
        long seconds = Math.max(-MOST_SECONDS, Math.min(MOST_SECONDS, at.getEpochSecond()));
        return seconds * 1_000_000 + at.getNano() / 1_000;
    }

    /** Microseconds since 1970, rounded up. */
    static long microsUp(Instant at) {
        long micros = micros(at);
        return instant(micros).isBefore(at) ? micros + 1 : micros;
    }

    static @Nullable Long micros(Optional<Instant> at) {
        return at.map(Columns::micros).orElse(null);
    }

    /** Whole microseconds of a span. */
    static long micros(Duration span) {
        return span.toSeconds() * 1_000_000 + span.toNanosPart() / 1_000;
    }

    static long microsBefore(Instant at, Duration span) {
        return micros(at.minus(span.truncatedTo(ChronoUnit.MICROS)));
    }

    static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
    }
}
