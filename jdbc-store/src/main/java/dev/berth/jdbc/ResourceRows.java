package dev.berth.jdbc;

import static dev.berth.jdbc.Tables.BLOCK;
import static dev.berth.jdbc.Tables.CLAIM_ID;
import static dev.berth.jdbc.Tables.CONFIRMED;
import static dev.berth.jdbc.Tables.CREATED_AT;
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
import static dev.berth.jdbc.Tables.REVISION;
import static dev.berth.jdbc.Tables.ROLE;
import static dev.berth.jdbc.Tables.SCOPE;
import static dev.berth.jdbc.Tables.SINCE;
import static dev.berth.jdbc.Tables.STATE;
import static dev.berth.jdbc.Tables.TENANT;
import static dev.berth.jdbc.Tables.UNTIL;
import static dev.berth.jdbc.Tables.VALUE;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.noCondition;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SelectConditionStep;
import org.jspecify.annotations.Nullable;

/** The one key space: what sits on resources. */
final class ResourceRows {
    private static final Object ANY_ID = new byte[16];
    private static final Condition KEY = KIND.eq("").and(SCOPE.eq("")).and(VALUE.eq(""));

    private final Dialect dialect;
    private final Tables tables;
    private final String occupant;
    private final String take;
    private final String give;
    private final String giveAll;
    private final String begin;
    private final String beginAll;
    private final String confirm;
    private final String block;
    private final String lift;
    private final String liftSeen;
    private final String expired;
    private final String forget;

    ResourceRows(Dialect dialect, Tables tables) {
        this.dialect = dialect;
        this.tables = tables;
        DSLContext dsl = dialect.dsl();
        occupant = dialect.sql(occupants(KEY, 0));
        take = dialect.sql(dsl.insertInto(
                        tables.resource, List.of(KIND, SCOPE, VALUE, NUMBER, SINCE, CLAIM_ID, PART, ROLE, CONFIRMED))
                .values("", "", "", 0, dialect.now(0), ANY_ID, "", "", 0));
        give = dialect.sql(dsl.deleteFrom(tables.resource).where(KEY).and(CLAIM_ID.eq(ANY_ID)));
        giveAll = dialect.sql(dsl.deleteFrom(tables.resource).where(CLAIM_ID.eq(ANY_ID)));
        begin = dialect.sql(
                dsl.update(tables.resource).set(SINCE, 0L).where(KEY).and(CLAIM_ID.eq(ANY_ID)));
        beginAll = dialect.sql(dsl.update(tables.resource).set(SINCE, 0L).where(CLAIM_ID.eq(ANY_ID)));
        confirm = dialect.sql(dsl.update(tables.resource)
                .set(CONFIRMED, inline(1))
                .where(CLAIM_ID.eq(ANY_ID))
                .and(PART.eq("")));
        block = dialect.sql(dsl.insertInto(tables.resource)
                .columns(KIND, SCOPE, VALUE, NUMBER, SINCE, BLOCK, FORMER_TENANT, FORMER_NAME, NOTE, UNTIL)
                .values("", "", "", 0, 0L, "", "", "", "", 0L));
        lift = dialect.sql(dsl.deleteFrom(tables.resource).where(KEY).and(CLAIM_ID.isNull()));
        liftSeen = dialect.sql(dsl.deleteFrom(tables.resource)
                .where(KEY)
                .and(BLOCK.eq(""))
                .and(SINCE.eq(0L))
                .and(UNTIL.eq(0L)));
        expired = dialect.sql(dsl.select(KIND, SCOPE, VALUE)
                .from(tables.resource)
                .where(UNTIL.lt(0L))
                .orderBy(UNTIL)
                .limit(val(1)));
        forget = dialect.sql(dsl.deleteFrom(tables.resource)
                .where(KEY)
                .and(CLAIM_ID.isNull())
                .and(UNTIL.lt(0L)));
    }

    // ------------------------------------------------------------------ reading

    /** What sits on resources, blocks that have run out left out: all of it as of one instant. */
    List<Occupant> occupants(Session session, Collection<Resource> wanted) throws SQLException {
        return rows(session, wanted).stream()
                .flatMap(seen -> seen.current().stream())
                .toList();
    }

    /**
     * The rows of resources, blocks that have run out too: all of them as of one instant, unless they are so many that
     * servers take them in slices only.
     */
    List<Seen> rows(Session session, Collection<Resource> wanted) throws SQLException {
        List<Seen> found = new ArrayList<>();
        if (dialect.locksRows()) {
            if (!wanted.isEmpty()) {
                found.addAll(
                        session.list(row -> seen(session, row), occupants(dialect.isAnyOf(wanted), session.least())));
            }
            return found;
        }
        for (Resource one : wanted) {
            session.first(
                            row -> seen(session, row),
                            occupant,
                            session.least(),
                            one.kind(),
                            one.scope().name(),
                            one.value())
                    .ifPresent(found::add);
        }
        return found;
    }

    List<Occupant> page(Session session, String kind, Scope scope, String prefix, Optional<String> after, int limit)
            throws SQLException {
        Condition wanted = KIND.eq(kind)
                .and(SCOPE.eq(scope.name()))
                .and(Pages.range(VALUE, prefix, after))
                .and(CLAIM_ID.isNotNull().or(UNTIL.gt(dialect.now(session.least()))));
        return session
                .list(
                        row -> seen(session, row),
                        occupants(wanted, session.least()).orderBy(VALUE).limit(limit))
                .stream()
                .map(Seen::occupant)
                .toList();
    }

    /** An occupant, and the time at which it was seen. */
    record Seen(Occupant occupant, Instant at) {
        Optional<Occupant> current() {
            boolean over =
                    occupant instanceof Occupant.Block block && !block.until().isAfter(at);
            return over ? Optional.empty() : Optional.of(occupant);
        }
    }

    /** The columns that {@link #seen} reads. */
    static List<Field<?>> columns() {
        return List.of(
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
                CREATED_AT,
                LEASE_UNTIL,
                HOME);
    }

    private SelectConditionStep<? extends Record> occupants(Condition wanted, long least) {
        return dialect.dsl()
                .select(dialect.now(least))
                .select(columns())
                .from(tables.resource)
                .leftJoin(tables.claim)
                .on(ID.eq(CLAIM_ID))
                .where(wanted);
    }

    /** Reads the time and {@link #columns()}. */
    static Seen seen(Session session, Row row) throws SQLException {
        Instant at = session.told(row);
        return new Seen(occupant(row, at), at);
    }

    /** Reads {@link #columns()}. */
    static Occupant occupant(Row row, Instant at) throws SQLException {
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
        Instant begun = ClaimForm.beginning(since, row.instant());
        Optional<Instant> lease = row.optionalInstant();
        boolean lapsed = state == ClaimState.RESERVED
                && lease.map(until -> !until.isAfter(at)).orElse(false);
        return new Occupant.Holder(
                resource, part, role, begun, owner, token, state, lease, row.optionalScope(), lapsed);
    }

    /** A number that sits in a range, and for whom it counts as taken. */
    record Taken(int number, Standing standing, Optional<Owner> former) {
        boolean isTakenFor(Owner owner) {
            return switch (standing) {
                case HELD, BLOCKED -> true;
                case LAPSED, OVER -> false;
                case QUARANTINED -> !former.equals(Optional.of(owner));
            };
        }
    }

    /** What a row means for who wants its number. */
    enum Standing {
        /** A claim has it. */
        HELD,
        /** A reservation has it whose lease has run out. */
        LAPSED,
        /** Nobody may have it. */
        BLOCKED,
        /** Only its former owner may have it. */
        QUARANTINED,
        /** It was blocked; now anybody may have it. */
        OVER
    }

    /** From a number to a number, both included. */
    record Range(int first, int last) {}

    /** The numbers in ranges that a row is there for. One statement, so all of it is of one instant. */
    List<Taken> taken(Session session, String kind, Scope scope, List<Range> ranges) throws SQLException {
        Condition within = noCondition();
        for (Range range : ranges) {
            within = within.or(NUMBER.between(range.first(), range.last()));
        }
        return session.list(
                row -> taken(session, row),
                dialect.dsl()
                        .select(
                                dialect.now(session.least()),
                                NUMBER,
                                BLOCK,
                                UNTIL,
                                FORMER_TENANT,
                                FORMER_NAME,
                                STATE,
                                LEASE_UNTIL)
                        .from(tables.resource)
                        .leftJoin(tables.claim)
                        .on(ID.eq(CLAIM_ID))
                        .where(KIND.eq(kind))
                        .and(SCOPE.eq(scope.name()))
                        .and(within));
    }

    private static Taken taken(Session session, Row row) throws SQLException {
        Instant at = session.told(row);
        int number = row.integer();
        Optional<String> block = row.optionalText();
        Optional<Instant> until = row.optionalInstant();
        Optional<String> tenant = row.optionalText();
        Optional<String> name = row.optionalText();
        Optional<Owner> former = tenant.map(of -> Owner.of(of, name.orElseThrow()));
        if (block.isPresent()) {
            boolean over = until.map(end -> !end.isAfter(at)).orElse(false);
            boolean passable = block.get().equals(BlockReason.QUARANTINE.name());
            return new Taken(number, over ? Standing.OVER : passable ? Standing.QUARANTINED : Standing.BLOCKED, former);
        }
        boolean reserved =
                row.optionalText().map(ClaimState.RESERVED.name()::equals).orElse(false);
        boolean lapsed =
                reserved && row.optionalInstant().map(end -> !end.isAfter(at)).orElse(false);
        return new Taken(number, lapsed ? Standing.LAPSED : Standing.HELD, former);
    }

    /** Keeps others from changing the blocks on resources until the transaction ends. */
    void lockBlocks(Session session, Collection<Resource> wanted) throws SQLException {
        for (List<Resource> slice : Dialect.slices(wanted)) {
            session.list(
                    Row::text,
                    dialect.dsl()
                            .select(VALUE)
                            .from(tables.resource)
                            .where(dialect.isAnyOf(slice))
                            .and(CLAIM_ID.isNull())
                            .orderBy(KIND, SCOPE, VALUE)
                            .forUpdate());
        }
    }

    // ------------------------------------------------------------------ writing

    /** Takes a resource on which no row is. The claim's time, or {@link #begin}, tells since when. */
    void take(Session session, UUID claim, Commit.Take take) {
        Resource resource = take.resource();
        session.addOne(
                this.take,
                resource.kind(),
                resource.scope().name(),
                resource.value(),
                number(resource),
                session.least(),
                claim,
                take.part(),
                take.role(),
                take.confirmed() ? 1 : 0);
    }

    void give(Session session, UUID claim, Resource resource) {
        session.addOne(give, resource.kind(), resource.scope().name(), resource.value(), claim);
    }

    void giveAll(Session session, UUID claim) {
        session.add(giveAll, claim);
    }

    /** Lets the time of a holding begin with what is written now. */
    void begin(Session session, UUID claim, Resource resource) {
        session.add(
                begin,
                Columns.micros(session.at()),
                resource.kind(),
                resource.scope().name(),
                resource.value(),
                claim);
    }

    /** Lets the time of every holding begin anew. */
    void beginAll(Session session, UUID claim) {
        session.add(beginAll, Columns.micros(session.at()), claim);
    }

    void confirm(Session session, UUID claim, String part) {
        session.add(confirm, claim, part);
    }

    /** Blocks a resource on which no row is. */
    void block(Session session, Resource resource, Commit.BlockTerms terms, Optional<Owner> former) {
        session.addOne(
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
    void lift(Session session, Resource resource) {
        session.add(lift, resource.kind(), resource.scope().name(), resource.value());
    }

    /** Ends a block that was seen; where it is another one by now, the transaction begins again. */
    void lift(Session session, Occupant.Block seen) {
        Resource resource = seen.resource();
        session.addOne(
                liftSeen,
                resource.kind(),
                resource.scope().name(),
                resource.value(),
                seen.reason().name(),
                Columns.micros(seen.since()),
                Columns.micros(seen.until()));
    }

    int prune(Session session, long before, int limit) throws SQLException {
        for (Resource gone : session.list(Row::resource, expired, before, limit)) {
            session.add(forget, gone.kind(), gone.scope().name(), gone.value(), before);
        }
        return session.flush();
    }

    static @Nullable Integer number(Resource resource) {
        return resource.number().isPresent() ? resource.number().getAsInt() : null;
    }
}
