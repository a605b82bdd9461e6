package dev.berth.jdbc;

import static dev.berth.jdbc.Tables.NAME;
import static dev.berth.jdbc.Tables.UNTIL;
import static dev.berth.jdbc.Tables.VALUE;
import static dev.berth.jdbc.Tables.VERSION;

import dev.berth.ledger.Commit;
import dev.berth.ledger.LedgerRecord;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Supplier;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.SelectConditionStep;
import org.jspecify.annotations.Nullable;

/** The named records. One that has ended stays, so that its version is not used again, until it is pruned. */
final class RecordRows {
    private final Dialect dialect;
    private final Tables tables;
    private final String find;
    private final String insert;
    private final String replace;
    private final String live;
    private final String ended;
    private final String forget;

    /** A record as it is stored, ended or not, and the time at which it was seen. */
    private record Stored(LedgerRecord record, Instant at) {
        Optional<LedgerRecord> current() {
            return isCurrent(record, at) ? Optional.of(record) : Optional.empty();
        }
    }

    RecordRows(Dialect dialect, Tables tables) {
        this.dialect = dialect;
        this.tables = tables;
        DSLContext dsl = dialect.dsl();
        find = dialect.sql(records(NAME.eq(""), 0));
        insert = dialect.sql(dsl.insertInto(tables.record)
                .columns(NAME, VERSION, VALUE, UNTIL)
                .values("", 0L, "", 0L));
        replace = dialect.sql(dsl.update(tables.record)
                .set(VERSION, 0L)
                .set(VALUE, "")
                .set(UNTIL, 0L)
                .where(NAME.eq("")));
        live = dialect.sql(dsl.update(tables.record).set(UNTIL, 0L).where(NAME.eq("")));
        Condition over = UNTIL.lt(0L).and(VERSION.lt(0L));
        ended = dialect.sql(
                dsl.select(NAME).from(tables.record).where(over).orderBy(UNTIL).limit(1));
        forget = dialect.sql(dsl.deleteFrom(tables.record).where(NAME.eq("")).and(over));
    }

    private SelectConditionStep<? extends Record> records(Condition wanted, long least) {
        return dialect.dsl()
                .select(dialect.now(least), NAME, VERSION, VALUE, UNTIL)
                .from(tables.record)
                .where(wanted);
    }

    Optional<LedgerRecord> current(Session session, String name) throws SQLException {
        return session.first(row -> read(session, row), find, session.least(), name)
                .flatMap(Stored::current);
    }

    /**
     * Reads records as they are stored, ended or not, and keeps others from changing them until the transaction ends.
     */
    Map<String, LedgerRecord> locked(Session session, SortedSet<String> names) throws SQLException {
        Map<String, LedgerRecord> found = new HashMap<>();
        if (names.isEmpty()) {
            return found;
        }
        SelectConditionStep<? extends Record> wanted = records(NAME.in(names), session.least());
        Query query = dialect.locksRows() ? wanted.orderBy(NAME).forUpdate() : wanted;
        for (Stored stored : session.list(row -> read(session, row), query)) {
            found.put(stored.record().name(), stored.record());
        }
        return found;
    }

    List<LedgerRecord> page(Session session, String prefix, Optional<String> after, int limit) throws SQLException {
        Condition wanted =
                Pages.range(NAME, prefix, after).and(UNTIL.isNull().or(UNTIL.gt(dialect.now(session.least()))));
        return session
                .list(
                        row -> read(session, row),
                        records(wanted, session.least()).orderBy(NAME).limit(limit))
                .stream()
                .map(Stored::record)
                .toList();
    }

    private static Stored read(Session session, Row row) throws SQLException {
        Instant at = session.told(row);
        return new Stored(new LedgerRecord(row.text(), row.number(), row.text(), row.optionalInstant()), at);
    }

    private static boolean isCurrent(LedgerRecord record, Instant at) {
        return record.until().map(until -> until.isAfter(at)).orElse(true);
    }

    /**
     * The version that counts as current: 0 where there is none, it was ended, or has run out. The clock is asked only
     * where the record has an end.
     */
    static long version(@Nullable LedgerRecord stored, Supplier<Instant> clock) {
        return stored != null && (stored.until().isEmpty() || isCurrent(stored, clock.get())) ? stored.version() : 0;
    }

    /** Puts a record whose expectation holds, and returns its new version. */
    long put(Session session, Commit.PutRecord put, @Nullable LedgerRecord stored) {
        Instant at = session.at();
        long last = stored == null ? 0 : stored.version();
        long version = Math.max(last + 1, Columns.micros(at));
        Long until = Columns.micros(put.span().map(at::plus));
        if (stored == null) {
            session.addOne(insert, put.name(), version, put.value(), until);
        } else {
            session.addOne(replace, version, put.value(), until, put.name());
        }
        return version;
    }

    /** Carries out a write, other than a put, whose expectation holds. */
    void write(Session session, Commit.RecordWrite write) {
        Instant at = session.at();
        if (write instanceof Commit.RenewRecord renew) {
            session.addOne(live, Columns.micros(at.plus(renew.span())), renew.name());
        } else if (write instanceof Commit.EndRecord end) {
            session.addOne(live, Columns.micros(at), end.name());
        }
    }

    /** A version ahead of the clock is kept, else the name's next version could be one that was used. */
    int prune(Session session, long before, int limit) throws SQLException {
        long now = Columns.micros(session.at());
        for (String name : session.list(Row::text, ended, before, now, limit)) {
            session.add(forget, name, before, now);
        }
        return session.flush();
    }
}
