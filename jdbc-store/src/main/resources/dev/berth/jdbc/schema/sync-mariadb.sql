-- Berth's books of a sync in MariaDB 10.6, MySQL 8.0 or newer, schema version 1.

-- One row: which database this is.
CREATE TABLE IF NOT EXISTS `berth_sync_store` (
    only_row       TINYINT     NOT NULL PRIMARY KEY CHECK (only_row = 1),
    schema_version INT         NOT NULL,
    store          VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE = InnoDB;

-- What the engine notes: agreed states, checkpoints, rows that were set aside or lost.
CREATE TABLE IF NOT EXISTS `berth_sync_note` (
    book  BIGINT        NOT NULL,
    id    BINARY(16)    NOT NULL,
    place VARBINARY(700),
    said  LONGBLOB      NOT NULL,
    PRIMARY KEY (book, id),
    KEY berth_sync_note_place (book, place)
) ENGINE = InnoDB;

-- Books that somebody writes in alone.
CREATE TABLE IF NOT EXISTS `berth_sync_lock` (
    book BIGINT NOT NULL PRIMARY KEY
) ENGINE = InnoDB;

-- Captured changes, of tables that are synced from here; gone is 0 for inserted, 1 for gone, 2 for updated; at is in ms.
CREATE TABLE IF NOT EXISTS `berth_sync_change` (
    number BIGINT         NOT NULL PRIMARY KEY AUTO_INCREMENT,
    origin VARBINARY(300) NOT NULL,
    place  VARBINARY(700) NOT NULL,
    gone   TINYINT        NOT NULL,
    at     BIGINT         NOT NULL,
    KEY berth_sync_change_origin (origin, place, number)
) ENGINE = InnoDB;
