package dev.berth.jdbc;

import java.util.List;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * The names of the ledger's tables and columns, as in the {@code schema} resources. No name is both a claim's and a
 * resource's, so that joins of the two need no qualified names.
 */
final class Tables {
    static final Table<Record> META = table("berth_meta");
    static final Table<Record> CLAIM = table("berth_claim");
    static final Table<Record> RESOURCE = table("berth_resource");
    static final Table<Record> LABEL = table("berth_label");
    static final Table<Record> RECORD = table("berth_record");
    static final Table<Record> HISTORY = table("berth_history");
    static final Table<Record> TOMBSTONE = table("berth_tombstone");
    static final Table<Record> TOMBSTONE_HOLDING = table("berth_tombstone_holding");
    static final Table<Record> TOMBSTONE_LABEL = table("berth_tombstone_label");

    static final Field<Integer> ONLY_ROW = column("only_row", Integer.class);
    static final Field<Integer> SCHEMA_VERSION = column("schema_version", Integer.class);
    static final Field<byte[]> LEDGER = column("ledger", byte[].class);
    static final Field<String> PLACE = column("place", String.class);
    static final Field<Long> CLOCK_MARK = column("clock_mark", Long.class);

    static final Field<byte[]> ID = column("id", byte[].class);
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
    static final Field<byte[]> CLAIM_ID = column("claim_id", byte[].class);
    static final Field<String> PART = column("part", String.class);
    static final Field<String> ROLE = column("role", String.class);
    static final Field<Integer> CONFIRMED = column("confirmed", Integer.class);
    static final Field<String> BLOCK = column("block", String.class);
    static final Field<String> FORMER_TENANT = column("former_tenant", String.class);
    static final Field<String> FORMER_NAME = column("former_name", String.class);
    static final Field<String> NOTE = column("note", String.class);
    static final Field<Long> UNTIL = column("until", Long.class);

    /** A holding, in the order in which {@link ClaimForm} reads it. */
    static final List<Field<?>> HOLDING_COLUMNS = List.of(CLAIM_ID, KIND, SCOPE, VALUE, PART, ROLE, SINCE, CONFIRMED);

    static final Field<String> LABEL_NAME = column("label", String.class);
    static final Field<String> LABEL_TEXT = column("text", String.class);

    static final Field<Long> VERSION = column("version", Long.class);

    static final Field<Long> ENTRY = column("entry", Long.class);
    static final Field<Long> ENDED_AT = column("ended_at", Long.class);
    static final Field<String> END_REASON = column("end_reason", String.class);

    private Tables() {}

    private static Table<Record> table(String name) {
        return DSL.table(DSL.name(name));
    }

    private static <T> Field<T> column(String name, Class<T> type) {
        return DSL.field(DSL.name(name), type);
    }
}
