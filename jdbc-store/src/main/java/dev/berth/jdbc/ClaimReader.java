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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * Reads whole claims from three tables of one shape: the current ones or the tombstones. One statement for a page of any
 * size, so that all of it is of one instant: a row for each holding, and one for each label.
 *
 * @param <T> what is read of a claim's row beyond the claim
 * @param <R> what a whole claim becomes
 */
final class ClaimReader<T, R> {
    /** The order of ids in every store: by their bytes. */
    private static final Comparator<UUID> BY_BYTES = Comparator.<UUID, Long>comparing(
                    UUID::getMostSignificantBits, Long::compareUnsigned)
            .thenComparing(UUID::getLeastSignificantBits, Long::compareUnsigned);

    /** Of no type, so that it takes the one of its column in the other half of the statement. */
    private static final Field<?> NOTHING = DSL.field("NULL");

    private final Dialect dialect;
    private final Table<Record> claims;
    private final Table<Record> holdings;
    private final Table<Record> labels;
    private final List<Field<?>> columns;
    private final Session.Reading<T> more;
    private final Maker<T, R> maker;

    /** Makes the result of a whole claim, read at a time. */
    @FunctionalInterface
    interface Maker<T, R> {
        R make(Claim claim, T more, Instant at);
    }

    private static final class Parts<T> {
        private final ClaimForm form;
        private final T more;
        private final List<Holding> holdings = new ArrayList<>();
        private final Map<String, String> labels = new HashMap<>();

        Parts(ClaimForm form, T more) {
            this.form = form;
            this.more = more;
        }
    }

    ClaimReader(
            Dialect dialect,
            Table<Record> claims,
            Table<Record> holdings,
            Table<Record> labels,
            List<Field<?>> moreColumns,
            Session.Reading<T> more,
            Maker<T, R> maker) {
        this.dialect = dialect;
        this.claims = claims;
        this.holdings = holdings;
        this.labels = labels;
        this.columns =
                Stream.concat(CLAIM_COLUMNS.stream(), moreColumns.stream()).toList();
        this.more = more;
        this.maker = maker;
    }

    /** Builds the statement for all claims that meet a condition. */
    Select<?> all(Condition condition, long least) {
        return whole(dialect.dsl().select(columns).from(claims).where(condition).asTable("page"), least);
    }

    /** Builds the statement for the first claims, by id, that meet a condition. */
    Select<?> page(Condition condition, int limit, long least) {
        return whole(
                dialect.dsl()
                        .select(columns)
                        .from(claims)
                        .where(condition)
                        .orderBy(ID)
                        .limit(limit)
                        .asTable("page"),
                least);
    }

    private Select<?> whole(Table<?> page, long least) {
        List<Field<?>> ofHolding = new ArrayList<>(columns);
        ofHolding.add(0, dialect.now(least));
        List<Field<?>> ofLabel = new ArrayList<>(ofHolding);
        ofHolding.addAll(HOLDING_COLUMNS);
        ofHolding.add(NOTHING);
        ofHolding.add(NOTHING);
        HOLDING_COLUMNS.forEach(column -> ofLabel.add(NOTHING));
        ofLabel.add(LABEL_NAME);
        ofLabel.add(LABEL_TEXT);
        return dialect.dsl()
                .select(ofHolding)
                .from(page)
                .leftJoin(holdings)
                .on(CLAIM_ID.eq(ID))
                .unionAll(dialect.dsl().select(ofLabel).from(page).join(labels).on(CLAIM_ID.eq(ID)));
    }

    List<R> read(Session session, String sql, @Nullable Object... values) throws SQLException {
        Map<UUID, Parts<T>> found = new LinkedHashMap<>();
        List<Instant> at = session.list(row -> add(session, row, found), sql, values);
        List<Parts<T>> whole = new ArrayList<>(found.values());
        whole.sort(Comparator.comparing(parts -> parts.form.token().claim(), BY_BYTES));
        List<R> results = new ArrayList<>(whole.size());
        for (Parts<T> parts : whole) {
            results.add(maker.make(parts.form.with(parts.labels, parts.holdings), parts.more, at.get(0)));
        }
        return results;
    }

    /** Adds one row to its claim, and returns the time that the statement tells. */
    private Instant add(Session session, Row row, Map<UUID, Parts<T>> found) throws SQLException {
        Instant at = session.told(row);
        UUID id = row.id();
        Parts<T> parts = found.get(id);
        if (parts == null) {
            parts = new Parts<>(ClaimForm.read(id, row), more.read(row));
            found.put(id, parts);
        } else {
            row.skip(columns.size() - 1);
        }
        Optional<String> kind = row.optionalText();
        if (kind.isPresent()) {
            Resource resource = row.resource(kind.get());
            String part = row.text();
            String role = row.text();
            Instant since = ClaimForm.beginning(row.instant(), parts.form.createdAt());
            parts.holdings.add(new Holding(part, role, resource, since, row.flag()));
        } else {
            row.skip(HOLDING_COLUMNS.size() - 1);
            Optional<String> label = row.optionalText();
            if (label.isPresent()) {
                parts.labels.put(label.get(), row.text());
            }
        }
        return at;
    }
}
