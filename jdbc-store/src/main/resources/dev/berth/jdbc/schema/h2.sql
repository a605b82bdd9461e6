-- Berth's ledger in H2 2.2 or newer, schema version 2.
--
-- Instants are microseconds since 1970 in UTC. Texts are bytes of UTF-8: a character column would be ordered by UTF-16.

-- One row: which ledger this is and where it was made. It is written last, so a schema that has it is whole.
CREATE TABLE IF NOT EXISTS "berth_meta" (
    "only_row"       INT NOT NULL,
    "schema_version" INT NOT NULL,
    "ledger"         BINARY(16) NOT NULL,
    "place"          VARBINARY(2048) NOT NULL,
    "clock_mark"     BIGINT NOT NULL,
    PRIMARY KEY ("only_row"),
    CHECK ("only_row" = 1)
);

-- Who holds something. One owner, one claim. labelled: how often labels of the claim were written.
CREATE TABLE IF NOT EXISTS "berth_claim" (
    "id"             BINARY(16) NOT NULL,
    "revision"       BIGINT NOT NULL,
    "tenant"         VARBINARY(128) NOT NULL,
    "name"           VARBINARY(512) NOT NULL,
    "state"          VARBINARY(16) NOT NULL,
    "created_at"     BIGINT NOT NULL,
    "state_since"    BIGINT NOT NULL,
    "lease_until"    BIGINT,
    "home"           VARBINARY(255),
    "attempt_number" INT,
    "attempt_nonce"  VARBINARY(64),
    "attempt_since"  BIGINT,
    "attempt_until"  BIGINT,
    "state_reason"   VARBINARY(1024),
    "labelled"       BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY ("id"),
    UNIQUE ("tenant", "name")
);

CREATE INDEX IF NOT EXISTS berth_claim_home ON "berth_claim" ("home", "id");

-- The one key space: a row is a holding of a claim (claim_id) or a block without a claim (block). number: the value as
-- a number where it is one, for searches by range. A holding begins at the later of its since and
-- its claim's created_at.
CREATE TABLE IF NOT EXISTS "berth_resource" (
    "kind"          VARBINARY(64) NOT NULL,
    "scope"         VARBINARY(255) NOT NULL,
    "value"         VARBINARY(1024) NOT NULL,
    "number"        INT,
    "since"         BIGINT NOT NULL,
    "claim_id"      BINARY(16),
    "part"          VARBINARY(64),
    "role"          VARBINARY(64),
    "confirmed"     SMALLINT,
    "block"         VARBINARY(16),
    "former_tenant" VARBINARY(128),
    "former_name"   VARBINARY(512),
    "note"          VARBINARY(1024),
    "until"         BIGINT,
    PRIMARY KEY ("kind", "scope", "value"),
    CHECK (("claim_id" IS NULL) <> ("block" IS NULL))
);

CREATE INDEX IF NOT EXISTS berth_resource_claim ON "berth_resource" ("claim_id");

CREATE INDEX IF NOT EXISTS berth_resource_number ON "berth_resource" ("kind", "scope", "number");

CREATE INDEX IF NOT EXISTS berth_resource_until ON "berth_resource" ("until");

CREATE TABLE IF NOT EXISTS "berth_label" (
    "claim_id" BINARY(16) NOT NULL,
    "label"    VARBINARY(128) NOT NULL,
    "text"     VARBINARY(1024) NOT NULL,
    PRIMARY KEY ("claim_id", "label")
);

CREATE INDEX IF NOT EXISTS berth_label_text ON "berth_label" ("label", "text");

-- Named compare-and-set records: leases, marks, breakers, guards, fingerprints.
CREATE TABLE IF NOT EXISTS "berth_record" (
    "name"    VARBINARY(512) NOT NULL,
    "version" BIGINT NOT NULL,
    "value"   VARBINARY(65535) NOT NULL,
    "until"   BIGINT,
    PRIMARY KEY ("name")
);

CREATE INDEX IF NOT EXISTS berth_record_until ON "berth_record" ("until");

-- Holdings that ended.
CREATE TABLE IF NOT EXISTS "berth_history" (
    "entry"      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "kind"       VARBINARY(64) NOT NULL,
    "scope"      VARBINARY(255) NOT NULL,
    "value"      VARBINARY(1024) NOT NULL,
    "tenant"     VARBINARY(128) NOT NULL,
    "name"       VARBINARY(512) NOT NULL,
    "claim_id"   BINARY(16) NOT NULL,
    "part"       VARBINARY(64) NOT NULL,
    "role"       VARBINARY(64) NOT NULL,
    "since"      BIGINT NOT NULL,
    "ended_at"   BIGINT NOT NULL,
    "end_reason" VARBINARY(32) NOT NULL
);

CREATE INDEX IF NOT EXISTS berth_history_resource ON "berth_history" ("kind", "scope", "value", "ended_at");

CREATE INDEX IF NOT EXISTS berth_history_ended ON "berth_history" ("ended_at");

-- Provisioned claims that were released, as they were last.
CREATE TABLE IF NOT EXISTS "berth_tombstone" (
    "id"             BINARY(16) NOT NULL,
    "revision"       BIGINT NOT NULL,
    "tenant"         VARBINARY(128) NOT NULL,
    "name"           VARBINARY(512) NOT NULL,
    "state"          VARBINARY(16) NOT NULL,
    "created_at"     BIGINT NOT NULL,
    "state_since"    BIGINT NOT NULL,
    "lease_until"    BIGINT,
    "home"           VARBINARY(255),
    "attempt_number" INT,
    "attempt_nonce"  VARBINARY(64),
    "attempt_since"  BIGINT,
    "attempt_until"  BIGINT,
    "state_reason"   VARBINARY(1024),
    "ended_at"       BIGINT NOT NULL,
    "end_reason"     VARBINARY(32) NOT NULL,
    PRIMARY KEY ("id")
);

CREATE INDEX IF NOT EXISTS berth_tombstone_ended ON "berth_tombstone" ("ended_at");

CREATE INDEX IF NOT EXISTS berth_tombstone_home ON "berth_tombstone" ("home", "id");

CREATE TABLE IF NOT EXISTS "berth_tombstone_holding" (
    "claim_id"  BINARY(16) NOT NULL,
    "kind"      VARBINARY(64) NOT NULL,
    "scope"     VARBINARY(255) NOT NULL,
    "value"     VARBINARY(1024) NOT NULL,
    "part"      VARBINARY(64) NOT NULL,
    "role"      VARBINARY(64) NOT NULL,
    "since"     BIGINT NOT NULL,
    "confirmed" SMALLINT NOT NULL,
    PRIMARY KEY ("claim_id", "kind", "scope", "value")
);

CREATE TABLE IF NOT EXISTS "berth_tombstone_label" (
    "claim_id" BINARY(16) NOT NULL,
    "label"    VARBINARY(128) NOT NULL,
    "text"     VARBINARY(1024) NOT NULL,
    PRIMARY KEY ("claim_id", "label")
);
