package dev.berth.sync;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How new a row is. Times are microseconds of UTC; text is read as ISO 8601 with a blank or a T, with an offset or taken
 * for UTC. Numbers in a column of times are seconds, milliseconds or microseconds since 1970, by their size.
 *
 * @param number the time or the number; the least there is for NULL
 * @param grain what differences below this say nothing: 1, 1,000 or 1,000,000
 */
record RowVersion(long number, long grain) {
    private static final RowVersion NONE = new RowVersion(Long.MIN_VALUE, 1);
    private static final long SECOND = 1_000_000;
    private static final long MILLI = 1_000;

    /** What a column's numbers mean. */
    enum Numbers {
        COUNTED,
        TIMES
    }

    /** Reads a version; empty if the value is none. */
    static Optional<RowVersion> of(@Nullable Object value, Numbers numbers, int digits) {
        if (value == null) {
            return Optional.of(NONE);
        }
        try {
            return read(value, numbers, digits);
        } catch (ArithmeticException tooFar) {
            return Optional.empty();
        }
    }

    private static Optional<RowVersion> read(Object value, Numbers numbers, int digits) {
        if (value instanceof Long number) {
            return Optional.of(numbers == Numbers.COUNTED ? new RowVersion(number, 1) : time(number));
        }
        if (value instanceof Instant time) {
            return Optional.of(new RowVersion(micros(time), grain(digits)));
        }
        if (value instanceof LocalDate day) {
            return Optional.of(new RowVersion(micros(day.atStartOfDay().toInstant(ZoneOffset.UTC)), 1));
        }
        return value instanceof String text ? parse(text.strip()) : Optional.empty();
    }

    private static RowVersion time(long number) {
        long size = number == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(number);
        if (size < 100_000_000_000L) {
            return new RowVersion(number * SECOND, SECOND);
        }
        return size < 100_000_000_000_000L ? new RowVersion(number * MILLI, MILLI) : new RowVersion(number, 1);
    }

    private static Optional<RowVersion> parse(String text) {
        return instant(text).map(time -> {
            int point = text.indexOf('.');
            int digits = 0;
            while (point >= 0
                    && point + 1 + digits < text.length()
                    && Character.isDigit(text.charAt(point + 1 + digits))) {
                digits++;
            }
            return new RowVersion(micros(time), grain(digits));
        });
    }

    /** Reads a time as text has it. */
    static Optional<Instant> instant(String text) {
        String iso = text.length() > 10 && text.charAt(10) == ' ' ? text.replaceFirst(" ", "T") : text;
        try {
            if (iso.length() == 10) {
                return Optional.of(LocalDate.parse(iso).atStartOfDay().toInstant(ZoneOffset.UTC));
            }
            boolean zoned = iso.endsWith("Z") || iso.indexOf('+') > 0 || iso.lastIndexOf('-') > 10;
            String whole = zoned ? iso.replace(" ", "").replaceFirst("([+-]\\d\\d)$", "$1:00") : iso;
            return Optional.of(
                    zoned
                            ? OffsetDateTime.parse(whole).toInstant()
                            : LocalDateTime.parse(whole).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException unreadable) {
            return Optional.empty();
        }
    }

    private static long micros(Instant time) {
        // Not by a difference of nanoseconds, which fit into a long from 1677 to 2262 only.
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), SECOND), time.getNano() / MILLI);
    }

    private static long grain(int digits) {
        return digits >= 6 || digits < 0 ? 1 : (long) Math.pow(10, 6 - digits);
    }

    /** Compares at the coarser precision: 0 where neither can be said to be newer. */
    int compare(RowVersion other) {
        if (number == Long.MIN_VALUE || other.number == Long.MIN_VALUE) {
            return Long.compare(number, other.number);
        }
        long coarser = Math.max(grain, other.grain);
        return Long.compare(Math.floorDiv(number, coarser), Math.floorDiv(other.number, coarser));
    }
}
