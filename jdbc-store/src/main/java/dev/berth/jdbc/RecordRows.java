package dev.berth.jdbc;

import static dev.berth.jdbc.Tables.NAME;
import static dev.berth.jdbc.Tables.RECORD;
import static dev.berth.jdbc.Tables.UNTIL;
import static dev.berth.jdbc.Tables.VALUE;
import static dev.berth.jdbc.Tables.VERSION;
import static org.jooq.impl.DSL.select;

import dev.berth.ledger.Commit;
import dev.berth.ledger.LedgerRecord;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;

/** The named records. One that has ended stays, so that its version is not used again, until it is pruned. */
final class RecordRows {
    private final DSLContext dsl;
    private final String find;
    private final String insert;
    private final String delete;
    private final String live;
    private final String prune;

    RecordRows(DSLContext dsl) {
        this.dsl = dsl;
        find = dsl.select(NAME, VERSION, VALUE, UNTIL)
                .from(RECORD)
                .where(NAME.eq(""))
                .getSQL();
        insert = dsl.insertInto(RECORD, NAME, VERSION, VALUE, UNTIL)
                .values("", 0L, "", 0L)
                .getSQL();
        delete = dsl.deleteFrom(RECORD).where(NAME.eq("")).getSQL();
        live = dsl.update(RECORD).set(UNTIL, 0L).where(NAME.eq("")).getSQL();
        prune = dsl.deleteFrom(RECORD)
                .where(NAME.in(select(NAME)
                        .from(RECORD)
                        .where(UNTIL.lt(0L).and(VERSION.lt(0L)))
                        .orderBy(UNTIL)
                        .limit(1)))
                .getSQL();
    }

    Optional<LedgerRecord> current(Session session, String name) throws SQLException {
        return stored(session, name).filter(record -> isCurrent(record, session.at()));
    }

    private static boolean isCurrent(LedgerRecord record, Instant at) {
        return record.until().map(until -> until.isAfter(at)).orElse(true);
    }

    private Optional<LedgerRecord> stored(Session session, String name) throws SQLException {
        return session.first(RecordRows::read, find, name);
    }

    List<LedgerRecord> page(Session session, String prefix, Optional<String> after, int limit) throws SQLException {
        return session.list(
                RecordRows::read,
                dsl.select(NAME, VERSION, VALUE, UNTIL)
                        .from(RECORD)
                        .where(Pages.range(NAME, prefix, after))
                        .and(UNTIL.isNull().or(UNTIL.gt(Columns.micros(session.at()))))
                        .orderBy(NAME)
                        .limit(limit));
    }

    private static LedgerRecord read(Row row) throws SQLException {
        return new LedgerRecord(row.text(), row.number(), row.text(), row.optionalInstant());
    }

    /** Puts a record whose expectation holds, and returns its new version. */
    long put(Session session, Commit.PutRecord put) throws SQLException {
        Instant at = session.at();
        long last = stored(session, put.name()).map(LedgerRecord::version).orElse(0L);
        long version = Math.max(last + 1, Columns.micros(at));
        session.update(delete, put.name());
        session.updateOne(
                insert,
                put.name(),
                version,
                put.value(),
                Columns.micros(put.span().map(at::plus)));
        return version;
    }

    /** Carries out a write, other than a put, whose expectation holds. */
    void write(Session session, Commit.RecordWrite write) throws SQLException {
        Instant at = session.at();
        if (write instanceof Commit.RenewRecord renew) {
            session.update(live, Columns.micros(at.plus(renew.span())), renew.name());
        } else if (write instanceof Commit.EndRecord end) {
            session.update(live, Columns.micros(at), end.name());
        }
    }

    /** A version ahead of the clock is kept, else the name's next version could be one that was used. */
    int prune(Session session, long before, int limit) throws SQLException {
        return session.update(prune, before, Columns.micros(session.at()), limit);
    }
}
