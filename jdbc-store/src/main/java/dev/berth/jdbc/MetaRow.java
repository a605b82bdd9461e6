package dev.berth.jdbc;

import static dev.berth.jdbc.Tables.CLOCK_MARK;
import static dev.berth.jdbc.Tables.LEDGER;
import static dev.berth.jdbc.Tables.ONLY_ROW;
import static dev.berth.jdbc.Tables.PLACE;
import static dev.berth.jdbc.Tables.SCHEMA_VERSION;

import dev.berth.ledger.LedgerIdentity;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;

/** The ledger's row about itself. */
final class MetaRow {
    private final String insert;
    private final String version;
    private final String setVersion;
    private final String mark;
    private final String lockMark;
    private final String setMark;
    private final String identity;
    private final String setIdentity;

    MetaRow(Dialect dialect, Tables tables) {
        DSLContext dsl = dialect.dsl();
        insert = dialect.sql(dsl.insertInto(tables.meta)
                .columns(ONLY_ROW, SCHEMA_VERSION, LEDGER, PLACE, CLOCK_MARK)
                .values(1, 0, (Object) new byte[16], "", 0L));
        version = dialect.sql(dsl.select(SCHEMA_VERSION).from(tables.meta));
        setVersion = dialect.sql(dsl.update(tables.meta).set(SCHEMA_VERSION, 0));
        mark = dialect.sql(dsl.select(CLOCK_MARK).from(tables.meta));
        lockMark = dialect.sql(dsl.select(CLOCK_MARK).from(tables.meta).forUpdate());
        setMark = dialect.sql(dsl.update(tables.meta).set(CLOCK_MARK, 0L));
        identity = dialect.sql(dsl.select(LEDGER, PLACE).from(tables.meta));
        setIdentity = dialect.sql(
                dsl.update(tables.meta).set(LEDGER, (Object) new byte[16]).set(PLACE, ""));
    }

    void insert(Session session, int schemaVersion, UUID ledger, String place) throws SQLException {
        session.updateOne(insert, 1, schemaVersion, ledger, place, 0L);
    }

    Optional<Integer> schemaVersion(Session session) throws SQLException {
        return session.first(Row::integer, version);
    }

    void setSchemaVersion(Session session, int version) throws SQLException {
        session.updateOne(setVersion, version);
    }

    long clockMark(Session session) throws SQLException {
        return session.first(Row::number, mark).orElseThrow(() -> new SQLException("the ledger's own row is gone"));
    }

    /** Reads the mark, and keeps others from doing so until the transaction ends. */
    long lockClockMark(Session session) throws SQLException {
        return session.first(Row::number, lockMark).orElseThrow(() -> new SQLException("the ledger's own row is gone"));
    }

    void setClockMark(Session session, Instant at) throws SQLException {
        session.updateOne(setMark, Columns.micros(at));
    }

    LedgerIdentity identity(Session session, String current) throws SQLException {
        return session.first(row -> new LedgerIdentity(row.id(), row.text(), current), identity)
                .orElseThrow(() -> new SQLException("the ledger's own row is gone"));
    }

    void setIdentity(Session session, UUID ledger, String place) throws SQLException {
        session.updateOne(setIdentity, ledger, place);
    }
}
