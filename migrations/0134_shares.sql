-- Links that show one task to whoever has them: what they show, and until when. The link follows from the row and is not kept.
CREATE TABLE shares (
  team TEXT NOT NULL, task TEXT NOT NULL, id TEXT NOT NULL, detail TEXT NOT NULL, inputs INTEGER NOT NULL,
  created_at INTEGER NOT NULL, created_by TEXT NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER,
  PRIMARY KEY (team, task, id)
) WITHOUT ROWID;
