-- Berth's ledger in PostgreSQL 9.6 or newer, schema version 2.
--
-- Instants are microseconds since 1970 in UTC. Texts have the collation "C": they are equal when their bytes are, and ordered by them.

-- One row: which ledger this is and where it was made. It is written last, so a schema that has it is whole.
CREATE TABLE IF NOT EXISTS "berth_meta" (
    "only_row"       integer NOT NULL,
    "schema_version" integer NOT NULL,
    "ledger"         uuid NOT NULL,
    "place"          text COLLATE "C" NOT NULL,
    "clock_mark"     bigint NOT NULL,
    PRIMARY KEY ("only_row"),
    CHECK ("only_row" = 1)
);

-- Who holds something. One owner, one claim. labelled: how often labels of the claim were written.
CREATE TABLE IF NOT EXISTS "berth_claim" (
    "id"             uuid NOT NULL,
    "revision"       bigint NOT NULL,
    "tenant"         text COLLATE "C" NOT NULL,
    "name"           text COLLATE "C" NOT NULL,
    "state"          text COLLATE "C" NOT NULL,
    "created_at"     bigint NOT NULL,
    "state_since"    bigint NOT NULL,
    "lease_until"    bigint,
    "home"           text COLLATE "C",
    "attempt_number" integer,
    "attempt_nonce"  text COLLATE "C",
    "attempt_since"  bigint,
    "attempt_until"  bigint,
    "state_reason"   text COLLATE "C",
    "labelled"       bigint NOT NULL DEFAULT 0,
    PRIMARY KEY ("id"),
    UNIQUE ("tenant", "name")
);

CREATE INDEX IF NOT EXISTS berth_claim_home ON "berth_claim" ("home", "id") WHERE "home" IS NOT NULL;

-- The one key space: a row is a holding of a claim (claim_id) or a block without a claim (block). number: the value as
-- a number where it is one, for searches by range. A holding begins at the later of its since and
-- its claim's created_at.
CREATE TABLE IF NOT EXISTS "berth_resource" (
    "kind"          text COLLATE "C" NOT NULL,
    "scope"         text COLLATE "C" NOT NULL,
    "value"         text COLLATE "C" NOT NULL,
    "number"        integer,
    "since"         bigint NOT NULL,
    "claim_id"      uuid,
    "part"          text COLLATE "C",
    "role"          text COLLATE "C",
    "confirmed"     smallint,
    "block"         text COLLATE "C",
    "former_tenant" text COLLATE "C",
    "former_name"   text COLLATE "C",
    "note"          text COLLATE "C",
    "until"         bigint,
    PRIMARY KEY ("kind", "scope", "value"),
    CHECK (("claim_id" IS NULL) <> ("block" IS NULL))
);

CREATE INDEX IF NOT EXISTS berth_resource_claim ON "berth_resource" ("claim_id") WHERE "claim_id" IS NOT NULL;

CREATE INDEX IF NOT EXISTS berth_resource_number ON "berth_resource" ("kind", "scope", "number") WHERE "number" IS NOT NULL;

CREATE INDEX IF NOT EXISTS berth_resource_until ON "berth_resource" ("until") WHERE "until" IS NOT NULL;

CREATE TABLE IF NOT EXISTS "berth_label" (
    "claim_id" uuid NOT NULL,
    "label"    text COLLATE "C" NOT NULL,
    "text"     text COLLATE "C" NOT NULL,
    PRIMARY KEY ("claim_id", "label")
);

CREATE INDEX IF NOT EXISTS berth_label_text ON "berth_label" ("label", "text");

-- Named compare-and-set records: leases, marks, breakers, guards, fingerprints.
CREATE TABLE IF NOT EXISTS "berth_record" (
    "name"    text COLLATE "C" NOT NULL,
    "version" bigint NOT NULL,
    "value"   text COLLATE "C" NOT NULL,
    "until"   bigint,
    PRIMARY KEY ("name")
);

CREATE INDEX IF NOT EXISTS berth_record_until ON "berth_record" ("until") WHERE "until" IS NOT NULL;

-- Holdings that ended. Rows come in the order of their ends and are looked for by resource; so two indexes are enough.
CREATE TABLE IF NOT EXISTS "berth_history" (
    "entry"      bigserial NOT NULL,
    "kind"       text COLLATE "C" NOT NULL,
    "scope"      text COLLATE "C" NOT NULL,
    "value"      text COLLATE "C" NOT NULL,
    "tenant"     text COLLATE "C" NOT NULL,
    "name"       text COLLATE "C" NOT NULL,
    "claim_id"   uuid NOT NULL,
    "part"       text COLLATE "C" NOT NULL,
    "role"       text COLLATE "C" NOT NULL,
    "since"      bigint NOT NULL,
    "ended_at"   bigint NOT NULL,
    "end_reason" text COLLATE "C" NOT NULL
);

CREATE INDEX IF NOT EXISTS berth_history_resource ON "berth_history" ("kind", "scope", "value", "ended_at");

CREATE INDEX IF NOT EXISTS berth_history_ended ON "berth_history" USING brin ("ended_at");

-- Provisioned claims that were released, as they were last.
CREATE TABLE IF NOT EXISTS "berth_tombstone" (
    "id"             uuid NOT NULL,
    "revision"       bigint NOT NULL,
    "tenant"         text COLLATE "C" NOT NULL,
    "name"           text COLLATE "C" NOT NULL,
    "state"          text COLLATE "C" NOT NULL,
    "created_at"     bigint NOT NULL,
    "state_since"    bigint NOT NULL,
    "lease_until"    bigint,
    "home"           text COLLATE "C",
    "attempt_number" integer,
    "attempt_nonce"  text COLLATE "C",
    "attempt_since"  bigint,
    "attempt_until"  bigint,
    "state_reason"   text COLLATE "C",
    "ended_at"       bigint NOT NULL,
    "end_reason"     text COLLATE "C" NOT NULL,
    PRIMARY KEY ("id")
);

CREATE INDEX IF NOT EXISTS berth_tombstone_ended ON "berth_tombstone" ("ended_at");

CREATE INDEX IF NOT EXISTS berth_tombstone_home ON "berth_tombstone" ("home", "id") WHERE "home" IS NOT NULL;

CREATE TABLE IF NOT EXISTS "berth_tombstone_holding" (
    "claim_id"  uuid NOT NULL,
    "kind"      text COLLATE "C" NOT NULL,
    "scope"     text COLLATE "C" NOT NULL,
    "value"     text COLLATE "C" NOT NULL,
    "part"      text COLLATE "C" NOT NULL,
    "role"      text COLLATE "C" NOT NULL,
    "since"     bigint NOT NULL,
    "confirmed" smallint NOT NULL,
    PRIMARY KEY ("claim_id", "kind", "scope", "value")
);

CREATE TABLE IF NOT EXISTS "berth_tombstone_label" (
    "claim_id" uuid NOT NULL,
    "label"    text COLLATE "C" NOT NULL,
    "text"     text COLLATE "C" NOT NULL,
    PRIMARY KEY ("claim_id", "label")
);
