package dev.berth.ledger;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The limits of everything that a store keeps, decided once so that they are equal for all stores. Lengths are bytes of
 * UTF-8: that is what databases limit, and it keeps the longest key within MariaDB's 3,072 bytes.
 */
final class Limits {
    static final int TENANT = 128;
    static final int OWNER_NAME = 512;
    static final int KIND = 64;
    static final int SCOPE = 255;
    static final int VALUE = 1024;
    static final int PART = 64;
    static final int LABEL_KEY = 128;
    static final int LABEL_VALUE = 1024;
    static final int LABELS = 64;
    static final int NOTE = 1024;
    static final int NONCE = 64;
    static final int RECORD_NAME = 512;
    static final int RECORD_VALUE = 65_535;
    static final int HOLDINGS = 4_096;

    /** Longer than any claim lives, short enough that no database's time stamp overflows. */
    static final Duration LONGEST = Duration.ofDays(36_500);

    private Limits() {}

    /** Returns the text if it is not null, not blank, within the limit, and free of what keys cannot carry. */
    static String text(String what, @Nullable String given, int maxBytes) {
        String text = InvalidInputException.requireNonNull(what, given);
        if (text.codePoints().allMatch(Limits::isInvisible)) {
            throw InvalidInputException.of(what, text, "at least one character that can be seen");
        }
        return printable(what, text, maxBytes);
    }

    /** White space of every kind, and what only formats: {@code isBlank} knows neither U+00A0 nor U+200B. */
    private static boolean isInvisible(int point) {
        return Character.isWhitespace(point)
                || Character.isSpaceChar(point)
                || Character.getType(point) == Character.FORMAT;
    }

    /** Returns the text if it is within the limit and has no control character and no unpaired surrogate. */
    static String printable(String what, @Nullable String given, int maxBytes) {
        String text = InvalidInputException.requireNonNull(what, given);
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                if (c < 0x20 || c == 0x7f) {
                    throw InvalidInputException.of(what, text, "no control characters; one is at index " + i);
                }
                bytes++;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else if (Character.isSurrogate(c)) {
                throw InvalidInputException.of(what, text, "whole characters; a lone surrogate is at index " + i);
            } else if (c < 0xa0) {
                throw InvalidInputException.of(what, text, "no control characters; one is at index " + i);
            } else {
                bytes += c < 0x800 ? 2 : 3;
            }
        }
        if (bytes > maxBytes) {
            throw InvalidInputException.of(
                    what, text, "at most " + maxBytes + " bytes of UTF-8; this has " + bytes + ": shorten it");
        }
        return text;
    }

    /** Returns the text cut to the limit at a character's edge; for reasons, whose loss must never fail a call. */
    static String note(@Nullable String text) {
        var kept = new StringBuilder();
        int bytes = 0;
        String given = text == null ? "" : text;
        for (int i = 0; i < given.length(); ) {
            int point = given.codePointAt(i);
            i += Character.charCount(point);
            boolean lone = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
            int clean = Character.isISOControl(point) ? ' ' : lone ? 0xfffd : point;
            bytes += clean < 0x80 ? 1 : clean < 0x800 ? 2 : clean < 0x10000 ? 3 : 4;
            if (bytes > NOTE) {
                break;
            }
            kept.appendCodePoint(clean);
        }
        return kept.toString();
    }

    /** Returns the duration in whole microseconds, which is what every store can keep, if it is in range. */
    static Duration span(String what, @Nullable Duration given) {
        Duration span = InvalidInputException.requireNonNull(what, given);
        if (span.compareTo(Duration.ofMillis(1)) < 0 || span.compareTo(LONGEST) > 0) {
            throw InvalidInputException.of(what, span, "1 ms to " + LONGEST.toDays() + " days");
        }
        return span.truncatedTo(ChronoUnit.MICROS);
    }

    static Map<String, String> labels(Map<String, String> labels) {
        InvalidInputException.requireNonNull("labels", labels);
        var checked = new TreeMap<String, String>();
        labels.forEach((key, value) ->
                checked.put(text("label key", key, LABEL_KEY), printable("label value", value, LABEL_VALUE)));
        if (checked.size() > LABELS) {
            throw InvalidInputException.of("labels", checked.size() + " labels", "at most " + LABELS);
        }
        return java.util.Collections.unmodifiableMap(checked);
    }

    /** Returns a copy of the collection if neither it nor anything in it is null. */
    static <T> Set<T> set(String what, Collection<? extends T> given) {
        var copy = new LinkedHashSet<T>();
        for (T one : InvalidInputException.requireNonNull(what, given)) {
            copy.add(InvalidInputException.requireNonNull("one of the " + what, one));
        }
        return java.util.Collections.unmodifiableSet(copy);
    }

    static int pageSize(int limit) {
        if (limit < 1 || limit > LedgerStore.PAGE_LIMIT) {
            throw InvalidInputException.of("page size", limit, "1 to " + LedgerStore.PAGE_LIMIT);
        }
        return limit;
    }
}
