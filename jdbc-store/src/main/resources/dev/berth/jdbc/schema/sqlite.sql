-- Berth's ledger in SQLite 3.37 or newer, schema version 2.
--
-- Instants are microseconds since 1970 in UTC. Ids are the 16 bytes of a UUID, so that the order of bytes is the order of
-- pages. Texts keep SQLite's BINARY collation: they are equal when their bytes are.

-- One row: which ledger this is, where it was made, and how far its clock has come.
CREATE TABLE IF NOT EXISTS berth_meta (
    only_row       INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    schema_version INTEGER NOT NULL,
    ledger         BLOB    NOT NULL CHECK (length(ledger) = 16),
    place          TEXT    NOT NULL,
    clock_mark     INTEGER NOT NULL
) STRICT;

-- Who holds something. One owner, one claim.
CREATE TABLE IF NOT EXISTS berth_claim (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    revision       INTEGER NOT NULL,
    tenant         TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    state_since    INTEGER NOT NULL,
    lease_until    INTEGER,
    home           TEXT,
    attempt_number INTEGER,
    attempt_nonce  TEXT,
    attempt_since  INTEGER,
    attempt_until  INTEGER,
    state_reason   TEXT,
    -- How often labels of the claim were written.
    labelled       INTEGER NOT NULL DEFAULT 0,
    UNIQUE (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS berth_claim_home ON berth_claim (home, id) WHERE home IS NOT NULL;

-- The one key space: a row is a holding of a claim (claim_id) or a block without a claim (block).
-- A holding begins at the later of its since and its claim's created_at.
CREATE TABLE IF NOT EXISTS berth_resource (
    kind          TEXT    NOT NULL,
    scope         TEXT    NOT NULL,
    value         TEXT    NOT NULL,
    -- The value as a number where it is one, for searches by range.
    number        INTEGER,
    since         INTEGER NOT NULL,
    claim_id      BLOB,
    part          TEXT,
    role          TEXT,
    confirmed     INTEGER,
    block         TEXT,
    former_tenant TEXT,
    former_name   TEXT,
    note          TEXT,
    until         INTEGER,
    PRIMARY KEY (kind, scope, value),
    CHECK ((claim_id IS NULL) <> (block IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS berth_resource_claim ON berth_resource (claim_id) WHERE claim_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS berth_resource_number ON berth_resource (kind, scope, number) WHERE number IS NOT NULL;
CREATE INDEX IF NOT EXISTS berth_resource_until ON berth_resource (until) WHERE until IS NOT NULL;

CREATE TABLE IF NOT EXISTS berth_label (
    claim_id BLOB NOT NULL,
    label    TEXT NOT NULL,
    text     TEXT NOT NULL,
    PRIMARY KEY (claim_id, label)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS berth_label_text ON berth_label (label, text);

-- Named compare-and-set records: leases, marks, breakers, guards, fingerprints.
CREATE TABLE IF NOT EXISTS berth_record (
    name    TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    value   TEXT    NOT NULL,
    until   INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS berth_record_until ON berth_record (until) WHERE until IS NOT NULL;

-- Holdings that ended.
CREATE TABLE IF NOT EXISTS berth_history (
    entry      INTEGER NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    scope      TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    tenant     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    claim_id   BLOB    NOT NULL,
    part       TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    since      INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL,
    end_reason TEXT    NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS berth_history_resource ON berth_history (kind, scope, value, ended_at);
CREATE INDEX IF NOT EXISTS berth_history_ended ON berth_history (ended_at);

-- Provisioned claims that were released, as they were last.
CREATE TABLE IF NOT EXISTS berth_tombstone (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    revision       INTEGER NOT NULL,
    tenant         TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    state_since    INTEGER NOT NULL,
    lease_until    INTEGER,
    home           TEXT,
    attempt_number INTEGER,
    attempt_nonce  TEXT,
    attempt_since  INTEGER,
    attempt_until  INTEGER,
    state_reason   TEXT,
    ended_at       INTEGER NOT NULL,
    end_reason     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS berth_tombstone_ended ON berth_tombstone (ended_at);
CREATE INDEX IF NOT EXISTS berth_tombstone_home ON berth_tombstone (home, id) WHERE home IS NOT NULL;

CREATE TABLE IF NOT EXISTS berth_tombstone_holding (
    claim_id  BLOB    NOT NULL,
    kind      TEXT    NOT NULL,
    scope     TEXT    NOT NULL,
    value     TEXT    NOT NULL,
    part      TEXT    NOT NULL,
    role      TEXT    NOT NULL,
    since     INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    PRIMARY KEY (claim_id, kind, scope, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS berth_tombstone_label (
    claim_id BLOB NOT NULL,
    label    TEXT NOT NULL,
    text     TEXT NOT NULL,
    PRIMARY KEY (claim_id, label)
) STRICT, WITHOUT ROWID;
