-- How long people need for one task of a workflow without Baton, as its owner says: what time is saved follows from it.
CREATE TABLE baselines (
  team TEXT NOT NULL, workflow TEXT NOT NULL, minutes REAL NOT NULL, own_minutes REAL, set_at INTEGER NOT NULL, set_by TEXT NOT NULL,
  PRIMARY KEY (team, workflow)
) WITHOUT ROWID;

-- Sites that may show a task's status within their own pages.
CREATE TABLE embed_origins (
  team TEXT NOT NULL, origin TEXT NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
  PRIMARY KEY (team, origin)
) WITHOUT ROWID;

-- What a link of `detail` "status" shows besides how the task stands, with spaces between; null: it shows the task as a document.
ALTER TABLE shares ADD COLUMN shows TEXT;
