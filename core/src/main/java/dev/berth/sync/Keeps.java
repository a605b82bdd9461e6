package dev.berth.sync;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which values of a type a column keeps as they are. Those that it would change without a word do not go there. */
enum Keeps {
    /** All that it does not refuse. */
    ALL,
    /** Numbers that are whole and have up to 64 bits, or that a binary floating point number stands for. */
    NEAR_NUMBERS,
    /** Numbers that a binary floating point number stands for. */
    DOUBLES,
    /** Binary floating point numbers but for NaN. */
    ORDERED,
    /** Texts without blanks at the end. */
    UNPADDED,
    /** Texts that are no numbers, or whole ones as SQLite writes them: others become the number that they look like. */
    NO_NUMBERS,
    /** Times of years of four digits, which are in order as texts. */
    COMMON_TIMES;

    private static final int LAST_YEAR = 9999;

    /** What a column keeps of values that travel as a type. */
    static Keeps of(StoreColumn column, ValueType type) {
        if (column.typing() == StoreColumn.Typing.PADDED) {
            return UNPADDED;
        }
        if (!column.isLoose()) {
            return ALL;
        }
        return switch (type) {
            case DECIMAL ->
                column.type() == ValueType.DOUBLE
                        ? DOUBLES
                        : column.type() == ValueType.TEXT || column.type() == ValueType.ANY ? ALL : NEAR_NUMBERS;
            case DOUBLE -> ORDERED;
            case TIMESTAMP -> COMMON_TIMES;
            case TEXT -> column.type() == ValueType.TEXT || column.type() == ValueType.ANY ? ALL : NO_NUMBERS;
            default -> ALL;
        };
    }

    /** Why a value would not be kept; empty if it is. */
    Optional<String> misfit(@Nullable Object value) {
        if (this == ALL || value == null || keeps(value)) {
            return Optional.empty();
        }
        return Optional.of(
                switch (this) {
                    case NEAR_NUMBERS, DOUBLES -> "a number of more digits than the other side keeps of it";
                    case ORDERED -> "NaN, which the other side has not";
                    case UNPADDED -> "a text with blanks at the end, which the other side does not keep";
                    case NO_NUMBERS -> "a text that the other side would take for a number and write otherwise";
                    case COMMON_TIMES, ALL -> "a time of no year from 0 to " + LAST_YEAR;
                });
    }

    private boolean keeps(Object value) {
        return switch (this) {
            case NEAR_NUMBERS -> !(value instanceof BigDecimal number) || isLong(number) || isDouble(number);
            case DOUBLES -> !(value instanceof BigDecimal number) || isDouble(number);
            case ORDERED -> !(value instanceof Double number) || !number.isNaN();
            case UNPADDED -> !(value instanceof String text) || !text.endsWith(" ");
            case NO_NUMBERS -> !(value instanceof String text) || !isNumber(text) || isWhole(text);
            case COMMON_TIMES -> !(value instanceof Instant time) || isCommon(time);
            case ALL -> true;
        };
    }

    private static boolean isLong(BigDecimal number) {
        return number.signum() == 0
                || (number.stripTrailingZeros().scale() <= 0
                        && number.toBigInteger().bitLength() < 64);
    }

    private static boolean isDouble(BigDecimal number) {
        double near = number.doubleValue();
        return Double.isFinite(near) && new BigDecimal(Double.toString(near)).compareTo(number) == 0;
    }

    private static boolean isNumber(String text) {
        try {
            var unused = new BigDecimal(text.strip());
            return true;
        } catch (NumberFormatException other) {
            return false;
        }
    }

    private static boolean isWhole(String text) {
        try {
            return Long.toString(Long.parseLong(text)).equals(text);
        } catch (NumberFormatException other) {
            return false;
        }
    }

    private static boolean isCommon(Instant time) {
        int year = time.atOffset(ZoneOffset.UTC).getYear();
        return year >= 0 && year <= LAST_YEAR;
    }
}
