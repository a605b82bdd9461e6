package dev.berth.jdbc;

import static dev.berth.jdbc.Tables.CLAIM_COLUMNS;
import static dev.berth.jdbc.Tables.CLAIM_ID;
import static dev.berth.jdbc.Tables.ENDED_AT;
import static dev.berth.jdbc.Tables.END_REASON;
import static dev.berth.jdbc.Tables.ENTRY;
import static dev.berth.jdbc.Tables.HOLDING_COLUMNS;
import static dev.berth.jdbc.Tables.HOME;
import static dev.berth.jdbc.Tables.ID;
import static dev.berth.jdbc.Tables.KIND;
import static dev.berth.jdbc.Tables.LABEL_NAME;
import static dev.berth.jdbc.Tables.LABEL_TEXT;
import static dev.berth.jdbc.Tables.NAME;
import static dev.berth.jdbc.Tables.PART;
import static dev.berth.jdbc.Tables.ROLE;
import static dev.berth.jdbc.Tables.SCOPE;
import static dev.berth.jdbc.Tables.SINCE;
import static dev.berth.jdbc.Tables.TENANT;
import static dev.berth.jdbc.Tables.VALUE;
import static org.jooq.impl.DSL.noCondition;

import dev.berth.ledger.Claim;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Tombstone;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Select;
import org.jspecify.annotations.Nullable;

/** What is remembered: ended holdings, and provisioned claims that were released. */
final class HistoryRows {
    private static final Object ANY_ID = new byte[16];

    private final ClaimReader<End, Tombstone> reader;
    private final String find;
    private final String insert;
    private final String insertTombstone;
    private final String insertHolding;
    private final String insertLabel;
    private final String old;
    private final String forget;
    /** For PostgreSQL, where an entry has no key of its own. */
    private final String forgetRows;

    private final String ended;
    private final List<String> deleteTombstone;

    private record End(Instant at, EndReason reason) {}

    HistoryRows(Dialect dialect, Tables tables) {
        DSLContext dsl = dialect.dsl();
        reader = new ClaimReader<>(
                dialect,
                tables.tombstone,
                tables.tombstoneHolding,
                tables.tombstoneLabel,
                List.of(ENDED_AT, END_REASON),
                row -> new End(row.instant(), EndReason.valueOf(row.text())),
                (claim, end, at) -> new Tombstone(claim, end.at(), end.reason()));
        find = dialect.sql(
                dsl.select(KIND, SCOPE, VALUE, TENANT, NAME, CLAIM_ID, PART, ROLE, SINCE, ENDED_AT, END_REASON)
                        .from(tables.history)
                        .where(KIND.eq("").and(SCOPE.eq("")).and(VALUE.eq("")))
                        .and(ENDED_AT.ge(0L))
                        .and(SINCE.le(0L))
                        .orderBy(ENDED_AT.desc(), ENTRY.desc())
                        .limit(1));
        insert = dialect.sql(dsl.insertInto(tables.history)
                .columns(KIND, SCOPE, VALUE, TENANT, NAME, CLAIM_ID, PART, ROLE, SINCE, ENDED_AT, END_REASON)
                .values("", "", "", "", "", ANY_ID, "", "", 0L, 0L, ""));
        List<Field<?>> columns = Stream.concat(CLAIM_COLUMNS.stream(), Stream.of(ENDED_AT, END_REASON))
                .toList();
        insertTombstone = dialect.sql(
                dsl.insertInto(tables.tombstone, columns).values(Collections.nCopies(columns.size(), null)));
        List<Field<?>> ofHolding =
                Stream.concat(Stream.of(CLAIM_ID), HOLDING_COLUMNS.stream()).toList();
        insertHolding = dialect.sql(
                dsl.insertInto(tables.tombstoneHolding, ofHolding).values(Collections.nCopies(ofHolding.size(), null)));
        insertLabel = dialect.sql(dsl.insertInto(tables.tombstoneLabel)
                .columns(CLAIM_ID, LABEL_NAME, LABEL_TEXT)
                .values(ANY_ID, "", ""));
        old = dialect.sql(dsl.select(ENTRY)
                .from(tables.history)
                .where(ENDED_AT.lt(0L))
                .orderBy(ENDED_AT)
                .limit(1));
        forget = dialect.sql(dsl.deleteFrom(tables.history).where(ENTRY.eq(0L)));
        String name = tables.name(tables.history);
        forgetRows = "DELETE FROM " + name + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " + name
                + " WHERE ended_at < ? LIMIT ?))";
        ended = dialect.sql(dsl.select(ID)
                .from(tables.tombstone)
                .where(ENDED_AT.lt(0L))
                .orderBy(ENDED_AT)
                .limit(1));
        deleteTombstone = List.of(
                dialect.sql(dsl.deleteFrom(tables.tombstoneHolding).where(CLAIM_ID.eq(ANY_ID))),
                dialect.sql(dsl.deleteFrom(tables.tombstoneLabel).where(CLAIM_ID.eq(ANY_ID))),
                dialect.sql(dsl.deleteFrom(tables.tombstone).where(ID.eq(ANY_ID))));
    }

    /** Entries of a resource that touch the span, latest end first. */
    List<HistoryEntry> find(Session session, Resource resource, Instant from, Instant to, int limit)
            throws SQLException {
        return session.list(
                HistoryRows::entry,
                find,
                resource.kind(),
                resource.scope().name(),
                resource.value(),
                Columns.microsUp(from),
                Columns.micros(to),
                limit);
    }

    private static HistoryEntry entry(Row row) throws SQLException {
        Resource resource = row.resource();
        Owner owner = row.owner();
        return new HistoryEntry(
                resource,
                owner,
                row.id(),
                row.text(),
                row.text(),
                row.instant(),
                row.instant(),
                EndReason.valueOf(row.text()));
    }

    Optional<Tombstone> tombstone(Session session, UUID claim) throws SQLException {
        Select<?> one = reader.all(ID.eq(session.dialect().bound(claim)), session.least());
        return reader
                .read(session, session.dialect().sql(one), one.getBindValues().toArray())
                .stream()
                .findFirst();
    }

    List<Tombstone> tombstones(Session session, Optional<Scope> home, Optional<UUID> after, int limit)
            throws SQLException {
        Condition wanted = noCondition();
        if (home.isPresent()) {
            wanted = wanted.and(HOME.eq(home.get().name()));
        }
        if (after.isPresent()) {
            wanted = wanted.and(ID.gt(session.dialect().bound(after.get())));
        }
        Select<?> page = reader.page(wanted, limit, session.least());
        return List.copyOf(reader.read(
                session, session.dialect().sql(page), page.getBindValues().toArray()));
    }

    void add(Session session, Claim claim, Holding held, EndReason reason) {
        session.addOne(
                insert,
                held.resource().kind(),
                held.resource().scope().name(),
                held.resource().value(),
                claim.owner().tenant(),
                claim.owner().name(),
                claim.id(),
                held.part(),
                held.role(),
                Columns.micros(held.since()),
                Columns.micros(session.at()),
                reason.name());
    }

    void addTombstone(Session session, Claim claim, EndReason reason) {
        List<@Nullable Object> values = ClaimForm.of(claim).values();
        values.add(Columns.micros(session.at()));
        values.add(reason.name());
        session.addOne(insertTombstone, values.toArray());
        for (Holding held : claim.holdings()) {
            session.addOne(
                    insertHolding,
                    claim.id(),
                    held.resource().kind(),
                    held.resource().scope().name(),
                    held.resource().value(),
                    held.part(),
                    held.role(),
                    Columns.micros(held.since()),
                    held.confirmed() ? 1 : 0);
        }
        for (var label : claim.labels().entrySet()) {
            session.addOne(insertLabel, claim.id(), label.getKey(), label.getValue());
        }
    }

    int prune(Session session, long before, int limit) throws SQLException {
        if (session.dialect() == Dialect.POSTGRESQL) {
            return session.update(forgetRows, before, limit);
        }
        for (Long entry : session.list(Row::number, old, before, limit)) {
            session.add(forget, entry);
        }
        return session.flush();
    }

    int pruneTombstones(Session session, long before, int limit) throws SQLException {
        List<UUID> gone = session.list(Row::id, ended, before, limit);
        for (UUID claim : gone) {
            for (String delete : deleteTombstone) {
                session.add(delete, claim);
            }
        }
        session.flush();
        return gone.size();
    }
}
