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
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values between a driver and the sync engine. Zone-less times are UTC. */
final class SyncValues {
    private static final DateTimeFormatter SQL_TIME = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
            .toFormatter();

    private static final DateTimeFormatter SQL_CLOCK = new DateTimeFormatterBuilder()
            .appendPattern("HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
            .toFormatter();

    private static final int NANOS = 9;
    private static final int LAST_YEAR = 300_000;

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
        try {
            Object raw = raw(rows, index, type, dialect);
            return raw == null ? null : of(raw, type);
        } catch (DateTimeException | IllegalArgumentException | ArithmeticException notOne) {
            throw new Unreadable("it has " + shown(String.valueOf(rows.getString(index))) + ", which is no " + type);
        } catch (SQLException wrong) {
            // A driver that cannot make a value of what it got; or the connection is gone.
            if (Failure.of(dialect, wrong) != Failure.OTHER) {
                throw wrong;
            }
            throw new Unreadable("it is no " + type + " (" + wrong.getMessage() + ")");
        }
    }

    /** As the driver has it, but where the driver would make another value of it: then as text. */
    private static @Nullable Object raw(ResultSet rows, int index, ValueType type, Dialect dialect)
            throws SQLException {
        if (dialect == Dialect.SQLITE) {
            return rows.getObject(index);
        }
        return switch (type) {
            // A TIME of MariaDB may have more than 24 hours, and PostgreSQL has one of 24:00.
            case TEXT, TIME -> rows.getString(index);
            case DATE -> dialect == Dialect.MARIADB ? rows.getString(index) : rows.getObject(index, LocalDate.class);
            // Its driver gives NULL for 0000-00-00.
            case TIMESTAMP -> rows.getString(index);
            // Its driver takes TINYINT(1) for a flag, and YEAR for a date.
            case INTEGER, BOOLEAN -> dialect == Dialect.MARIADB ? number(rows, index) : rows.getObject(index);
            default -> rows.getObject(index);
        };
    }

    private static @Nullable Object number(ResultSet rows, int index) throws SQLException {
        long number = rows.getLong(index);
        return rows.wasNull() ? null : (Long) number;
    }

    /** PostgreSQL's driver gives each of its two types of times by its own class only. */
    static boolean isZoned(ResultSet rows, int index) throws SQLException {
        return rows.getMetaData().getColumnTypeName(index).equals("timestamptz");
    }

    /** A time of PostgreSQL, whose own go to the year 294276; its driver gives the last of Java's for infinity. */
    static @Nullable Object timestamp(ResultSet rows, int index, boolean zoned) throws SQLException, Unreadable {
        if (zoned) {
            OffsetDateTime time = rows.getObject(index, OffsetDateTime.class);
            return time == null ? null : finite(time.getYear(), time.toInstant());
        }
        LocalDateTime time = rows.getObject(index, LocalDateTime.class);
        return time == null ? null : finite(time.getYear(), time.toInstant(ZoneOffset.UTC));
    }

    private static Instant finite(int year, Instant time) throws Unreadable {
        if (Math.abs(year) > LAST_YEAR) {
            throw new Unreadable("it is infinity, which is no time");
        }
        return time;
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
            case DATE -> day(raw);
            case TIME -> LocalTime.parse(raw.toString());
            case UUID -> raw instanceof UUID id ? id : UUID.fromString(raw.toString());
            case ANY -> any(raw);
            case OTHER -> throw new IllegalArgumentException(raw.getClass().getName());
        };
    }

    private static LocalDate day(Object raw) {
        LocalDate day = LocalDate.parse(raw.toString());
        if (Math.abs(day.getYear()) > 6_000_000) {
            throw new DateTimeException("infinity");
        }
        return day;
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
                            number(common, 17, 19),
                            fraction(common))
                    .toInstant(ZoneOffset.UTC);
        }
        String text = raw.toString().strip();
        if (raw instanceof Number) {
            long number = Long.parseLong(text);
            if (Math.abs(number / 1_000) < 100_000_000L) {
                return Instant.ofEpochSecond(number);
            }
            return Math.abs(number / 1_000) < 100_000_000_000L
                    ? Instant.ofEpochMilli(number)
                    : Instant.EPOCH.plus(number, ChronoUnit.MICROS);
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

    /** {@code 2026-01-01 10:00:00}, with digits after a point or without, as databases write it: read without a formatter, since there may be very many. */
    private static boolean isPlain(String text) {
        int more = text.length() - PLAIN.length();
        if (more < 0 || more == 1 || more > NANOS + 1) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char at = text.charAt(i);
            char wanted = i < PLAIN.length() ? PLAIN.charAt(i) : i == PLAIN.length() ? '.' : '0';
            boolean fits = wanted == '0' ? at >= '0' && at <= '9' : at == wanted || (wanted == ' ' && at == 'T');
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static int fraction(String text) {
        int nanos = 0;
        for (int i = 0; i < NANOS; i++) {
            int at = PLAIN.length() + 1 + i;
            nanos = 10 * nanos + (at < text.length() ? text.charAt(at) - '0' : 0);
        }
        return nanos;
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

    private static String shown(String text) {
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
        if (value instanceof LocalTime time) {
            return SQL_CLOCK.format(time);
        }
        boolean asText = value instanceof BigDecimal || value instanceof LocalDate || value instanceof UUID;
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
