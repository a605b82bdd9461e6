package dev.berth.jdbc;

import java.util.List;
import java.util.Optional;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * The names of one ledger's tables, and of their columns, as in the {@code schema} resources. No name is both a claim's
 * and a resource's, so that joins of the two need no qualified names.
 */
final class Tables {
    /** What the tables' names begin with in the {@code schema} resources. */
    static final String PREFIX = "berth_";

    static final Field<Integer> ONLY_ROW = column("only_row", Integer.class);
    static final Field<Integer> SCHEMA_VERSION = column("schema_version", Integer.class);
    static final Field<Object> LEDGER = id("ledger");
    static final Field<String> PLACE = column("place", String.class);
    static final Field<Long> CLOCK_MARK = column("clock_mark", Long.class);

    static final Field<Object> ID = id("id");
    static final Field<Long> REVISION = column("revision", Long.class);
    static final Field<String> TENANT = column("tenant", String.class);
    static final Field<String> NAME = column("name", String.class);
    static final Field<String> STATE = column("state", String.class);
    static final Field<Long> CREATED_AT = column("created_at", Long.class);
    static final Field<Long> STATE_SINCE = column("state_since", Long.class);
    static final Field<Long> LEASE_UNTIL = column("lease_until", Long.class);
    static final Field<String> HOME = column("home", String.class);
    static final Field<Integer> ATTEMPT_NUMBER = column("attempt_number", Integer.class);
    static final Field<String> ATTEMPT_NONCE = column("attempt_nonce", String.class);
    static final Field<Long> ATTEMPT_SINCE = column("attempt_since", Long.class);
    static final Field<Long> ATTEMPT_UNTIL = column("attempt_until", Long.class);
    static final Field<String> STATE_REASON = column("state_reason", String.class);
    /** How often labels of the claim were written: what compares it sees that they changed. */
    static final Field<Long> LABELLED = column("labelled", Long.class);

    /** A claim's row, in the order in which {@link ClaimForm} writes and reads it. */
    static final List<Field<?>> CLAIM_COLUMNS = List.of(
            ID,
            REVISION,
            TENANT,
            NAME,
            STATE,
            CREATED_AT,
            STATE_SINCE,
            LEASE_UNTIL,
            HOME,
            ATTEMPT_NUMBER,
            ATTEMPT_NONCE,
            ATTEMPT_SINCE,
            ATTEMPT_UNTIL,
            STATE_REASON);

    static final Field<String> KIND = column("kind", String.class);
    static final Field<String> SCOPE = column("scope", String.class);
    static final Field<String> VALUE = column("value", String.class);
    static final Field<Integer> NUMBER = column("number", Integer.class);
    static final Field<Long> SINCE = column("since", Long.class);
    static final Field<Object> CLAIM_ID = id("claim_id");
    static final Field<String> PART = column("part", String.class);
    static final Field<String> ROLE = column("role", String.class);
    static final Field<Integer> CONFIRMED = column("confirmed", Integer.class);
    static final Field<String> BLOCK = column("block", String.class);
    static final Field<String> FORMER_TENANT = column("former_tenant", String.class);
    static final Field<String> FORMER_NAME = column("former_name", String.class);
    static final Field<String> NOTE = column("note", String.class);
    static final Field<Long> UNTIL = column("until", Long.class);

    /** A holding, in the order in which {@link ClaimReader} reads it. */
    static final List<Field<?>> HOLDING_COLUMNS = List.of(KIND, SCOPE, VALUE, PART, ROLE, SINCE, CONFIRMED);

    static final Field<String> LABEL_NAME = column("label", String.class);
    static final Field<String> LABEL_TEXT = column("text", String.class);

    static final Field<Long> VERSION = column("version", Long.class);

    static final Field<Long> ENTRY = column("entry", Long.class);
    static final Field<Long> ENDED_AT = column("ended_at", Long.class);
    static final Field<String> END_REASON = column("end_reason", String.class);

    private final String prefix;
    private final Optional<String> schema;

    final Table<Record> meta;
    final Table<Record> claim;
    final Table<Record> resource;
    final Table<Record> label;
    final Table<Record> record;
    final Table<Record> history;
    final Table<Record> tombstone;
    final Table<Record> tombstoneHolding;
    final Table<Record> tombstoneLabel;

    /**
     * Names the tables.
     *
     * @param prefix what their names begin with
     * @param schema where they are, empty for where the connection looks first
     */
    Tables(String prefix, Optional<String> schema) {
        this.prefix = prefix;
        this.schema = schema;
        meta = table("meta");
        claim = table("claim");
        resource = table("resource");
        label = table("label");
        record = table("record");
        history = table("history");
        tombstone = table("tombstone");
        tombstoneHolding = table("tombstone_holding");
        tombstoneLabel = table("tombstone_label");
    }

    String prefix() {
        return prefix;
    }

    Optional<String> schema() {
        return schema;
    }

    /** A table's name in the SQL standard's quotes, as PostgreSQL takes it. */
    String quoted(String name) {
        return schema.map(where -> "\"" + where + "\".").orElse("") + "\"" + prefix + name + "\"";
    }

    private Table<Record> table(String name) {
        return DSL.table(schema.map(where -> DSL.name(where, prefix + name)).orElseGet(() -> DSL.name(prefix + name)));
    }

    /** A table's name as statements have it. */
    String name(Table<Record> table) {
        return DSL.using(SQLDialect.POSTGRES).render(table);
    }

    private static <T> Field<T> column(String name, Class<T> type) {
        return DSL.field(DSL.name(name), type);
    }

    /** Of no type, so that its values are bound as they are: each database keeps ids in a type of its own. */
    private static Field<Object> id(String name) {
        return DSL.field(DSL.name(name));
    }
}
