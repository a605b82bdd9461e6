package dev.berth.jdbc;

import static dev.berth.jdbc.Tables.BLOCK;
import static dev.berth.jdbc.Tables.CLAIM;
import static dev.berth.jdbc.Tables.CLAIM_ID;
import static dev.berth.jdbc.Tables.CONFIRMED;
import static dev.berth.jdbc.Tables.FORMER_NAME;
import static dev.berth.jdbc.Tables.FORMER_TENANT;
import static dev.berth.jdbc.Tables.HOME;
import static dev.berth.jdbc.Tables.ID;
import static dev.berth.jdbc.Tables.KIND;
import static dev.berth.jdbc.Tables.LEASE_UNTIL;
import static dev.berth.jdbc.Tables.NAME;
import static dev.berth.jdbc.Tables.NOTE;
import static dev.berth.jdbc.Tables.NUMBER;
import static dev.berth.jdbc.Tables.PART;
import static dev.berth.jdbc.Tables.RESOURCE;
import static dev.berth.jdbc.Tables.REVISION;
import static dev.berth.jdbc.Tables.ROLE;
import static dev.berth.jdbc.Tables.SCOPE;
import static dev.berth.jdbc.Tables.SINCE;
import static dev.berth.jdbc.Tables.STATE;
import static dev.berth.jdbc.Tables.TENANT;
import static dev.berth.jdbc.Tables.UNTIL;
import static dev.berth.jdbc.Tables.VALUE;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.notExists;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.val;

import dev.berth.ledger.BlockReason;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Token;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.SelectConditionStep;
import org.jspecify.annotations.Nullable;

/** The one key space: what sits on resources. */
final class ResourceRows {
    private static final byte[] ANY_ID = new byte[16];
    private static final Condition KEY = KIND.eq("").and(SCOPE.eq("")).and(VALUE.eq(""));

    private final DSLContext dsl;
    private final String occupant;
    private final String taken;
    private final String take;
    private final String give;
    private final String giveAll;
    private final String begin;
    private final String confirm;
    private final String block;
    private final String lift;
    private final String expired;

    ResourceRows(DSLContext dsl) {
        this.dsl = dsl;
        occupant = occupants(KEY.and(CLAIM_ID.isNotNull().or(UNTIL.gt(0L)))).getSQL();
        taken = taken().getSQL();
        take = dsl.insertInto(RESOURCE, KIND, SCOPE, VALUE, NUMBER, SINCE, CLAIM_ID, PART, ROLE, CONFIRMED)
                .values("", "", "", 0, 0L, ANY_ID, "", "", 0)
                .getSQL();
        give = dsl.deleteFrom(RESOURCE).where(KEY).and(CLAIM_ID.eq(ANY_ID)).getSQL();
        giveAll = dsl.deleteFrom(RESOURCE).where(CLAIM_ID.eq(ANY_ID)).getSQL();
        begin = dsl.update(RESOURCE).set(SINCE, 0L).where(CLAIM_ID.eq(ANY_ID)).getSQL();
        confirm = dsl.update(RESOURCE)
                .set(CONFIRMED, inline(1))
                .where(CLAIM_ID.eq(ANY_ID))
                .and(PART.eq(""))
                .getSQL();
        block = dsl.insertInto(
                        RESOURCE, KIND, SCOPE, VALUE, NUMBER, SINCE, BLOCK, FORMER_TENANT, FORMER_NAME, NOTE, UNTIL)
                .values("", "", "", 0, 0L, "", "", "", "", 0L)
                .getSQL();
        lift = dsl.deleteFrom(RESOURCE).where(KEY).and(CLAIM_ID.isNull()).getSQL();
        expired = dsl.select(KIND, SCOPE, VALUE)
                .from(RESOURCE)
                .where(UNTIL.lt(0L))
                .orderBy(UNTIL)
                .limit(val(1))
                .getSQL();
    }

    // ------------------------------------------------------------------ reading

    Optional<Occupant> occupant(Session session, Resource resource) throws SQLException {
        return session.first(
                row -> occupant(row, session.at()),
                occupant,
                resource.kind(),
                resource.scope().name(),
                resource.value(),
                Columns.micros(session.at()));
    }

    List<Occupant> page(Session session, String kind, Scope scope, String prefix, Optional<String> after, int limit)
            throws SQLException {
        Condition wanted = KIND.eq(kind)
                .and(SCOPE.eq(scope.name()))
                .and(Pages.range(VALUE, prefix, after))
                .and(CLAIM_ID.isNotNull().or(UNTIL.gt(Columns.micros(session.at()))));
        return session.list(
                row -> occupant(row, session.at()),
                occupants(wanted).orderBy(VALUE).limit(limit));
    }

    private SelectConditionStep<? extends Record> occupants(Condition wanted) {
        return dsl.select(
                        KIND,
                        SCOPE,
                        VALUE,
                        SINCE,
                        BLOCK,
                        FORMER_TENANT,
                        FORMER_NAME,
                        NOTE,
                        UNTIL,
                        PART,
                        ROLE,
                        TENANT,
                        NAME,
                        ID,
                        REVISION,
                        STATE,
                        LEASE_UNTIL,
                        HOME)
                .from(RESOURCE)
                .leftJoin(CLAIM)
                .on(ID.eq(CLAIM_ID))
                .where(wanted);
    }

    private static Occupant occupant(Row row, Instant at) throws SQLException {
        Resource resource = row.resource();
        Instant since = row.instant();
        Optional<String> block = row.optionalText();
        if (block.isPresent()) {
            Optional<String> tenant = row.optionalText();
            Optional<String> name = row.optionalText();
            return new Occupant.Block(
                    resource,
                    BlockReason.valueOf(block.get()),
                    tenant.map(former -> Owner.of(former, name.orElseThrow())),
                    row.text(),
                    since,
                    row.instant());
        }
        row.skip(4);
        String part = row.text();
        String role = row.text();
        Owner owner = row.owner();
        Token token = new Token(row.id(), row.number());
        ClaimState state = ClaimState.valueOf(row.text());
        Optional<Instant> lease = row.optionalInstant();
        boolean lapsed = state == ClaimState.RESERVED
                && lease.map(until -> !until.isAfter(at)).orElse(false);
        return new Occupant.Holder(
                resource, part, role, since, owner, token, state, lease, row.optionalScope(), lapsed);
    }

    /**
     * The numbers of a range that count as taken for an owner: held, unless by a reservation whose lease has run out;
     * blocked, unless the block has run out or lets the owner pass.
     */
    List<Integer> taken(Session session, Owner owner, String kind, Scope scope, long first, long last)
            throws SQLException {
        long at = Columns.micros(session.at());
        return session.list(Row::integer, taken, kind, scope.name(), first, last, at, at, owner.tenant(), owner.name());
    }

    private SelectConditionStep<? extends Record> taken() {
        Condition held = CLAIM_ID.isNotNull()
                .and(notExists(selectOne()
                        .from(CLAIM)
                        .where(ID.eq(CLAIM_ID))
                        .and(STATE.eq(inline(ClaimState.RESERVED.name())))
                        .and(LEASE_UNTIL.le(0L))));
        Condition blocked = UNTIL.gt(0L)
                .and(BLOCK.ne(inline(BlockReason.QUARANTINE.name()))
                        .or(FORMER_TENANT.isNull())
                        .or(FORMER_TENANT.ne(""))
                        .or(FORMER_NAME.ne("")));
        return dsl.select(NUMBER)
                .from(RESOURCE)
                .where(KIND.eq(""))
                .and(SCOPE.eq(""))
                .and(NUMBER.between(0, 0))
                .and(held.or(blocked));
    }

    // ------------------------------------------------------------------ writing

    /** Takes a resource that is free: a row that is there can only be a block, which goes. */
    void take(Session session, UUID claim, Commit.Take take) throws SQLException {
        Resource resource = take.resource();
        lift(session, resource);
        session.updateOne(
                this.take,
                resource.kind(),
                resource.scope().name(),
                resource.value(),
                number(resource),
                Columns.micros(session.at()),
                Columns.bytes(claim),
                take.part(),
                take.role(),
                take.confirmed() ? 1 : 0);
    }

    void give(Session session, UUID claim, Resource resource) throws SQLException {
        session.updateOne(give, resource.kind(), resource.scope().name(), resource.value(), Columns.bytes(claim));
    }

    void giveAll(Session session, UUID claim) throws SQLException {
        session.update(giveAll, (Object) Columns.bytes(claim));
    }

    /** Lets the time of every holding begin anew. */
    void begin(Session session, UUID claim) throws SQLException {
        session.update(begin, Columns.micros(session.at()), Columns.bytes(claim));
    }

    void confirm(Session session, UUID claim, String part) throws SQLException {
        session.update(confirm, Columns.bytes(claim), part);
    }

    /** Blocks a resource that no claim holds. */
    void block(Session session, Resource resource, Commit.BlockTerms terms, Optional<Owner> former)
            throws SQLException {
        lift(session, resource);
        session.updateOne(
                block,
                resource.kind(),
                resource.scope().name(),
                resource.value(),
                number(resource),
                Columns.micros(session.at()),
                terms.reason().name(),
                former.map(Owner::tenant).orElse(null),
                former.map(Owner::name).orElse(null),
                terms.note(),
                Columns.micros(session.at().plus(terms.span())));
    }

    /** Ends a block if there is one. */
    void lift(Session session, Resource resource) throws SQLException {
        session.update(lift, resource.kind(), resource.scope().name(), resource.value());
    }

    int prune(Session session, long before, int limit) throws SQLException {
        List<Resource> gone = session.list(Row::resource, expired, before, limit);
        for (Resource resource : gone) {
            lift(session, resource);
        }
        return gone.size();
    }

    private static @Nullable Integer number(Resource resource) {
        return resource.number().isPresent() ? resource.number().getAsInt() : null;
    }
}
