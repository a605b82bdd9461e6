-- Berth's books of a sync in SQLite 3.37 or newer, schema version 1.

-- One row: which database this is.
CREATE TABLE IF NOT EXISTS berth_sync_store (
    only_row       INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    schema_version INTEGER NOT NULL,
    store          TEXT    NOT NULL
) STRICT;

-- What the engine notes: agreed states, checkpoints, rows that were set aside or lost.
CREATE TABLE IF NOT EXISTS berth_sync_note (
    book  INTEGER NOT NULL,
    id    BLOB    NOT NULL CHECK (length(id) = 16),
    place TEXT,
    said  BLOB    NOT NULL,
    PRIMARY KEY (book, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS berth_sync_note_place ON berth_sync_note (book, place) WHERE place IS NOT NULL;

-- Captured changes, of tables that are synced from here; gone is 0 for inserted, 1 for gone, 2 for updated; at is in ms.
CREATE TABLE IF NOT EXISTS berth_sync_change (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    origin TEXT    NOT NULL,
    place  TEXT    NOT NULL,
    gone   INTEGER NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS berth_sync_change_origin ON berth_sync_change (origin, place, number);
