-- Berth's books of a sync in PostgreSQL 9.6 or newer, schema version 1.

-- One row: which database this is.
CREATE TABLE IF NOT EXISTS "berth_sync_store" (
    only_row       smallint NOT NULL PRIMARY KEY CHECK (only_row = 1),
    schema_version integer  NOT NULL,
    store          text     NOT NULL
);

-- What the engine notes: agreed states, checkpoints, rows that were set aside or lost.
CREATE TABLE IF NOT EXISTS "berth_sync_note" (
    book  bigint NOT NULL,
    id    bytea  NOT NULL CHECK (length(id) = 16),
    place text COLLATE "C",
    said  bytea  NOT NULL,
    PRIMARY KEY (book, id)
);

CREATE INDEX IF NOT EXISTS berth_sync_note_place ON "berth_sync_note" (book, place) WHERE place IS NOT NULL;

-- Books that somebody writes in alone.
CREATE TABLE IF NOT EXISTS "berth_sync_lock" (
    book bigint NOT NULL PRIMARY KEY
);

-- Captured changes, of tables that are synced from here; gone is 0 for inserted, 1 for gone, 2 for updated; at is in ms.
CREATE TABLE IF NOT EXISTS "berth_sync_change" (
    number bigserial NOT NULL PRIMARY KEY,
    origin text COLLATE "C" NOT NULL,
    place  text COLLATE "C" NOT NULL,
    gone   smallint  NOT NULL,
    at     bigint    NOT NULL
);

CREATE INDEX IF NOT EXISTS berth_sync_change_origin ON "berth_sync_change" (origin, place, number);
