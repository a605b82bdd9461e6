package dev.berth.jdbc;

import dev.berth.sync.RowShape;
import dev.berth.sync.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where a row is, as text: the value of the one column of its locator, or of several each with its length before it. As a
 * trigger makes it in SQL.
 */
final class Place {
    /** SQLite takes NULL in a primary key. */
    private static final String NULL = "\u0001null";

    private Place() {}

    static String of(List<? extends @Nullable Object> values) {
        if (values.size() == 1) {
            return text(values.get(0));
        }
        var text = new StringBuilder();
        for (Object value : values) {
            String one = text(value);
            text.append(one.codePointCount(0, one.length())).append(':').append(one);
        }
        return text.toString();
    }

    private static String text(@Nullable Object value) {
        return value == null ? NULL : String.valueOf(value);
    }

    static List<@Nullable Object> values(RowShape shape, String place) {
        List<RowShape.Plain> columns = shape.locator();
        List<@Nullable Object> values = new ArrayList<>();
        if (columns.size() == 1) {
            values.add(value(columns.get(0).type(), place));
            return values;
        }
        int at = 0;
        for (RowShape.Plain column : columns) {
            int colon = place.indexOf(':', at);
            int end = place.offsetByCodePoints(colon + 1, Integer.parseInt(place.substring(at, colon)));
            values.add(value(column.type(), place.substring(colon + 1, end)));
            at = end;
        }
        return values;
    }

    /** Whether rows of a shape have such places: what was noted before the table's key was changed may be another. */
    static boolean isOf(RowShape shape, String place, Dialect dialect) {
        List<@Nullable Object> values;
        try {
            values = values(shape, place);
        } catch (IllegalArgumentException | IndexOutOfBoundsException another) {
            return false;
        }
        for (int i = 0; i < values.size(); i++) {
            ValueType type = shape.locator().get(i).type();
            Object value = values.get(i);
            boolean isLoose = dialect == Dialect.SQLITE || type == ValueType.TEXT;
            if (!isLoose && ((type == ValueType.INTEGER && value instanceof String) || "".equals(value))) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Object value(ValueType type, String text) {
        if (text.equals(NULL)) {
            return null;
        }
        return switch (type) {
            case INTEGER -> number(text);
            case UUID -> UUID.fromString(text);
            default -> text;
        };
    }

    /** SQLite keeps any text in a column of numbers. */
    private static Object number(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException loose) {
            return text;
        }
    }
}
