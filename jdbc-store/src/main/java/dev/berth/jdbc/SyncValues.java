package dev.berth.jdbc;

import dev.berth.sync.ValueType;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values between a driver and the sync engine. Zone-less times are UTC. */
final class SyncValues {
    private static final DateTimeFormatter SQL_TIME = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
            .toFormatter();

    private static final String PLAIN = "0000-00-00 00:00:00";

    private SyncValues() {}

    /** A value that is not of the type that it should have. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String what) {
            super(what);
        }
    }

    /** Reads a value as it travels. */
    static @Nullable Object read(ResultSet rows, int index, ValueType type, Dialect dialect)
            throws SQLException, Unreadable {
        if (dialect == Dialect.POSTGRESQL && type == ValueType.TIMESTAMP) {
            return timestamp(rows, index, isZoned(rows, index));
        }
        if (dialect != Dialect.SQLITE) {
            switch (type) {
                case TIMESTAMP -> {
                    LocalDateTime time = rows.getObject(index, LocalDateTime.class);
                    return time == null ? null : time.toInstant(ZoneOffset.UTC);
                }
                case DATE -> {
                    return rows.getObject(index, LocalDate.class);
                }
                case TIME -> {
                    return rows.getObject(index, LocalTime.class);
                }
                default -> {
                    // As the driver has it.
                }
            }
        }
        Object raw =
                type == ValueType.TEXT && dialect != Dialect.SQLITE ? rows.getString(index) : rows.getObject(index);
        if (raw == null) {
            return null;
        }
        try {
            return of(raw, type);
        } catch (DateTimeException | IllegalArgumentException | ArithmeticException notOne) {
            throw new Unreadable("it has " + shown(raw) + ", which is no " + type);
        }
    }

    /** PostgreSQL's driver gives each of its two types of times by its own class only. */
    static boolean isZoned(ResultSet rows, int index) throws SQLException {
        return rows.getMetaData().getColumnTypeName(index).equals("timestamptz");
    }

    /** A time of PostgreSQL. */
    static @Nullable Object timestamp(ResultSet rows, int index, boolean zoned) throws SQLException {
        if (zoned) {
            OffsetDateTime time = rows.getObject(index, OffsetDateTime.class);
            return time == null ? null : time.toInstant();
        }
        LocalDateTime time = rows.getObject(index, LocalDateTime.class);
        return time == null ? null : time.toInstant(ZoneOffset.UTC);
    }

    private static Object of(Object raw, ValueType type) {
        return switch (type) {
            case INTEGER -> integer(raw);
            case DECIMAL -> raw instanceof BigDecimal number ? number : new BigDecimal(raw.toString());
            case DOUBLE ->
                raw instanceof Number number ? (Double) number.doubleValue() : Double.valueOf(raw.toString());
            case BOOLEAN -> flag(raw);
            case TEXT -> asText(raw);
            case BYTES -> bytes(raw);
            case TIMESTAMP -> instant(raw);
            case DATE -> LocalDate.parse(raw.toString());
            case TIME -> LocalTime.parse(raw.toString());
            case UUID -> raw instanceof UUID id ? id : UUID.fromString(raw.toString());
            case ANY -> any(raw);
            case OTHER -> throw new IllegalArgumentException(raw.getClass().getName());
        };
    }

    private static Long integer(Object raw) {
        if (raw instanceof Boolean flag) {
            return flag ? 1L : 0L;
        }
        return raw instanceof BigDecimal number
                ? (Long) number.longValueExact()
                : raw instanceof Double number
                        ? (Long) BigDecimal.valueOf(number).longValueExact()
                        : Long.valueOf(raw.toString());
    }

    private static Boolean flag(Object raw) {
        if (raw instanceof Boolean flag) {
            return flag;
        }
        return switch (raw.toString()) {
            case "1", "t", "true" -> true;
            case "0", "f", "false" -> false;
            default -> throw new IllegalArgumentException();
        };
    }

    private static String asText(Object raw) {
        if (raw instanceof byte[]) {
            throw new IllegalArgumentException();
        }
        return raw.toString();
    }

    private static byte[] bytes(Object raw) {
        if (raw instanceof byte[] bytes) {
            return bytes;
        }
        throw new IllegalArgumentException();
    }

    private static Instant instant(Object raw) {
        if (raw instanceof String common && isPlain(common)) {
            return LocalDateTime.of(
                            number(common, 0, 4),
                            number(common, 5, 7),
                            number(common, 8, 10),
                            number(common, 11, 13),
                            number(common, 14, 16),
                            number(common, 17, 19))
                    .toInstant(ZoneOffset.UTC);
        }
        String text = raw.toString().strip();
        if (raw instanceof Number) {
            long number = Long.parseLong(text);
            long size = Math.abs(number);
            return size < 100_000_000_000L ? Instant.ofEpochSecond(number) : Instant.ofEpochMilli(number);
        }
        String iso = text.length() > 10 && text.charAt(10) == ' ' ? text.replaceFirst(" ", "T") : text;
        if (iso.length() == 10) {
            return LocalDate.parse(iso).atStartOfDay().toInstant(ZoneOffset.UTC);
        }
        boolean zoned = iso.endsWith("Z") || iso.indexOf('+') > 0 || iso.lastIndexOf('-') > 10;
        return zoned
                ? OffsetDateTime.parse(iso.replaceFirst("([+-]\\d\\d)$", "$1:00"))
                        .toInstant()
                : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
    }

    /** {@code 2026-01-01 10:00:00}, as SQLite writes it: read without a formatter, since there may be very many. */
    private static boolean isPlain(String text) {
        if (text.length() != PLAIN.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char at = text.charAt(i);
            char wanted = PLAIN.charAt(i);
            boolean fits = wanted == '0' ? at >= '0' && at <= '9' : at == wanted || (wanted == ' ' && at == 'T');
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    /** What SQLite has, as it has it. */
    private static Object any(Object raw) {
        if (raw instanceof Integer || raw instanceof Long) {
            return ((Number) raw).longValue();
        }
        if (raw instanceof Double || raw instanceof String || raw instanceof byte[]) {
            return raw;
        }
        throw new IllegalArgumentException();
    }

    private static String shown(Object raw) {
        String text = raw instanceof byte[] ? "bytes" : raw.toString();
        return "\"" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "\"";
    }

    /** The value as it is bound to a statement of SQLite or MariaDB. */
    static @Nullable Object bound(@Nullable Object value) {
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        if (value instanceof Instant time) {
            return SQL_TIME.format(time.atOffset(ZoneOffset.UTC));
        }
        boolean asText = value instanceof BigDecimal
                || value instanceof LocalDate
                || value instanceof LocalTime
                || value instanceof UUID;
        return asText ? SyncValues.text(value) : value;
    }

    /** The value as text that PostgreSQL casts. */
    static @Nullable String text(@Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (value instanceof byte[] bytes) {
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
        return value instanceof BigDecimal number ? number.toPlainString() : value.toString();
    }
}
