-- What came to an intake, for 30 days. An id is `dlv_`, the intake's 20 characters, the time as 11 hex digits and 8 random
-- characters: one intake's rows lie together in order of time, so a list needs no index and a delivery costs one row.
CREATE TABLE deliveries (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, verdict TEXT NOT NULL, status INTEGER NOT NULL, reason TEXT, task TEXT,
  at INTEGER NOT NULL, ms INTEGER NOT NULL, request TEXT NOT NULL
) WITHOUT ROWID;

-- What the first event of a held delivery's task will say of where it came from (JSON).
ALTER TABLE held ADD COLUMN source TEXT;
