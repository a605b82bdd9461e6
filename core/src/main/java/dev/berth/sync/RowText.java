package dev.berth.sync;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows as the text that {@link SyncSession#sums} says, and its digest. Not safe for use by many threads. */
final class RowText {
    /** From here on microseconds are more than a long holds; no database has such times. */
    private static final long LAST_SECOND = Long.MAX_VALUE / 1_000_000 - 1;

    private final MessageDigest md5;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream(256);

    RowText() {
        try {
            md5 = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has MD5", impossible);
        }
    }

    /** The digest of all values. */
    Digest of(List<ValueType> types, @Nullable Object[] values) {
        text.reset();
        for (int i = 0; i < values.length; i++) {
            add(types.get(i), values[i]);
        }
        return digest();
    }

    /** The digest of some values. */
    Digest of(List<ValueType> types, List<Integer> which, @Nullable Object[] values) {
        text.reset();
        for (int i : which) {
            add(types.get(i), values[i]);
        }
        return digest();
    }

    private Digest digest() {
        return Digest.from(md5.digest(text.toByteArray()));
    }

    private void add(ValueType type, @Nullable Object value) {
        if (value == null) {
            write("N;");
            return;
        }
        // What may be of any kind is told apart by its kind, too.
        String said = type == ValueType.ANY ? value.getClass().getSimpleName() + said(value) : said(value);
        byte[] bytes = said.getBytes(StandardCharsets.UTF_8);
        write(bytes.length + ":");
        text.writeBytes(bytes);
        text.write(';');
    }

    private void write(String ascii) {
        text.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    private static String said(Object value) {
        if (value instanceof String || value instanceof Long) {
            return value.toString();
        }
        if (value instanceof Instant time) {
            // Not by a difference of nanoseconds, which fit into a long from 1677 to 2262 only.
            return Math.abs(time.getEpochSecond()) < LAST_SECOND
                    ? Long.toString(time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000)
                    : time.toString();
        }
        if (value instanceof Boolean flag) {
            return flag ? "1" : "0";
        }
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        if (value instanceof Double number) {
            return HexFormat.of().toHexDigits(Double.doubleToLongBits(number));
        }
        if (value instanceof byte[] bytes) {
            return HexFormat.of().formatHex(bytes);
        }
        if (value instanceof LocalDate day) {
            return Long.toString(day.toEpochDay());
        }
        return value instanceof LocalTime time ? Long.toString(time.toNanoOfDay() / 1_000) : value.toString();
    }
}
