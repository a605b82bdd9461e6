-- Berth's ledger in SQLite, from schema version 1 to 2: claims know how often their labels were written.
ALTER TABLE berth_claim ADD COLUMN labelled INTEGER NOT NULL DEFAULT 0;
UPDATE berth_claim SET labelled = 1 WHERE id IN (SELECT claim_id FROM berth_label);
