package dev.berth.jdbc;

import static dev.berth.jdbc.Tables.CLAIM_COLUMNS;
import static dev.berth.jdbc.Tables.CLAIM_ID;
import static dev.berth.jdbc.Tables.ENDED_AT;
import static dev.berth.jdbc.Tables.END_REASON;
import static dev.berth.jdbc.Tables.ENTRY;
import static dev.berth.jdbc.Tables.HISTORY;
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
import static dev.berth.jdbc.Tables.TOMBSTONE;
import static dev.berth.jdbc.Tables.TOMBSTONE_HOLDING;
import static dev.berth.jdbc.Tables.TOMBSTONE_LABEL;
import static dev.berth.jdbc.Tables.VALUE;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.select;

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
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jspecify.annotations.Nullable;

/** What is remembered: ended holdings, and provisioned claims that were released. */
final class HistoryRows {
    private static final byte[] ANY_ID = new byte[16];

    private final DSLContext dsl;
    private final ClaimReader reader;
    private final String find;
    private final String insert;
    private final String insertTombstone;
    private final String insertHolding;
    private final String insertLabel;
    private final String prune;
    private final String ended;
    private final List<String> deleteTombstone;

    private record End(UUID claim, Instant at, EndReason reason) {}

    HistoryRows(DSLContext dsl) {
        this.dsl = dsl;
        reader = new ClaimReader(dsl, TOMBSTONE, TOMBSTONE_HOLDING, TOMBSTONE_LABEL);
        find = dsl.select(KIND, SCOPE, VALUE, TENANT, NAME, CLAIM_ID, PART, ROLE, SINCE, ENDED_AT, END_REASON)
                .from(HISTORY)
                .where(KIND.eq("").and(SCOPE.eq("")).and(VALUE.eq("")))
                .and(ENDED_AT.ge(0L))
                .and(SINCE.le(0L))
                .orderBy(ENDED_AT.desc(), ENTRY.desc())
                .limit(1)
                .getSQL();
        insert = dsl.insertInto(
                        HISTORY, KIND, SCOPE, VALUE, TENANT, NAME, CLAIM_ID, PART, ROLE, SINCE, ENDED_AT, END_REASON)
                .values("", "", "", "", "", ANY_ID, "", "", 0L, 0L, "")
                .getSQL();
        List<Field<?>> columns = Stream.concat(CLAIM_COLUMNS.stream(), Stream.of(ENDED_AT, END_REASON))
                .toList();
        insertTombstone = dsl.insertInto(TOMBSTONE, columns)
                .values(Collections.nCopies(columns.size(), null))
                .getSQL();
        insertHolding = dsl.insertInto(TOMBSTONE_HOLDING, HOLDING_COLUMNS)
                .values(Collections.nCopies(HOLDING_COLUMNS.size(), null))
                .getSQL();
        insertLabel = dsl.insertInto(TOMBSTONE_LABEL, CLAIM_ID, LABEL_NAME, LABEL_TEXT)
                .values(ANY_ID, "", "")
                .getSQL();
        prune = dsl.deleteFrom(HISTORY)
                .where(ENTRY.in(select(ENTRY)
                        .from(HISTORY)
                        .where(ENDED_AT.lt(0L))
                        .orderBy(ENDED_AT)
                        .limit(1)))
                .getSQL();
        ended = dsl.select(ID)
                .from(TOMBSTONE)
                .where(ENDED_AT.lt(0L))
                .orderBy(ENDED_AT)
                .limit(1)
                .getSQL();
        deleteTombstone = List.of(
                dsl.deleteFrom(TOMBSTONE_HOLDING).where(CLAIM_ID.eq(ANY_ID)).getSQL(),
                dsl.deleteFrom(TOMBSTONE_LABEL).where(CLAIM_ID.eq(ANY_ID)).getSQL(),
                dsl.deleteFrom(TOMBSTONE).where(ID.eq(ANY_ID)).getSQL());
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
        return tombstones(session, ID.eq(Columns.bytes(claim)), 1).stream().findFirst();
    }

    List<Tombstone> tombstones(Session session, Optional<Scope> home, Optional<UUID> after, int limit)
            throws SQLException {
        Condition wanted = noCondition();
        if (home.isPresent()) {
            wanted = wanted.and(HOME.eq(home.get().name()));
        }
        if (after.isPresent()) {
            wanted = wanted.and(ID.gt(Columns.bytes(after.get())));
        }
        return tombstones(session, wanted, limit);
    }

    private List<Tombstone> tombstones(Session session, Condition wanted, int limit) throws SQLException {
        Map<UUID, End> ends = new HashMap<>();
        for (End end : session.list(
                row -> new End(row.id(), row.instant(), EndReason.valueOf(row.text())),
                dsl.select(ID, ENDED_AT, END_REASON)
                        .from(TOMBSTONE)
                        .where(wanted)
                        .orderBy(ID)
                        .limit(limit))) {
            ends.put(end.claim(), end);
        }
        List<Tombstone> found = new ArrayList<>();
        for (Claim claim : reader.read(session, reader.page(wanted, limit))) {
            End end = Objects.requireNonNull(ends.get(claim.id()));
            found.add(new Tombstone(claim, end.at(), end.reason()));
        }
        return List.copyOf(found);
    }

    void add(Session session, Claim claim, Holding held, EndReason reason) throws SQLException {
        session.updateOne(
                insert,
                held.resource().kind(),
                held.resource().scope().name(),
                held.resource().value(),
                claim.owner().tenant(),
                claim.owner().name(),
                Columns.bytes(claim.id()),
                held.part(),
                held.role(),
                Columns.micros(held.since()),
                Columns.micros(session.at()),
                reason.name());
    }

    void addTombstone(Session session, Claim claim, EndReason reason) throws SQLException {
        byte[] id = Columns.bytes(claim.id());
        List<@Nullable Object> values = ClaimForm.of(claim).values();
        values.add(Columns.micros(session.at()));
        values.add(reason.name());
        session.updateOne(insertTombstone, values.toArray());
        for (Holding held : claim.holdings()) {
            session.updateOne(
                    insertHolding,
                    id,
                    held.resource().kind(),
                    held.resource().scope().name(),
                    held.resource().value(),
                    held.part(),
                    held.role(),
                    Columns.micros(held.since()),
                    held.confirmed() ? 1 : 0);
        }
        for (var label : claim.labels().entrySet()) {
            session.updateOne(insertLabel, id, label.getKey(), label.getValue());
        }
    }

    int prune(Session session, long before, int limit) throws SQLException {
        return session.update(prune, before, limit);
    }

    int pruneTombstones(Session session, long before, int limit) throws SQLException {
        List<UUID> gone = session.list(Row::id, ended, before, limit);
        for (UUID claim : gone) {
            for (String delete : deleteTombstone) {
                session.update(delete, (Object) Columns.bytes(claim));
            }
        }
        return gone.size();
    }
}
