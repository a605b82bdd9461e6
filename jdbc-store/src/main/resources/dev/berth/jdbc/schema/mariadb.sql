-- Berth's ledger in MariaDB 10.6 or MySQL 8.0 or newer, schema version 2.
--
-- Instants are microseconds since 1970 in UTC. Texts are bytes of UTF-8: a character column would fold case, ignore
-- spaces at the end, or be compared in the connection's character set.

-- One row: which ledger this is and where it was made. It is written last, so a schema that has it is whole.
CREATE TABLE IF NOT EXISTS `berth_meta` (
    `only_row`       INT NOT NULL,
    `schema_version` INT NOT NULL,
    `ledger`         BINARY(16) NOT NULL,
    `place`          VARBINARY(2048) NOT NULL,
    `clock_mark`     BIGINT NOT NULL,
    PRIMARY KEY (`only_row`),
    CHECK (`only_row` = 1)
) ENGINE = InnoDB;

-- Who holds something. One owner, one claim. labelled: how often labels of the claim were written.
CREATE TABLE IF NOT EXISTS `berth_claim` (
    `id`             BINARY(16) NOT NULL,
    `revision`       BIGINT NOT NULL,
    `tenant`         VARBINARY(128) NOT NULL,
    `name`           VARBINARY(512) NOT NULL,
    `state`          VARBINARY(16) NOT NULL,
    `created_at`     BIGINT NOT NULL,
    `state_since`    BIGINT NOT NULL,
    `lease_until`    BIGINT,
    `home`           VARBINARY(255),
    `attempt_number` INT,
    `attempt_nonce`  VARBINARY(64),
    `attempt_since`  BIGINT,
    `attempt_until`  BIGINT,
    `state_reason`   VARBINARY(1024),
    `labelled`       BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (`id`),
    UNIQUE (`tenant`, `name`),
    INDEX berth_claim_home (`home`, `id`)
) ENGINE = InnoDB;

-- The one key space: a row is a holding of a claim (claim_id) or a block without a claim (block). number: the value as
-- a number where it is one, for searches by range. A holding begins at the later of its since and
-- its claim's created_at.
CREATE TABLE IF NOT EXISTS `berth_resource` (
    `kind`          VARBINARY(64) NOT NULL,
    `scope`         VARBINARY(255) NOT NULL,
    `value`         VARBINARY(1024) NOT NULL,
    `number`        INT,
    `since`         BIGINT NOT NULL,
    `claim_id`      BINARY(16),
    `part`          VARBINARY(64),
    `role`          VARBINARY(64),
    `confirmed`     SMALLINT,
    `block`         VARBINARY(16),
    `former_tenant` VARBINARY(128),
    `former_name`   VARBINARY(512),
    `note`          VARBINARY(1024),
    `until`         BIGINT,
    PRIMARY KEY (`kind`, `scope`, `value`),
    CHECK ((`claim_id` IS NULL) <> (`block` IS NULL)),
    INDEX berth_resource_claim (`claim_id`),
    INDEX berth_resource_number (`kind`, `scope`, `number`),
    INDEX berth_resource_until (`until`)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS `berth_label` (
    `claim_id` BINARY(16) NOT NULL,
    `label`    VARBINARY(128) NOT NULL,
    `text`     VARBINARY(1024) NOT NULL,
    PRIMARY KEY (`claim_id`, `label`),
    INDEX berth_label_text (`label`, `text`)
) ENGINE = InnoDB;

-- Named compare-and-set records: leases, marks, breakers, guards, fingerprints.
CREATE TABLE IF NOT EXISTS `berth_record` (
    `name`    VARBINARY(512) NOT NULL,
    `version` BIGINT NOT NULL,
    `value`   BLOB NOT NULL,
    `until`   BIGINT,
    PRIMARY KEY (`name`),
    INDEX berth_record_until (`until`)
) ENGINE = InnoDB;

-- Holdings that ended.
CREATE TABLE IF NOT EXISTS `berth_history` (
    `entry`      BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    `kind`       VARBINARY(64) NOT NULL,
    `scope`      VARBINARY(255) NOT NULL,
    `value`      VARBINARY(1024) NOT NULL,
    `tenant`     VARBINARY(128) NOT NULL,
    `name`       VARBINARY(512) NOT NULL,
    `claim_id`   BINARY(16) NOT NULL,
    `part`       VARBINARY(64) NOT NULL,
    `role`       VARBINARY(64) NOT NULL,
    `since`      BIGINT NOT NULL,
    `ended_at`   BIGINT NOT NULL,
    `end_reason` VARBINARY(32) NOT NULL,
    INDEX berth_history_resource (`kind`, `scope`, `value`, `ended_at`),
    INDEX berth_history_ended (`ended_at`)
) ENGINE = InnoDB;

-- Provisioned claims that were released, as they were last.
CREATE TABLE IF NOT EXISTS `berth_tombstone` (
    `id`             BINARY(16) NOT NULL,
    `revision`       BIGINT NOT NULL,
    `tenant`         VARBINARY(128) NOT NULL,
    `name`           VARBINARY(512) NOT NULL,
    `state`          VARBINARY(16) NOT NULL,
    `created_at`     BIGINT NOT NULL,
    `state_since`    BIGINT NOT NULL,
    `lease_until`    BIGINT,
    `home`           VARBINARY(255),
    `attempt_number` INT,
    `attempt_nonce`  VARBINARY(64),
    `attempt_since`  BIGINT,
    `attempt_until`  BIGINT,
    `state_reason`   VARBINARY(1024),
    `ended_at`       BIGINT NOT NULL,
    `end_reason`     VARBINARY(32) NOT NULL,
    PRIMARY KEY (`id`),
    INDEX berth_tombstone_ended (`ended_at`),
    INDEX berth_tombstone_home (`home`, `id`)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS `berth_tombstone_holding` (
    `claim_id`  BINARY(16) NOT NULL,
    `kind`      VARBINARY(64) NOT NULL,
    `scope`     VARBINARY(255) NOT NULL,
    `value`     VARBINARY(1024) NOT NULL,
    `part`      VARBINARY(64) NOT NULL,
    `role`      VARBINARY(64) NOT NULL,
    `since`     BIGINT NOT NULL,
    `confirmed` SMALLINT NOT NULL,
    PRIMARY KEY (`claim_id`, `kind`, `scope`, `value`)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS `berth_tombstone_label` (
    `claim_id` BINARY(16) NOT NULL,
    `label`    VARBINARY(128) NOT NULL,
    `text`     VARBINARY(1024) NOT NULL,
    PRIMARY KEY (`claim_id`, `label`)
) ENGINE = InnoDB;
