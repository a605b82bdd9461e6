package dev.berth.jdbc;

import static dev.berth.jdbc.Tables.CLAIM_COLUMNS;
import static dev.berth.jdbc.Tables.CLAIM_ID;
import static dev.berth.jdbc.Tables.HOLDING_COLUMNS;
import static dev.berth.jdbc.Tables.ID;
import static dev.berth.jdbc.Tables.LABEL_NAME;
import static dev.berth.jdbc.Tables.LABEL_TEXT;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Resource;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Select;
import org.jooq.Table;

/**
 * Reads whole claims from three tables of one shape: the current ones or the tombstones. Three statements for a page of
 * any size; the caller's transaction makes them one instant.
 */
final class ClaimReader {
    private final DSLContext dsl;
    private final Table<Record> claims;
    private final Table<Record> holdings;
    private final Table<Record> labels;

    /** The three statements that read claims, each with the same values. */
    record Statements(String claims, String holdings, String labels, List<Object> values) {
        Statements with(Object... others) {
            return new Statements(claims, holdings, labels, List.of(others));
        }
    }

    private record OwnHolding(UUID claim, Holding holding) {}

    private record OwnLabel(UUID claim, String name, String text) {}

    ClaimReader(DSLContext dsl, Table<Record> claims, Table<Record> holdings, Table<Record> labels) {
        this.dsl = dsl;
        this.claims = claims;
        this.holdings = holdings;
        this.labels = labels;
    }

    /** Builds the statements for all claims that meet a condition. */
    Statements all(Condition condition) {
        var ids = dsl.select(ID).from(claims).where(condition).asTable("page");
        return statements(dsl.select(CLAIM_COLUMNS).from(claims).where(condition), ids);
    }

    /** Builds the statements for the first claims, by id, that meet a condition. */
    Statements page(Condition condition, int limit) {
        var ids = dsl.select(ID)
                .from(claims)
                .where(condition)
                .orderBy(ID)
                .limit(limit)
                .asTable("page");
        return statements(
                dsl.select(CLAIM_COLUMNS)
                        .from(claims)
                        .where(condition)
                        .orderBy(ID)
                        .limit(limit),
                ids);
    }

    private Statements statements(Select<?> rows, Table<?> ids) {
        return new Statements(
                rows.getSQL(),
                dsl.select(HOLDING_COLUMNS)
                        .from(ids)
                        .join(holdings)
                        .on(CLAIM_ID.eq(ID))
                        .getSQL(),
                dsl.select(CLAIM_ID, LABEL_NAME, LABEL_TEXT)
                        .from(ids)
                        .join(labels)
                        .on(CLAIM_ID.eq(ID))
                        .getSQL(),
                rows.getBindValues());
    }

    List<Claim> read(Session session, Statements statements) throws SQLException {
        Object[] values = statements.values().toArray();
        List<ClaimForm> forms = session.list(ClaimForm::read, statements.claims(), values);
        if (forms.isEmpty()) {
            return List.of();
        }
        Map<UUID, List<Holding>> held = new HashMap<>();
        for (OwnHolding own : session.list(ClaimReader::holding, statements.holdings(), values)) {
            held.computeIfAbsent(own.claim(), id -> new ArrayList<>()).add(own.holding());
        }
        Map<UUID, Map<String, String>> labelled = new HashMap<>();
        for (OwnLabel own : session.list(ClaimReader::label, statements.labels(), values)) {
            labelled.computeIfAbsent(own.claim(), id -> new HashMap<>()).put(own.name(), own.text());
        }
        List<Claim> found = new ArrayList<>(forms.size());
        for (ClaimForm form : forms) {
            UUID id = form.token().claim();
            found.add(form.with(labelled.getOrDefault(id, Map.of()), held.getOrDefault(id, List.of())));
        }
        return found;
    }

    private static OwnHolding holding(Row row) throws SQLException {
        UUID claim = row.id();
        Resource resource = row.resource();
        return new OwnHolding(claim, new Holding(row.text(), row.text(), resource, row.instant(), row.flag()));
    }

    private static OwnLabel label(Row row) throws SQLException {
        return new OwnLabel(row.id(), row.text(), row.text());
    }
}
