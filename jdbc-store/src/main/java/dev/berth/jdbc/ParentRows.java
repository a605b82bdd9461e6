package dev.berth.jdbc;

import dev.berth.sync.RowShape;
import dev.berth.sync.SyncRow;
import dev.berth.sync.ValueType;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds the parents that rows name by their natural keys, and what a foreign key to them holds in this database. */
final class ParentRows {
    private final Connection connection;
    private final ColumnNames names;
    private final BiFunction<String, String, String> staged;
    /** By the links as they are in their shapes: to compare what they say would cost more than to look again. */
    private final IdentityHashMap<RowShape.Link, Map<List<@Nullable Object>, Optional<List<Object>>>> known =
            new IdentityHashMap<>();

    /**
     * Makes one for a transaction.
     *
     * @param staged how a column is declared in a stage, by its table and name
     */
    ParentRows(Connection connection, ColumnNames names, BiFunction<String, String, String> staged) {
        this.connection = connection;
        this.names = names;
        this.staged = staged;
    }

    /** What the columns of a link hold for a row: empty if the parent is not there, NULLs if the row names none. */
    Optional<List<@Nullable Object>> of(RowShape shape, int member, SyncRow row) {
        RowShape.Link link = (RowShape.Link) shape.members().get(member);
        List<@Nullable Object> key = key(shape, member, row);
        if (!isWhole(key)) {
            return Optional.of(Arrays.asList(new @Nullable Object[link.columns().size()]));
        }
        Optional<List<Object>> found = known(link).get(key);
        if (found == null) {
            throw new IllegalStateException("a parent was not looked for");
        }
        return found.map(values -> (List<@Nullable Object>) new ArrayList<@Nullable Object>(values));
    }

    private Map<List<@Nullable Object>, Optional<List<Object>>> known(RowShape.Link link) {
        return known.computeIfAbsent(link, one -> new HashMap<>());
    }

    private static List<@Nullable Object> key(RowShape shape, int member, SyncRow row) {
        int from = shape.offset(member);
        @Nullable
        Object[] key = new @Nullable Object[shape.members().get(member).width()];
        for (int i = 0; i < key.length; i++) {
            key[i] = row.value(from + i);
        }
        return Arrays.asList(key);
    }

    private static boolean isWhole(List<@Nullable Object> key) {
        for (Object value : key) {
            if (value == null) {
                return false;
            }
        }
        return true;
    }

    /** Looks for the parents of some rows, each once. */
    void look(RowShape shape, List<SyncRow> rows) throws SQLException {
        for (int i = 0; i < shape.members().size(); i++) {
            if (shape.members().get(i) instanceof RowShape.Link link) {
                Map<List<@Nullable Object>, Optional<List<Object>>> before = known(link);
                Set<List<@Nullable Object>> keys = new LinkedHashSet<>();
                for (SyncRow row : rows) {
                    List<@Nullable Object> key = key(shape, i, row);
                    if (isWhole(key) && !before.containsKey(key)) {
                        keys.add(key);
                    }
                }
                if (!keys.isEmpty()) {
                    look(link, List.copyOf(keys));
                }
            }
        }
    }

    /** Rows that this transaction has written may be parents. */
    void forgetMissing() {
        known.values().forEach(found -> found.values().removeIf(Optional::isEmpty));
    }

    private void look(RowShape.Link link, List<List<@Nullable Object>> keys) throws SQLException {
        var search = new Search();
        String parent = search.join(link);
        String columns = link.referenced().stream()
                .map(column -> parent + "." + names.quoted(column))
                .collect(Collectors.joining(", "));
        Stage stage = Stage.once(
                connection,
                names.dialect(),
                search.declared,
                keys.stream().map(List::toArray).toList());
        Map<List<@Nullable Object>, Optional<List<Object>>> answers = known(link);
        keys.forEach(key -> answers.put(key, Optional.empty()));
        String sql = "SELECT s.n, " + columns + ", " + String.join(", ", search.fields) + " FROM " + stage.name() + " s"
                + search.joins;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            stage.bind(statement);
            ResultSet rows = statement.executeQuery();
            int width = link.referenced().size();
            while (rows.next()) {
                List<@Nullable Object> key = keys.get(rows.getInt(1));
                List<Object> values = new ArrayList<>();
                for (int i = 0; i < width; i++) {
                    Object value = rows.getObject(i + 2);
                    if (value != null) {
                        values.add(value);
                    }
                }
                // To the byte: a parent whose key is only taken for the same here is another one.
                if (values.size() == width && isExact(search, rows, width + 2, key)) {
                    answers.put(key, Optional.of(values));
                }
            }
        }
    }

    private boolean isExact(Search search, ResultSet rows, int from, List<@Nullable Object> key) throws SQLException {
        for (int i = 0; i < key.size(); i++) {
            try {
                Object value = SyncValues.read(rows, from + i, search.types.get(i), names.dialect());
                Object wanted = key.get(i);
                if (!isSame(value, wanted)) {
                    return false;
                }
            } catch (SyncValues.Unreadable other) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSame(@Nullable Object value, @Nullable Object wanted) {
        if (value instanceof BigDecimal one && wanted instanceof BigDecimal other) {
            return one.compareTo(other) == 0;
        }
        return Objects.deepEquals(value, wanted);
    }

    /** The joins from a stage of keys to the parents, grandparents first. */
    private final class Search {
        private final List<String> declared = new ArrayList<>();
        private final List<String> fields = new ArrayList<>();
        private final List<ValueType> types = new ArrayList<>();
        private final StringBuilder joins = new StringBuilder();
        private int aliases;

        String join(RowShape.Link link) {
            List<String> conditions = new ArrayList<>();
            String alias = "p" + aliases++;
            for (RowShape.Member member : link.parentKey()) {
                if (member instanceof RowShape.Plain plain) {
                    conditions.add("s.f" + declared.size() + " = " + alias + "." + names.quoted(plain.column()));
                    declared.add(staged.apply(link.parent(), plain.column()));
                    fields.add(ShapeSql.plain(names, alias, plain, declared.get(declared.size() - 1)));
                    types.add(plain.type());
                } else if (member instanceof RowShape.Link further) {
                    String grandparent = join(further);
                    IntStream.range(0, further.columns().size())
                            .forEach(i -> conditions.add(
                                    alias + "." + names.quoted(further.columns().get(i)) + " = " + grandparent + "."
                                            + names.quoted(further.referenced().get(i))));
                }
            }
            joins.append(" LEFT JOIN ")
                    .append(names.table(link.parent()))
                    .append(' ')
                    .append(alias)
                    .append(" ON ")
                    .append(String.join(" AND ", conditions));
            return alias;
        }
    }
}
