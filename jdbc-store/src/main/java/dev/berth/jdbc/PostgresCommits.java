package dev.berth.jdbc;

import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries out plain units on PostgreSQL: all of one kind in one statement, and the statements of all kinds in one round
 * trip, which is one transaction. Each statement reads, compares and writes by itself; the unique keys decide where
 * another transaction is at the same rows, and then all of it begins again.
 */
final class PostgresCommits {
    private final PostgresCreates creates;
    private final PostgresReleases releases;

    PostgresCommits(Tables tables) {
        creates = new PostgresCreates(tables);
        releases = new PostgresReleases(tables);
    }

    /** One statement for some of the units, and what it told of them. */
    interface Batch {
        String sql();

        List<@Nullable Object> values(long least);

        Session.Reading<?> reading(Session session);

        /** What became of the units, null where another road must tell. */
        List<@Nullable CommitResult> results(FreeHints.News news);
    }

    /** Whether all units are of a kind that this carries out. */
    static boolean takes(List<Commit> units) {
        return units.stream()
                .allMatch(unit -> unit.isPlain()
                        && (unit.claims().get(0) instanceof Commit.Create
                                || unit.claims().get(0) instanceof Commit.Release));
    }

    /**
     * Carries out the first of the units that do not touch each other.
     *
     * @return what became of each of them; null where this cannot tell, and nothing was done
     */
    List<@Nullable CommitResult> run(Session session, List<Commit> units, FreeHints.News news) throws SQLException {
        List<Batch> batches = batches(units);
        String sql = batches.stream().map(Batch::sql).collect(Collectors.joining(";\n"));
        long least = session.least();
        List<@Nullable Object> values = new ArrayList<>();
        batches.forEach(batch -> values.addAll(batch.values(least)));
        List<Session.Reading<?>> readings = new ArrayList<>();
        batches.forEach(batch -> readings.add(batch.reading(session)));
        session.each(readings, sql, values.toArray());
        List<@Nullable CommitResult> results = new ArrayList<>();
        batches.forEach(batch -> results.addAll(batch.results(news)));
        return results;
    }

    /** Batches of the first units, as long as no row is touched twice and the kinds change seldom. */
    private List<Batch> batches(List<Commit> units) {
        Set<Object> touched = new HashSet<>();
        List<Batch> batches = new ArrayList<>();
        int from = 0;
        int to = 0;
        while (to < units.size() && batches.size() < 2 && touch(units.get(to), touched)) {
            to++;
            if (to == units.size() || isCreate(units.get(to)) != isCreate(units.get(from))) {
                batches.add(batch(units.subList(from, to)));
                from = to;
            }
        }
        if (from < to && batches.size() < 2) {
            batches.add(batch(units.subList(from, to)));
        }
        return batches;
    }

    private static boolean isCreate(Commit unit) {
        return unit.claims().get(0) instanceof Commit.Create;
    }

    private static boolean touch(Commit unit, Set<Object> touched) {
        Commit.ClaimWrite write = unit.claims().get(0);
        Set<Object> own = new HashSet<>();
        own.add(write.claim());
        write.claimant().ifPresent(own::add);
        write.taken().forEach(take -> own.add(take.resource()));
        if (own.stream().anyMatch(touched::contains)) {
            return false;
        }
        touched.addAll(own);
        return true;
    }

    private Batch batch(List<Commit> units) {
        return isCreate(units.get(0))
                ? creates.batch(units.stream()
                        .map(unit -> (Commit.Create) unit.claims().get(0))
                        .toList())
                : releases.batch(units.stream()
                        .map(unit -> (Commit.Release) unit.claims().get(0))
                        .toList());
    }

    // ------------------------------------------------------------------ values

    /**
     * A table of values within a statement: rows of values where they are of one unit, whose plan is the quicker one;
     * else arrays, so that there are few texts to plan.
     */
    static final class ValueTable {
        private static final int FEW = 8;

        /** Arrays of fewer values would be planned for anew at each call (PostgreSQL 15, measured). */
        private static final int LEAST_ARRAY = 16;

        private final String name;
        private final List<String> columns;
        private final List<String> types;
        private final List<@Nullable Object[]> rows = new ArrayList<>();
        private final int units;

        /**
         * Makes a table without rows.
         *
         * @param units for how many units it is
         * @param columns names and types, one after the other
         */
        ValueTable(String name, int units, String... columns) {
            this.name = name;
            this.units = units;
            this.columns = new ArrayList<>();
            this.types = new ArrayList<>();
            for (int i = 0; i < columns.length; i += 2) {
                this.columns.add(columns[i]);
                this.types.add(columns[i + 1]);
            }
        }

        void add(@Nullable Object... row) {
            rows.add(row);
        }

        private boolean isSmall() {
            return units == 1 && rows.size() <= FEW;
        }

        /** What the text depends on: how many rows are spelt out, or none where arrays are sent. */
        int shape() {
            return isSmall() ? sent().size() : 0;
        }

        /** The rows as they are sent: a power of two where they are few, the rest filled with rows of nulls. */
        private List<@Nullable Object[]> sent() {
            List<@Nullable Object[]> sent = new ArrayList<>(rows);
            int size = isSmall()
                    ? Integer.highestOneBit(Math.max(1, 2 * rows.size() - 1))
                    : Math.max(LEAST_ARRAY, rows.size());
            while (sent.size() < size) {
                sent.add(new @Nullable Object[columns.size()]);
            }
            return sent;
        }

        String sql() {
            String head = name + "(" + String.join(", ", columns) + ") AS (";
            if (isSmall()) {
                String row = types.stream().map(type -> "?::" + type).collect(Collectors.joining(", ", "(", ")"));
                return head + "VALUES " + String.join(", ", java.util.Collections.nCopies(sent().size(), row)) + ")";
            }
            return head + "SELECT * FROM unnest("
                    + types.stream().map(type -> "?::" + type + "[]").collect(Collectors.joining(", ")) + "))";
        }

        List<@Nullable Object> values() {
            List<@Nullable Object> values = new ArrayList<>();
            if (isSmall()) {
                sent().forEach(row -> values.addAll(Arrays.asList(row)));
                return values;
            }
            for (int column = 0; column < columns.size(); column++) {
                int at = column;
                List<@Nullable Object> all = new ArrayList<>(rows.size());
                sent().forEach(row -> all.add(row[at]));
                values.add(new Session.Values(types.get(column), all));
            }
            return values;
        }
    }
}
