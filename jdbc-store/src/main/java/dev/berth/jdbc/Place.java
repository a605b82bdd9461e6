package dev.berth.jdbc;

import dev.berth.sync.RowShape;
import dev.berth.sync.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Where a row is, as text: the value of the one column of its locator, or of several each with its length before it. As a
 * trigger makes it in SQL.
 */
final class Place {
    private Place() {}

    static String of(List<?> values) {
        if (values.size() == 1) {
            return String.valueOf(values.get(0));
        }
        var text = new StringBuilder();
        for (Object value : values) {
            String one = String.valueOf(value);
            text.append(one.codePointCount(0, one.length())).append(':').append(one);
        }
        return text.toString();
    }

    static List<Object> values(RowShape shape, String place) {
        List<RowShape.Plain> columns = shape.locator();
        if (columns.size() == 1) {
            return List.of(value(columns.get(0).type(), place));
        }
        List<Object> values = new ArrayList<>();
        int at = 0;
        for (RowShape.Plain column : columns) {
            int colon = place.indexOf(':', at);
            int end = place.offsetByCodePoints(colon + 1, Integer.parseInt(place.substring(at, colon)));
            values.add(value(column.type(), place.substring(colon + 1, end)));
            at = end;
        }
        return values;
    }

    private static Object value(ValueType type, String text) {
        return switch (type) {
            case INTEGER -> Long.valueOf(text);
            case UUID -> UUID.fromString(text);
            default -> text;
        };
    }
}
