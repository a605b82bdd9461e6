package dev.berth.benchmarks;

import java.sql.Connection;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jooq.BatchBindStep;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.LoaderOptionsStep;
import org.jooq.Query;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** What jOOQ has for many rows, with the tables as its generator would know them: from the database. */
final class JooqWays {
    private static final int ROWS = 1_000;

    private JooqWays() {}

    /** What its Loader does with a row that is there. */
    enum Present {
        IGNORED,
        UPDATED
    }

    private static DSLContext open(Connection connection) {
        return DSL.using(connection, SQLDialect.POSTGRES);
    }

    private static Table<?> table(DSLContext context, SyncTables table) {
        return context.meta()
                .filterSchemas(schema -> schema.getName().equals("public"))
                .getTables(table.name())
                .get(0);
    }

    private static List<Field<?>> fields(Table<?> table, List<String> columns) {
        List<Field<?>> fields = new ArrayList<>();
        columns.forEach(column -> fields.add(table.field(column)));
        return fields;
    }

    /** With the time as a time. */
    private static Object[] typed(Object[] row) {
        int last = row.length - 1;
        String text = row[last].toString();
        Instant time = SyncRows.instant(text.substring(0, text.length() - "+00".length()));
        row[last] = OffsetDateTime.ofInstant(time, ZoneOffset.UTC);
        return row;
    }

    /** Upserts in batches, each a transaction, that write no newer row over. */
    static SyncWay batch(SyncWay.Identity identity) {
        return (local, remote) -> {
            long count = 0;
            try (Connection connection = remote.getConnection()) {
                connection.setAutoCommit(false);
                DSLContext context = open(connection);
                for (SyncTables table : SyncTables.ALL) {
                    count += new Batches(context, connection, table, identity).carry(local);
                }
                connection.setAutoCommit(true);
            }
            return count;
        };
    }

    /** One table by batches. */
    private static final class Batches {
        private final DSLContext context;
        private final Connection connection;
        private final SyncTables table;
        private final Query upsert;
        private final List<Object[]> rows = new ArrayList<>();

        Batches(DSLContext context, Connection connection, SyncTables table, SyncWay.Identity identity) {
            this.context = context;
            this.connection = connection;
            this.table = table;
            Table<?> into = table(context, table);
            List<Field<?>> fields = fields(into, table.columns());
            List<String> written = new ArrayList<>(table.rest());
            if (identity == SyncWay.Identity.ID) {
                written.add(table.key());
            }
            Field<OffsetDateTime> changed = into.field("updated_at", OffsetDateTime.class);
            var setting = new java.util.LinkedHashMap<Field<?>, Object>();
            fields(into, written).forEach(field -> setting.put(field, DSL.excluded(field)));
            upsert = context.insertInto(into, fields)
                    .values(new Object[fields.size()])
                    .onConflict(into.field(identity.column(table.key())))
                    .doUpdate()
                    .set(setting)
                    .where(changed.lt(DSL.excluded(changed)));
        }

        long carry(String local) throws Exception {
            long count = table.each(local, "", row -> {
                rows.add(typed(row));
                if (rows.size() == ROWS) {
                    write();
                }
            });
            write();
            return count;
        }

        private void write() throws Exception {
            if (rows.isEmpty()) {
                return;
            }
            BatchBindStep batch = context.batch(upsert);
            for (Object[] row : rows) {
                batch = batch.bind(row);
            }
            batch.execute();
            connection.commit();
            rows.clear();
        }
    }

    /** The Loader, which takes all rows from one iterator; here they are in memory. */
    static SyncWay loader(Present present, String condition) {
        return (local, remote) -> {
            long count = 0;
            try (Connection connection = remote.getConnection()) {
                connection.setAutoCommit(false);
                DSLContext context = open(connection);
                for (SyncTables table : SyncTables.ALL) {
                    List<Object[]> rows = new ArrayList<>();
                    count += table.each(local, condition.formatted(table.site()), row -> rows.add(typed(row)));
                    load(context, table, present, rows);
                }
                connection.setAutoCommit(true);
            }
            return count;
        };
    }

    private static void load(DSLContext context, SyncTables table, Present present, List<Object[]> rows)
            throws Exception {
        Table<?> into = table(context, table);
        LoaderOptionsStep<?> loader = context.loadInto(into);
        loader = present == Present.UPDATED ? loader.onDuplicateKeyUpdate() : loader.onDuplicateKeyIgnore();
        var loaded = loader.batchAfter(ROWS)
                .commitAfter(1)
                .loadArrays(rows.iterator())
                .fields(fields(into, table.columns()))
                .execute();
        if (!loaded.errors().isEmpty()) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "%d errors, the first: %s",
                    loaded.errors().size(),
                    loaded.errors().get(0).exception()));
        }
    }
}
