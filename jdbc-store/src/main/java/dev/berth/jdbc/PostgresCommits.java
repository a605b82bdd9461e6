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
final class PostgresCommits implements PlainCommits {
    /** So many statements at most go into one round trip. */
    private static final int KINDS = Kind.values().length;

    /** Versions before this one always weigh plans anew, and do not know the setting. */
    private static final int KEEPS_PLANS = 12;

    /** A unit that must wait is handed over by itself, so that others of its call do not wait with it. */
    private static final String SHORT_WAIT = "100ms";

    /**
     * How a call of several units begins. The transaction is begun aloud: the driver sends several statements of one text
     * in one round trip, but at times with an end of transaction between them (pgjdbc 42.7, where it asks for the form
     * of a result). Then plans of arrays are kept, and go by the indexes: else those of short arrays are made anew at
     * each call, which costs more than to carry them out, and small tables are read whole, with all the rows that were
     * deleted since the last vacuum (PostgreSQL 15 and 18, measured).
     */
    private final String beginning;

    private final PostgresCreates creates;
    private final PostgresReleases releases;
    private final PostgresChanges changes;

    PostgresCommits(Tables tables, int major) {
        beginning = Dialect.POSTGRESQL.begin().get(0)
                + ";\nSELECT set_config('enable_seqscan', 'off', true), set_config('lock_timeout', '" + SHORT_WAIT
                + "', true)"
                + (major < KEEPS_PLANS ? "" : ", set_config('plan_cache_mode', 'force_generic_plan', true)")
                + ";\n";
        creates = new PostgresCreates(tables);
        releases = new PostgresReleases(tables);
        changes = new PostgresChanges(tables);
    }

    /** One statement for some of the units, and what it told of them. */
    interface Batch {
        String sql();

        List<@Nullable Object> values(long least);

        Session.Reading<?> reading(Session session);

        /** What became of the units, null where another road must tell. */
        List<@Nullable CommitResult> results(FreeHints.News news);
    }

    /** Carries out the first of the units that do not touch each other. */
    @Override
    public List<@Nullable CommitResult> run(Session session, List<Commit> units, FreeHints.News news)
            throws SQLException {
        List<Batch> batches = batches(units);
        String sql = batches.stream().map(Batch::sql).collect(Collectors.joining(";\n"));
        long least = session.least();
        List<@Nullable Object> values = new ArrayList<>();
        batches.forEach(batch -> values.addAll(batch.values(least)));
        List<Session.Reading<?>> readings = new ArrayList<>();
        boolean several = units.size() > 1;
        if (several) {
            sql = beginning + sql + ";\nCOMMIT";
            readings.add(Row::text);
        }
        batches.forEach(batch -> readings.add(batch.reading(session)));
        if (several) {
            session.begins();
        }
        session.each(readings, sql, values.toArray());
        session.ends();
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
        while (to < units.size() && batches.size() < KINDS && PlainCommits.touch(units.get(to), touched)) {
            to++;
            if (to == units.size() || kind(units.get(to)) != kind(units.get(from))) {
                batches.add(batch(units.subList(from, to)));
                from = to;
            }
        }
        if (from < to && batches.size() < KINDS) {
            batches.add(batch(units.subList(from, to)));
        }
        return batches;
    }

    /** Units of one kind go into one statement. */
    private enum Kind {
        RELEASE,
        CHANGE,
        CREATE
    }

    private static Kind kind(Commit unit) {
        Commit.ClaimWrite write = unit.claims().get(0);
        if (write instanceof Commit.Create) {
            return Kind.CREATE;
        }
        return write instanceof Commit.Release ? Kind.RELEASE : Kind.CHANGE;
    }

    private Batch batch(List<Commit> units) {
        List<Commit.ClaimWrite> writes =
                units.stream().map(unit -> unit.claims().get(0)).toList();
        return switch (kind(units.get(0))) {
            case CREATE ->
                creates.batch(writes.stream().map(Commit.Create.class::cast).toList());
            case RELEASE ->
                releases.batch(writes.stream().map(Commit.Release.class::cast).toList());
            case CHANGE -> changes.batch(writes);
        };
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
