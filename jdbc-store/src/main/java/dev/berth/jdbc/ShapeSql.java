package dev.berth.jdbc;

import dev.berth.sync.RowShape;
import dev.berth.sync.SyncRow;
import dev.berth.sync.ValueType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a shape are selected: the table as {@code t}, and its parents joined, so that a link is read as its
 * parent's natural key. Made for one statement; the columns begin at an offset of the caller's.
 */
final class ShapeSql {
    private final ColumnNames names;
    private final RowShape shape;
    private final BiFunction<String, String, String> staged;
    private final List<String> columns = new ArrayList<>();
    private final List<ValueType> types = new ArrayList<>();
    private final List<String> links = new ArrayList<>();
    private final StringBuilder joins = new StringBuilder();
    private final Map<Integer, Boolean> zoned = new HashMap<>();
    private int parents;

    private static final int PARTLY = 2;

    /**
     * Makes one.
     *
     * @param staged how a column is declared in a stage, by its table and name
     */
    ShapeSql(ColumnNames names, RowShape shape, BiFunction<String, String, String> staged) {
        this.names = names;
        this.shape = shape;
        this.staged = staged;
        shape.locator().forEach(column -> add("t", shape.table(), column));
        for (RowShape.Member member : shape.members()) {
            if (member instanceof RowShape.Plain plain) {
                add("t", shape.table(), plain);
            } else if (member instanceof RowShape.Link link) {
                join("t", link);
                links.add(set(link));
            }
        }
    }

    /** 1 where a link refers, 2 where it does not and a column says something that would be lost, else 0. */
    private String set(RowShape.Link link) {
        String refers = link.columns().stream()
                .map(column -> "t." + names.quoted(column) + " IS NOT NULL")
                .collect(Collectors.joining(" AND "));
        String says = link.columns().stream()
                .filter(column -> link.columns().size() > 1 && !isCarried(link, column))
                .map(column -> " WHEN t." + names.quoted(column) + " IS NOT NULL THEN " + PARTLY)
                .collect(Collectors.joining());
        return "CASE WHEN " + refers + " THEN 1" + says + " ELSE 0 END";
    }

    /** Whether a column of a link of several travels by another member, too. */
    private boolean isCarried(RowShape.Link link, String column) {
        return shape.members().stream()
                .anyMatch(member -> member.columns().size() < link.columns().size()
                        && member.columns().contains(column));
    }

    /** Whether the row is marked as deleted: SQLite keeps anything anywhere, so there every kind of mark counts. */
    static String marked(ColumnNames names, String alias, RowShape.Plain tombstone) {
        String column = alias + "." + names.quoted(tombstone.column());
        if (names.dialect() == Dialect.SQLITE) {
            return "(" + column + " IS NOT NULL AND " + column + " NOT IN (0, ''))";
        }
        return switch (tombstone.type()) {
            case BOOLEAN -> "coalesce(" + column + ", FALSE)";
            case INTEGER, DECIMAL, DOUBLE -> "(coalesce(" + column + ", 0) <> 0)";
            case TEXT -> "(coalesce(" + column + ", '') <> '')";
            default -> "(" + column + " IS NOT NULL)";
        };
    }

    private Optional<String> marked() {
        return shape.tombstone().map(column -> "CASE WHEN " + marked(names, "t", column) + " THEN 1 ELSE 0 END");
    }

    /** A value of a row, and the column that it is of. */
    record Value(String sql, ValueType type, String table, String name) {}

    /** The values of a row in their order, with the tables that they come from. */
    List<Value> values(RowShape of) {
        List<Value> values = new ArrayList<>();
        of.members().forEach(member -> values(of.table(), member, values));
        return values;
    }

    private void values(String table, RowShape.Member member, List<Value> values) {
        if (member instanceof RowShape.Plain plain) {
            int at = shape.locator().size() + values.size();
            values.add(new Value(columns.get(at), types.get(at), table, plain.column()));
        } else if (member instanceof RowShape.Link link) {
            link.parentKey().forEach(one -> values(link.parent(), one, values));
        }
    }

    /** How a value is selected: PostgreSQL fills one of type {@code character} up with blanks, which say nothing. */
    static String plain(ColumnNames names, String alias, RowShape.Plain column, String declared) {
        boolean isPadded = names.dialect() == Dialect.POSTGRESQL && declared.startsWith("bpchar");
        return alias + "." + names.quoted(column.column()) + (isPadded ? "::text" : "");
    }

    private void add(String alias, String table, RowShape.Plain column) {
        columns.add(plain(names, alias, column, staged.apply(table, column.column())));
        types.add(column.type());
    }

    private void join(String child, RowShape.Link link) {
        String alias = "p" + parents++;
        joins.append(" LEFT JOIN ")
                .append(names.table(link.parent()))
                .append(' ')
                .append(alias)
                .append(" ON ");
        joins.append(IntStream.range(0, link.columns().size())
                .mapToObj(i -> alias + "." + names.quoted(link.referenced().get(i)) + " = " + child + "."
                        + names.quoted(link.columns().get(i)))
                .collect(Collectors.joining(" AND ")));
        for (RowShape.Member member : link.parentKey()) {
            if (member instanceof RowShape.Plain plain) {
                add(alias, link.parent(), plain);
            } else if (member instanceof RowShape.Link further) {
                join(alias, further);
            }
        }
    }

    String columns() {
        return String.join(", ", columns)
                + (links.isEmpty() ? "" : ", " + String.join(", ", links))
                + marked().map(sql -> ", " + sql).orElse("");
    }

    String joins() {
        return joins.toString();
    }

    String table() {
        return names.table(shape.table());
    }

    /** How many columns a row has in a result. */
    int width() {
        return columns.size() + links.size() + (shape.tombstone().isPresent() ? 1 : 0);
    }

    /** Its types are asked for once. */
    private @Nullable Object value(ResultSet rows, int index, int column) throws SQLException, SyncValues.Unreadable {
        if (names.dialect() != Dialect.POSTGRESQL || types.get(column) != ValueType.TIMESTAMP) {
            return SyncValues.read(rows, index, types.get(column), names.dialect());
        }
        Boolean known = zoned.get(index);
        if (known == null) {
            known = SyncValues.isZoned(rows, index);
            zoned.put(index, known);
        }
        return SyncValues.timestamp(rows, index, known);
    }

    /** Reads the row at hand, whose columns begin after so many others. */
    SyncRow read(ResultSet rows, int offset) throws SQLException {
        List<@Nullable Object> place = new ArrayList<>();
        String fault = null;
        int at = shape.locator().size();
        for (int i = 0; i < at; i++) {
            place.add(rows.getString(offset + i + 1));
        }
        @Nullable Object[] values = new @Nullable Object[shape.width()];
        for (int i = 0; i < values.length; i++) {
            try {
                values[i] = value(rows, offset + at + i + 1, at + i);
            } catch (SyncValues.Unreadable wrong) {
                fault = columns.get(at + i) + ": " + wrong.getMessage();
            }
        }
        int link = 0;
        for (int i = 0; i < shape.members().size(); i++) {
            if (shape.members().get(i) instanceof RowShape.Link to) {
                int set = rows.getInt(offset + columns.size() + ++link);
                if (set == PARTLY) {
                    fault = to.columns() + " are partly NULL, and what the others say would be lost: set all, or none";
                }
                if (set == 1 && values[shape.offset(i)] == null) {
                    fault = to.columns() + " refers to a row of " + to.parent() + " that is not there";
                }
            }
        }
        String where = Place.of(place);
        SyncRow row = fault == null ? SyncRow.at(where, values) : SyncRow.faulty(where, values, fault);
        boolean isMarked = shape.tombstone().isPresent() && rows.getInt(offset + width()) == 1;
        return isMarked ? row.asDeleted() : row;
    }
}
