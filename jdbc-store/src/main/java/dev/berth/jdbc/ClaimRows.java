package dev.berth.jdbc;

import static dev.berth.jdbc.Tables.CLAIM;
import static dev.berth.jdbc.Tables.CLAIM_COLUMNS;
import static dev.berth.jdbc.Tables.CLAIM_ID;
import static dev.berth.jdbc.Tables.HOME;
import static dev.berth.jdbc.Tables.ID;
import static dev.berth.jdbc.Tables.KIND;
import static dev.berth.jdbc.Tables.LABEL;
import static dev.berth.jdbc.Tables.LABEL_NAME;
import static dev.berth.jdbc.Tables.LABEL_TEXT;
import static dev.berth.jdbc.Tables.NAME;
import static dev.berth.jdbc.Tables.RESOURCE;
import static dev.berth.jdbc.Tables.REVISION;
import static dev.berth.jdbc.Tables.SCOPE;
import static dev.berth.jdbc.Tables.STATE;
import static dev.berth.jdbc.Tables.TENANT;
import static org.jooq.impl.DSL.exists;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.val;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Token;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The current claims and their labels. */
final class ClaimRows {
    private static final byte[] ANY_ID = new byte[16];

    private final ClaimReader reader;
    private final ClaimReader.Statements byId;
    private final ClaimReader.Statements byOwner;
    private final String tokenOfOwner;
    private final String insert;
    private final String update;
    private final String delete;
    private final String insertLabel;
    private final String deleteLabel;
    private final String deleteLabels;

    ClaimRows(DSLContext dsl) {
        reader = new ClaimReader(dsl, CLAIM, RESOURCE, LABEL);
        byId = reader.all(ID.eq(val(ANY_ID)));
        byOwner = reader.all(TENANT.eq("").and(NAME.eq("")));
        tokenOfOwner = dsl.select(ID, REVISION)
                .from(CLAIM)
                .where(TENANT.eq("").and(NAME.eq("")))
                .getSQL();
        insert = dsl.insertInto(CLAIM, CLAIM_COLUMNS)
                .values(Collections.nCopies(CLAIM_COLUMNS.size(), null))
                .getSQL();
        Map<Field<?>, @Nullable Object> set = new java.util.LinkedHashMap<>();
        CLAIM_COLUMNS.stream().filter(column -> column != ID).forEach(column -> set.put(column, null));
        update = dsl.update(CLAIM).set(set).where(ID.eq(val(ANY_ID))).getSQL();
        delete = dsl.deleteFrom(CLAIM).where(ID.eq(val(ANY_ID))).getSQL();
        insertLabel = dsl.insertInto(LABEL, CLAIM_ID, LABEL_NAME, LABEL_TEXT)
                .values(ANY_ID, "", "")
                .getSQL();
        deleteLabel = dsl.deleteFrom(LABEL)
                .where(CLAIM_ID.eq(val(ANY_ID)).and(LABEL_NAME.eq("")))
                .getSQL();
        deleteLabels = dsl.deleteFrom(LABEL).where(CLAIM_ID.eq(val(ANY_ID))).getSQL();
    }

    Optional<Claim> find(Session session, UUID id) throws SQLException {
        return reader.read(session, byId.with(Columns.bytes(id))).stream().findFirst();
    }

    Optional<Claim> find(Session session, Owner owner) throws SQLException {
        return reader.read(session, byOwner.with(owner.tenant(), owner.name())).stream()
                .findFirst();
    }

    Optional<Token> token(Session session, Owner owner) throws SQLException {
        return session.first(row -> new Token(row.id(), row.number()), tokenOfOwner, owner.tenant(), owner.name());
    }

    List<Claim> page(Session session, ClaimQuery query, Optional<UUID> after, int limit) throws SQLException {
        Condition condition = condition(query);
        if (after.isPresent()) {
            condition = condition.and(ID.gt(Columns.bytes(after.get())));
        }
        return reader.read(session, reader.page(condition, limit));
    }

    private static Condition condition(ClaimQuery query) {
        List<Condition> all = new ArrayList<>();
        query.tenant().ifPresent(tenant -> all.add(TENANT.eq(tenant)));
        query.home().ifPresent(home -> all.add(HOME.eq(home.name())));
        if (!query.states().isEmpty()) {
            all.add(STATE.in(query.states().stream().map(Enum::name).toList()));
        }
        query.labels()
                .forEach((name, text) -> all.add(exists(selectOne()
                        .from(LABEL)
                        .where(CLAIM_ID.eq(ID).and(LABEL_NAME.eq(name)).and(LABEL_TEXT.eq(text))))));
        if (query.kind().isPresent() || query.scope().isPresent()) {
            Condition held = CLAIM_ID.eq(ID);
            if (query.kind().isPresent()) {
                held = held.and(KIND.eq(query.kind().get()));
            }
            if (query.scope().isPresent()) {
                held = held.and(SCOPE.eq(query.scope().get().name()));
            }
            all.add(exists(selectOne().from(RESOURCE).where(held)));
        }
        return DSL.and(all);
    }

    void insert(Session session, ClaimForm claim, Map<String, String> labels) throws SQLException {
        session.updateOne(insert, claim.values().toArray());
        insertLabels(session, claim.token().claim(), labels);
    }

    void update(Session session, ClaimForm claim) throws SQLException {
        List<@Nullable Object> values = claim.values();
        Collections.rotate(values, -1);
        session.updateOne(update, values.toArray());
    }

    /** Takes the claim's own row away, its labels staying. */
    void delete(Session session, UUID id) throws SQLException {
        session.updateOne(delete, (Object) Columns.bytes(id));
    }

    void deleteLabels(Session session, UUID id) throws SQLException {
        session.update(deleteLabels, (Object) Columns.bytes(id));
    }

    void putLabels(Session session, UUID id, Map<String, String> put, Set<String> drop) throws SQLException {
        byte[] claim = Columns.bytes(id);
        for (String name : drop) {
            session.update(deleteLabel, claim, name);
        }
        for (String name : put.keySet()) {
            session.update(deleteLabel, claim, name);
        }
        insertLabels(session, id, put);
    }

    private void insertLabels(Session session, UUID id, Map<String, String> labels) throws SQLException {
        byte[] claim = Columns.bytes(id);
        for (var label : labels.entrySet()) {
            session.updateOne(insertLabel, claim, label.getKey(), label.getValue());
        }
    }
}
