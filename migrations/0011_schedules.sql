-- What moves of a schedule; its settings are its intake's. `due_at` is when the sweep looks at it next: its next slot, or a
-- minute on while slots wait for an earlier task; NULL while it is paused or closed. Every slot up to `last_slot` is settled.
CREATE TABLE schedules (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, workflow TEXT NOT NULL, due_at INTEGER, last_slot INTEGER NOT NULL, last_task TEXT
) WITHOUT ROWID;
CREATE INDEX schedules_due ON schedules (due_at) WHERE due_at IS NOT NULL;

-- What became of each slot. A skipped row may stand for all slots up to `until`. `by_hand`: someone ran it; `slot` is when.
CREATE TABLE schedule_slots (
  schedule TEXT NOT NULL, slot INTEGER NOT NULL, until INTEGER NOT NULL, verdict TEXT NOT NULL, task TEXT, reason TEXT,
  by_hand INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL, PRIMARY KEY (schedule, slot)
) WITHOUT ROWID;

-- The local parts of e-mail intakes: an address leads to one intake.
CREATE TABLE mail_addresses (address TEXT PRIMARY KEY, intake TEXT NOT NULL, team TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX mail_addresses_by_intake ON mail_addresses (intake);
