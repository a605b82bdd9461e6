package dev.berth.jdbc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes one statement of many of the same text: an insert of many rows, a delete by many keys.
 */
final class ManyRows {
    private static final int MOST_ROWS = 8_192;

    /** PostgreSQL takes 65,535 values in a statement. */
    private static final int MOST_VALUES = 60_000;

    private static final String VALUES = " values (";
    private static final String BY_KEY = " = ?";

    private ManyRows() {}

    /** A statement for some of the changes. */
    record Part(String sql, List<@Nullable Object> values) {}

    /** Whether a text is an insert of one row, or a delete by one column alone. */
    static boolean canTake(String sql) {
        return isInsert(sql)
                || (sql.startsWith("delete from ") && sql.endsWith(BY_KEY) && sql.indexOf('?') == sql.length() - 1);
    }

    private static boolean isInsert(String sql) {
        return sql.startsWith("insert into ") && sql.contains(VALUES);
    }

    static List<Part> parts(String sql, List<@Nullable Object[]> changes) {
        int width = Math.max(1, changes.get(0).length);
        int most = Math.min(MOST_ROWS, MOST_VALUES / width);
        List<Part> parts = new ArrayList<>();
        for (int from = 0; from < changes.size(); ) {
            int size = Math.min(most, changes.size() - from);
            List<@Nullable Object> values = new ArrayList<>(size * width);
            changes.subList(from, from + size).forEach(change -> values.addAll(Arrays.asList(change)));
            parts.add(new Part(of(sql, size), values));
            from += size;
        }
        return parts;
    }

    private static String of(String sql, int rows) {
        if (rows == 1) {
            return sql;
        }
        if (isInsert(sql)) {
            String row = sql.substring(sql.indexOf(VALUES) + VALUES.length() - 1);
            return sql + (", " + row).repeat(rows - 1);
        }
        return sql.substring(0, sql.length() - BY_KEY.length())
                + " in ("
                + String.join(", ", Collections.nCopies(rows, "?"))
                + ")";
    }
}
