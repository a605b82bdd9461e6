package dev.berth.jdbc;

import static dev.berth.jdbc.Tables.KIND;
import static dev.berth.jdbc.Tables.SCOPE;
import static dev.berth.jdbc.Tables.VALUE;
import static org.jooq.impl.DSL.row;

import dev.berth.ledger.Resource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * What differs between the databases that a ledger may be kept in: how values are bound so that keys are exact to the
 * byte, and how the time is told. Times are microseconds since 1970 in UTC, whatever the zone of the session.
 */
enum Dialect {
    /** Its clock is the process's. */
    SQLITE("SQLite", 3, 37, SQLDialect.SQLITE, "?"),

    /**
     * The time is read in a subquery, which is evaluated once and after the snapshot was taken, so that no read shows a
     * commit that is later than itself; {@code now()} would be the time of the transaction's begin.
     */
    POSTGRESQL(
            "PostgreSQL",
            9,
            6,
            SQLDialect.POSTGRES,
            "(SELECT greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, ?))"),

    /**
     * MariaDB, and MySQL by the same statements. Not {@code UNIX_TIMESTAMP(...)}: it goes through the session's zone,
     * where one hour a year is told twice.
     */
    MARIADB(
            "MariaDB",
            10,
            6,
            SQLDialect.MARIADB,
            "greatest(timestampdiff(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', utc_timestamp(6)), ?)"),

    /** Spoken to in plain SQL: jOOQ's H2 would cast every value to a type of characters, and texts are bytes here. */
    H2(
            "H2",
            2,
            2,
            SQLDialect.DEFAULT,
            "greatest(CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP(6)) * 1000000 AS BIGINT), CAST(? AS BIGINT))");

    /** What a refusal of another database says. */
    static final String SUPPORTED =
            "SQLite 3.37, PostgreSQL 9.6, MariaDB 10.6, MySQL 8.0 or H2 2.2, each of them or newer";

    private static final int SLICE = 16_384;

    private final String title;
    private final int major;
    private final int minor;
    private final SQLDialect jooq;
    private final String now;

    Dialect(String title, int major, int minor, SQLDialect jooq, String now) {
        this.title = title;
        this.major = major;
        this.minor = minor;
        this.jooq = jooq;
        this.now = now;
    }

    /** The database's name for people. */
    String title() {
        return title;
    }

    /** The file of statements that make the tables. */
    String resource() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean supports(int majorVersion, int minorVersion) {
        return majorVersion > major || (majorVersion == major && minorVersion >= minor);
    }

    DSLContext dsl() {
        return DSL.using(jooq);
    }

    /** The text of a statement, with a question mark for each value. */
    String sql(Query query) {
        return query.getSQL();
    }

    /** Whether others may write while a transaction of ours does, so that what is relied on must be locked. */
    boolean locksRows() {
        return this != SQLITE;
    }

    /** How a transaction at READ COMMITTED is begun, whatever is usual on the connection. */
    List<String> begin() {
        return switch (this) {
            case SQLITE -> List.of("BEGIN IMMEDIATE");
            case POSTGRESQL -> List.of("BEGIN ISOLATION LEVEL READ COMMITTED");
            case MARIADB -> List.of("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "START TRANSACTION");
            case H2 -> List.of("BEGIN");
        };
    }

    /**
     * The time in SQL, with one value to bind: the least that may be told, which on SQLite is the time itself.
     */
    String now() {
        return now;
    }

    /** The time as a column. */
    Field<Long> now(long least) {
        return DSL.field(now, Long.class, least);
    }

    /** Whether a row's key is one of these; not for SQLite, which would look for them in every row of the table. */
    Condition isAnyOf(Collection<Resource> resources) {
        return row(KIND, SCOPE, VALUE)
                .in(padded(resources).stream()
                        .map(one -> row(one.kind(), one.scope().name(), one.value()))
                        .toList());
    }

    /** The values in lists that are short enough for a statement: PostgreSQL takes 65,535 values in one. */
    static <T> List<List<T>> slices(Collection<T> values) {
        List<T> all = List.copyOf(values);
        List<List<T>> slices = new ArrayList<>();
        for (int from = 0; from < all.size(); from += SLICE) {
            slices.add(all.subList(from, Math.min(from + SLICE, all.size())));
        }
        return slices;
    }

    /** The values, the last of them repeated until their number is a power of two: that keeps the statements few. */
    static <T> List<T> padded(Collection<T> values) {
        List<T> padded = new ArrayList<>(values);
        int size = Integer.highestOneBit(Math.max(1, 2 * padded.size() - 1));
        while (padded.size() < size) {
            padded.add(padded.get(padded.size() - 1));
        }
        return padded;
    }

    /** The value as it is bound. */
    @Nullable
    Object bound(@Nullable Object value) {
        if (value instanceof String text) {
            return keepsBytes() ? text.getBytes(StandardCharsets.UTF_8) : text;
        }
        return value instanceof UUID id && this != POSTGRESQL ? Columns.bytes(id) : value;
    }

    /**
     * Whether texts are kept in columns of bytes: where character columns would compare by a collation, by UTF-16, or
     * by the connection's character set.
     */
    boolean keepsBytes() {
        return this == MARIADB || this == H2;
    }
}
