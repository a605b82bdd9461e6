package dev.berth.jdbc;

import dev.berth.sync.Lookup;
import dev.berth.sync.RowShape;
import dev.berth.sync.StoreTable;
import dev.berth.sync.SyncRow;
import dev.berth.sync.SyncSession;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads rows of shapes, many by one statement, within one transaction. */
final class RowReads {
    /** Types of PostgreSQL, without a collation of their own, and the values of which no two are the same there. */
    private static final Map<String, Class<?>> EXACT =
            Map.of("text", String.class, "character varying", String.class, "bigint", Long.class, "uuid", UUID.class);

    private final Connection connection;
    private final ColumnNames names;
    private final ParentRows parents;
    private final BiFunction<String, String, String> staged;

    RowReads(Connection connection, ColumnNames names, ParentRows parents, BiFunction<String, String, String> staged) {
        this.connection = connection;
        this.names = names;
        this.parents = parents;
        this.staged = staged;
    }

    List<SyncRow> page(RowShape shape, Optional<String> after, int limit) throws SQLException {
        var select = new ShapeSql(names, shape, staged);
        List<String> key = shape.locator().stream()
                .map(column -> "t." + names.quoted(column.column()))
                .toList();
        List<@Nullable Object> from = after.isPresent() ? Place.values(shape, after.get()) : List.of();
        List<@Nullable Object> bound = new ArrayList<>();
        String condition = "";
        if (after.isPresent()) {
            // The first column alone too: a server does not find a range by the rest.
            condition = " WHERE " + (from.get(0) == null ? "" : compared(shape, 0, ">=", from, bound) + " AND ") + "("
                    + further(shape, from, bound) + ")";
        }
        String sql = "SELECT " + select.columns() + " FROM " + select.table() + " t" + select.joins() + condition
                + " ORDER BY " + String.join(", ", key) + " LIMIT " + limit;
        List<SyncRow> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < bound.size(); i++) {
                statement.setObject(i + 1, placeValue(bound.get(i)));
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(select.read(rows, 0));
                }
            }
        }
        return found;
    }

    private @Nullable Object placeValue(@Nullable Object value) {
        return names.dialect() == Dialect.POSTGRESQL ? value : SyncValues.bound(value);
    }

    /** {@code a > ? OR (a = ? AND b > ?)}, in the order of the columns' own types. SQLite has NULL in keys, and first. */
    private String further(RowShape shape, List<@Nullable Object> from, List<@Nullable Object> bound) {
        List<String> ways = new ArrayList<>();
        for (int i = 0; i < from.size(); i++) {
            List<String> terms = new ArrayList<>();
            for (int j = 0; j <= i; j++) {
                terms.add(compared(shape, j, j == i ? ">" : "=", from, bound));
            }
            ways.add("(" + String.join(" AND ", terms) + ")");
        }
        return String.join(" OR ", ways);
    }

    private String compared(
            RowShape shape, int index, String by, List<@Nullable Object> from, List<@Nullable Object> bound) {
        String name = shape.locator().get(index).column();
        String column = "t." + names.quoted(name);
        if (from.get(index) == null) {
            return column + (by.equals("=") ? " IS NULL" : " IS NOT NULL");
        }
        bound.add(from.get(index));
        String type = names.dialect() == Dialect.POSTGRESQL
                ? "::" + staged.apply(shape.table(), name).replaceAll(" COLLATE .*", "")
                : "";
        return column + " " + by + " ?" + type;
    }

    List<SyncRow> located(RowShape shape, List<String> noted) throws SQLException {
        List<String> places = noted.stream()
                .filter(place -> Place.isOf(shape, place, names.dialect()))
                .toList();
        if (places.isEmpty()) {
            return List.of();
        }
        var select = new ShapeSql(names, shape, staged);
        Stage stage = staged(shape, places);
        List<SyncRow> found = new ArrayList<>();
        String sql = "SELECT " + select.columns() + " FROM " + stage.name() + " s" + joinRows(select.table())
                + onPlace(shape) + select.joins();
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(select.read(rows, 0));
            }
        }
        return found;
    }

    private Stage staged(RowShape shape, List<String> places) throws SQLException {
        return Stage.of(
                connection,
                names.dialect(),
                shape.locator().stream()
                        .map(column -> staged.apply(shape.table(), column.column()))
                        .toList(),
                places.stream()
                        .map(place ->
                                (@Nullable Object[]) Place.values(shape, place).toArray())
                        .toList());
    }

    private String onPlace(RowShape shape) {
        return on(shape.locator().stream().map(RowShape.Plain::column).toList());
    }

    /** The stage on the left: it says how SQLite compares. */
    private String on(List<String> columns) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> "s.f" + i + " = t." + names.quoted(columns.get(i)))
                .collect(Collectors.joining(" AND ", " ON ", ""));
    }

    /** The stage's rows lead, and the table's are looked up. */
    private String joinRows(String table) {
        return switch (names.dialect()) {
            case SQLITE -> " CROSS JOIN " + table + " t";
            case MARIADB -> " STRAIGHT_JOIN " + table + " t";
            case POSTGRESQL, H2 -> " JOIN " + table + " t";
        };
    }

    List<Lookup> find(RowShape shape, List<SyncRow> rows, SyncSession.Locking locking) throws SQLException {
        parents.look(shape, rows);
        List<String> columns = new ArrayList<>();
        shape.key().forEach(member -> columns.addAll(shape.members().get(member).columns()));
        List<@Nullable Object[]> keys = new ArrayList<>();
        List<Integer> staged = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Optional<@Nullable Object[]> key = raw(shape, shape.key(), rows.get(i));
            if (key.isPresent()) {
                keys.add(key.get());
                staged.add(i);
            }
        }
        Map<Integer, SyncRow> found = new HashMap<>();
        int[] sameAs = IntStream.range(0, rows.size()).toArray();
        if (!keys.isEmpty()) {
            boolean isExact = isExact(declared(shape, columns), keys);
            Stage stage = isExact ? stageOnce(shape, columns, keys) : stage(shape, columns, keys);
            if (isExact) {
                fold(keys, staged, sameAs);
            } else {
                fold(stage, columns.size(), staged, sameAs);
            }
            match(shape, stage, columns, locking).forEach((n, row) -> found.put(staged.get(n), row));
        }
        List<Lookup> lookups = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            lookups.add(new Lookup(Optional.ofNullable(found.get(i)), orphanOf(shape, rows.get(i)), sameAs[i]));
        }
        return lookups;
    }

    private List<Integer> orphanOf(RowShape shape, SyncRow row) {
        List<Integer> orphans = new ArrayList<>(0);
        for (int i = 0; i < shape.members().size(); i++) {
            if (shape.members().get(i) instanceof RowShape.Link
                    && parents.of(shape, i, row).isEmpty()) {
                orphans.add(i);
            }
        }
        return orphans;
    }

    /** What columns hold of a row in this database; empty if a parent is not there. */
    private Optional<@Nullable Object[]> raw(RowShape shape, List<Integer> members, SyncRow row) {
        List<@Nullable Object> values = new ArrayList<>();
        for (int member : members) {
            if (shape.members().get(member) instanceof RowShape.Plain) {
                values.add(row.value(shape.offset(member)));
            } else {
                Optional<List<@Nullable Object>> parent = parents.of(shape, member, row);
                if (parent.isEmpty()) {
                    return Optional.empty();
                }
                values.addAll(parent.get());
            }
        }
        return Optional.of(values.toArray());
    }

    private List<String> declared(RowShape shape, List<String> columns) {
        return columns.stream()
                .map(column -> staged.apply(shape.table(), column))
                .toList();
    }

    private Stage stage(RowShape shape, List<String> columns, List<@Nullable Object[]> rows) throws SQLException {
        return Stage.of(connection, names.dialect(), declared(shape, columns), rows);
    }

    private Stage stageOnce(RowShape shape, List<String> columns, List<@Nullable Object[]> rows) throws SQLException {
        return Stage.once(connection, names.dialect(), declared(shape, columns), rows);
    }

    /** Whether values are the same to the database only if they are here: its default collation tells bytes apart. */
    private boolean isExact(List<String> declared, List<@Nullable Object[]> rows) {
        if (names.dialect() != Dialect.POSTGRESQL) {
            return false;
        }
        for (int i = 0; i < declared.size(); i++) {
            Class<?> type = EXACT.getOrDefault(declared.get(i), Void.class);
            for (@Nullable Object[] row : rows) {
                if (!type.isInstance(row[i])) {
                    return false;
                }
            }
        }
        return true;
    }

    private static void fold(List<@Nullable Object[]> keys, List<Integer> staged, int[] sameAs) {
        Map<List<@Nullable Object>, Integer> first = new HashMap<>(2 * keys.size());
        for (int i = 0; i < keys.size(); i++) {
            List<@Nullable Object> key = Arrays.asList(keys.get(i));
            Integer before = first.putIfAbsent(key, staged.get(i));
            if (before != null) {
                sameAs[staged.get(i)] = before;
            }
        }
    }

    /** Rows whose keys are the same by this database's own comparison. */
    private void fold(Stage stage, int width, List<Integer> staged, int[] sameAs) throws SQLException {
        String key = IntStream.range(0, width).mapToObj(i -> "f" + i).collect(Collectors.joining(", "));
        String sql = "SELECT n, m FROM (SELECT n, min(n) OVER (PARTITION BY " + key + ") AS m FROM " + stage.name()
                + ") x WHERE m < n";
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                sameAs[staged.get(rows.getInt(1))] = staged.get(rows.getInt(2));
            }
        }
    }

    private Map<Integer, SyncRow> match(RowShape shape, Stage stage, List<String> columns, SyncSession.Locking locking)
            throws SQLException {
        var select = new ShapeSql(names, shape, staged);
        String sql = "SELECT s.n, " + select.columns() + " FROM " + stage.name() + " s" + joinRows(select.table())
                + on(columns) + select.joins() + " ORDER BY s.n";
        if (locking == SyncSession.Locking.ROWS) {
            sql += switch (names.dialect()) {
                case POSTGRESQL -> " FOR UPDATE OF t";
                case MARIADB -> " FOR UPDATE";
                case SQLITE, H2 -> "";
            };
        }
        Map<Integer, SyncRow> found = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            stage.bind(statement);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                found.putIfAbsent(rows.getInt(1), select.read(rows, 1));
            }
        }
        return found;
    }

    List<Optional<SyncRow>> holders(RowShape shape, StoreTable.Unique unique, List<SyncRow> rows) throws SQLException {
        parents.look(shape, rows);
        List<Optional<SyncRow>> holders = new ArrayList<>(Collections.nCopies(rows.size(), Optional.empty()));
        List<@Nullable Object[]> values = new ArrayList<>();
        List<Integer> staged = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Optional<@Nullable Object[]> one = ofColumns(shape, unique.columns(), rows.get(i));
            if (one.isPresent()) {
                values.add(one.get());
                staged.add(i);
            }
        }
        if (!values.isEmpty()) {
            Stage stage = stageOnce(shape, unique.columns(), values);
            match(shape, stage, unique.columns(), SyncSession.Locking.NONE)
                    .forEach((n, row) -> holders.set(staged.get(n), Optional.of(row)));
        }
        return holders;
    }

    private Optional<@Nullable Object[]> ofColumns(RowShape shape, List<String> columns, SyncRow row) {
        @Nullable Object[] values = new @Nullable Object[columns.size()];
        for (int i = 0; i < shape.members().size(); i++) {
            RowShape.Member member = shape.members().get(i);
            Optional<@Nullable Object[]> held = raw(shape, List.of(i), row);
            for (int j = 0; j < member.columns().size(); j++) {
                int at = indexOf(columns, member.columns().get(j));
                if (at >= 0 && held.isPresent()) {
                    values[at] = held.get()[j];
                }
            }
        }
        for (Object value : values) {
            if (value == null) {
                return Optional.empty();
            }
        }
        return Optional.of(values);
    }

    private static int indexOf(List<String> columns, String name) {
        return IntStream.range(0, columns.size())
                .filter(i -> columns.get(i).equalsIgnoreCase(name))
                .findFirst()
                .orElse(-1);
    }

    /** Their places first: so no more of them are read than are asked for. */
    List<List<SyncRow>> referring(RowShape shape, int link, List<SyncRow> rows, int most) throws SQLException {
        parents.look(shape, rows);
        List<String> columns = shape.members().get(link).columns();
        List<@Nullable Object[]> values = new ArrayList<>();
        List<Integer> staged = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Optional<@Nullable Object[]> parent = raw(shape, List.of(link), rows.get(i));
            if (parent.isPresent() && !Arrays.asList(parent.get()).contains(null)) {
                values.add(parent.get());
                staged.add(i);
            }
        }
        List<List<SyncRow>> referring = new ArrayList<>();
        rows.forEach(row -> referring.add(new ArrayList<>()));
        if (!values.isEmpty()) {
            Map<String, Integer> places = places(shape, stage(shape, columns, values), columns, most);
            for (SyncRow row : located(shape, List.copyOf(places.keySet()))) {
                Integer n = row.locator().map(places::get).orElse(null);
                if (n != null) {
                    referring.get(staged.get(n)).add(row);
                }
            }
        }
        return referring;
    }

    /** Of each staged row so many places at most whose columns have its values, and which of the staged rows that is. */
    private Map<String, Integer> places(RowShape shape, Stage stage, List<String> columns, int most)
            throws SQLException {
        List<String> locator = shape.locator().stream()
                .map(column -> "t." + names.quoted(column.column()))
                .toList();
        String keys = IntStream.range(0, locator.size())
                .mapToObj(i -> locator.get(i) + " AS k" + i)
                .collect(Collectors.joining(", "));
        String sql = "SELECT * FROM (SELECT s.n AS n, " + keys + ", row_number() OVER (PARTITION BY s.n ORDER BY "
                + String.join(", ", locator) + ") AS r FROM " + stage.name() + " s"
                + joinRows(names.table(shape.table())) + on(columns)
                + shape.tombstone()
                        .map(column -> " WHERE NOT " + ShapeSql.marked(names, "t", column))
                        .orElse("")
                + ") x WHERE r <= " + most;
        Map<String, Integer> places = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            stage.bind(statement);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    List<@Nullable Object> place = new ArrayList<>();
                    for (int i = 0; i < locator.size(); i++) {
                        place.add(rows.getString(i + 2));
                    }
                    places.put(Place.of(place), rows.getInt(1));
                }
            }
        }
        return places;
    }

    Set<String> referred(RowShape shape, List<StoreTable.Referrer> referrers, List<String> places) throws SQLException {
        Set<String> referred = new HashSet<>();
        Stage stage = staged(shape, places);
        for (StoreTable.Referrer referrer : referrers) {
            String itself = referrer.schema().isEmpty() && referrer.table().equalsIgnoreCase(shape.table())
                    ? shape.locator().stream()
                            .map(column ->
                                    "c." + names.quoted(column.column()) + " = t." + names.quoted(column.column()))
                            .collect(Collectors.joining(" AND ", " AND NOT (", ")"))
                    : "";
            String sql = "SELECT s.n FROM " + stage.name() + " s" + joinRows(names.table(shape.table()))
                    + onPlace(shape) + " WHERE EXISTS (SELECT 1 FROM "
                    + names.table(referrer.schema(), referrer.table()) + " c WHERE "
                    + IntStream.range(0, referrer.columns().size())
                            .mapToObj(
                                    i -> "c." + names.quoted(referrer.columns().get(i)) + " = t."
                                            + names.quoted(referrer.referenced().get(i)))
                            .collect(Collectors.joining(" AND "))
                    + itself
                    + referrer.but()
                            .map(column -> " AND NOT " + ShapeSql.marked(names, "c", column))
                            .orElse("")
                    + ")";
            try (PreparedStatement statement = connection.prepareStatement(sql);
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    referred.add(places.get(rows.getInt(1)));
                }
            }
        }
        return referred;
    }
}
