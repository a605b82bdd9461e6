package dev.berth.jdbc;

import static dev.berth.jdbc.Tables.CLAIM_COLUMNS;
import static dev.berth.jdbc.Tables.CLAIM_ID;
import static dev.berth.jdbc.Tables.HOME;
import static dev.berth.jdbc.Tables.ID;
import static dev.berth.jdbc.Tables.KIND;
import static dev.berth.jdbc.Tables.LABELLED;
import static dev.berth.jdbc.Tables.LABEL_NAME;
import static dev.berth.jdbc.Tables.LABEL_TEXT;
import static dev.berth.jdbc.Tables.NAME;
import static dev.berth.jdbc.Tables.REVISION;
import static dev.berth.jdbc.Tables.SCOPE;
import static dev.berth.jdbc.Tables.STATE;
import static dev.berth.jdbc.Tables.TENANT;
import static org.jooq.impl.DSL.exists;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.selectOne;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Token;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Select;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The current claims and their labels. */
final class ClaimRows {
    private static final Object ANY_ID = new byte[16];

    private final Dialect dialect;
    private final Tables tables;
    private final ClaimReader<Boolean, Snapshot> reader;
    private final String byId;
    private final String byOwner;
    private final String insert;
    private final String tokenOfOwner;
    private final String update;
    private final String delete;
    private final String insertLabel;
    private final String deleteLabel;
    private final String deleteLabels;
    private final String relabelled;

    ClaimRows(Dialect dialect, Tables tables) {
        this.dialect = dialect;
        this.tables = tables;
        DSLContext dsl = dialect.dsl();
        reader = new ClaimReader<>(
                dialect,
                tables.claim,
                tables.resource,
                tables.label,
                List.of(),
                row -> true,
                (claim, nothing, at) -> new Snapshot(claim, at));
        byId = dialect.sql(reader.all(ID.eq(ANY_ID), 0));
        byOwner = dialect.sql(reader.all(TENANT.eq("").and(NAME.eq("")), 0));
        tokenOfOwner = dialect.sql(
                dsl.select(ID, REVISION).from(tables.claim).where(TENANT.eq("").and(NAME.eq(""))));
        List<Field<?>> columns = new ArrayList<>(CLAIM_COLUMNS);
        columns.add(LABELLED);
        insert = dialect.sql(dsl.insertInto(tables.claim, columns).values(Collections.nCopies(columns.size(), null)));
        Map<Field<?>, @Nullable Object> set = new java.util.LinkedHashMap<>();
        CLAIM_COLUMNS.stream().filter(column -> column != ID).forEach(column -> set.put(column, null));
        update = dialect.sql(dsl.update(tables.claim).set(set).where(ID.eq(ANY_ID)));
        delete = dialect.sql(dsl.deleteFrom(tables.claim).where(ID.eq(ANY_ID)));
        insertLabel = dialect.sql(dsl.insertInto(tables.label)
                .columns(CLAIM_ID, LABEL_NAME, LABEL_TEXT)
                .values(ANY_ID, "", ""));
        deleteLabel = dialect.sql(
                dsl.deleteFrom(tables.label).where(CLAIM_ID.eq(ANY_ID).and(LABEL_NAME.eq(""))));
        deleteLabels = dialect.sql(dsl.deleteFrom(tables.label).where(CLAIM_ID.eq(ANY_ID)));
        relabelled = dialect.sql(dsl.update(tables.claim)
                .set(LABELLED, LABELLED.plus(inline(1L)))
                .where(ID.eq(ANY_ID)));
    }

    Optional<Snapshot> find(Session session, UUID id) throws SQLException {
        long least = session.least();
        return reader.read(session, byId, least, id, least, id).stream().findFirst();
    }

    Optional<Snapshot> find(Session session, Owner owner) throws SQLException {
        long least = session.least();
        return reader
                .read(session, byOwner, least, owner.tenant(), owner.name(), least, owner.tenant(), owner.name())
                .stream()
                .findFirst();
    }

    List<Snapshot> page(Session session, ClaimQuery query, Optional<UUID> after, int limit) throws SQLException {
        Condition condition = condition(query);
        if (after.isPresent()) {
            condition = condition.and(ID.gt(dialect.bound(after.get())));
        }
        Select<?> page = reader.page(condition, limit, session.least());
        return reader.read(
                session, session.dialect().sql(page), page.getBindValues().toArray());
    }

    private Condition condition(ClaimQuery query) {
        List<Condition> all = new ArrayList<>();
        query.tenant().ifPresent(tenant -> all.add(TENANT.eq(tenant)));
        query.home().ifPresent(home -> all.add(HOME.eq(home.name())));
        if (!query.states().isEmpty()) {
            all.add(STATE.in(query.states().stream().map(Enum::name).toList()));
        }
        query.labels()
                .forEach((name, text) -> all.add(exists(selectOne()
                        .from(tables.label)
                        .where(CLAIM_ID.eq(ID).and(LABEL_NAME.eq(name)).and(LABEL_TEXT.eq(text))))));
        if (query.kind().isPresent() || query.scope().isPresent()) {
            Condition held = CLAIM_ID.eq(ID);
            if (query.kind().isPresent()) {
                held = held.and(KIND.eq(query.kind().get()));
            }
            if (query.scope().isPresent()) {
                held = held.and(SCOPE.eq(query.scope().get().name()));
            }
            all.add(exists(selectOne().from(tables.resource).where(held)));
        }
        return DSL.and(all);
    }

    /** Finds claims by their ids. */
    Map<UUID, Claim> find(Session session, Collection<UUID> ids) throws SQLException {
        Map<UUID, Claim> found = new HashMap<>();
        List<Snapshot> seen = new ArrayList<>();
        if (dialect.locksRows()) {
            for (List<UUID> slice : Dialect.slices(ids)) {
                Select<?> all = reader.all(ID.in(bound(slice)), session.least());
                seen.addAll(reader.read(
                        session, dialect.sql(all), all.getBindValues().toArray()));
            }
        } else {
            for (UUID id : ids) {
                find(session, id).ifPresent(seen::add);
            }
        }
        seen.forEach(one -> found.put(one.claim().id(), one.claim()));
        return found;
    }

    /** Keeps others from changing claims, their holdings and their labels until the transaction ends. */
    void lock(Session session, Collection<UUID> ids) throws SQLException {
        for (List<UUID> slice : Dialect.slices(new TreeSet<>(ids))) {
            session.list(
                    Row::id,
                    dialect.dsl()
                            .select(ID)
                            .from(tables.claim)
                            .where(ID.in(bound(slice)))
                            .orderBy(ID)
                            .forUpdate());
        }
    }

    private List<Object> bound(Collection<UUID> ids) {
        return Dialect.padded(ids).stream()
                .map(id -> Objects.requireNonNull(dialect.bound(id)))
                .toList();
    }

    /** Finds which of some owners hold a claim, and which one. */
    Map<Owner, Token> tokens(Session session, Collection<Owner> owners) throws SQLException {
        Map<Owner, Token> found = new HashMap<>();
        if (owners.isEmpty()) {
            return found;
        }
        if (dialect.locksRows()) {
            Condition any = row(TENANT, NAME)
                    .in(Dialect.padded(owners).stream()
                            .map(owner -> row(owner.tenant(), owner.name()))
                            .toList());
            session.list(
                    row -> found.put(row.owner(), new Token(row.id(), row.number())),
                    dialect.dsl()
                            .select(TENANT, NAME, ID, REVISION)
                            .from(tables.claim)
                            .where(any));
            return found;
        }
        for (Owner owner : owners) {
            session.first(row -> new Token(row.id(), row.number()), tokenOfOwner, owner.tenant(), owner.name())
                    .ifPresent(token -> found.put(owner, token));
        }
        return found;
    }

    void insert(Session session, ClaimForm claim, Labelling labelling) {
        List<@Nullable Object> values = claim.values();
        values.add(labelling == Labelling.NONE ? 0L : 1L);
        session.addOne(insert, values.toArray());
    }

    /** Whether labels belong to a claim that is written. */
    enum Labelling {
        NONE,
        SOME
    }

    void update(Session session, ClaimForm claim) {
        List<@Nullable Object> values = claim.values();
        Collections.rotate(values, -1);
        session.addOne(update, values.toArray());
    }

    /** Takes the claim's own row away, its labels staying. */
    void delete(Session session, UUID id) {
        session.addOne(delete, id);
    }

    void deleteLabels(Session session, UUID id) {
        session.add(deleteLabels, id);
    }

    /** Takes labels away, those that are to be written anew too, and notes that the claim's labels are written. */
    void dropLabels(Session session, UUID id, Set<String> put, Set<String> drop) {
        if (put.isEmpty() && drop.isEmpty()) {
            return;
        }
        session.addOne(relabelled, id);
        for (String name : drop) {
            session.add(deleteLabel, id, name);
        }
        for (String name : put) {
            session.add(deleteLabel, id, name);
        }
    }

    void insertLabels(Session session, UUID id, Map<String, String> labels) {
        for (var label : labels.entrySet()) {
            session.addOne(insertLabel, id, label.getKey(), label.getValue());
        }
    }
}
