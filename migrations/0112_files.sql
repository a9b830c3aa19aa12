-- What lies in object storage, by its key. Of a team's objects with the same digest one counts: later uploads of the same
-- file refer to it. A row is there before its object and goes after it, so nothing lies there that no row knows of.
CREATE TABLE file_objects (
  key TEXT PRIMARY KEY,
  team TEXT NOT NULL,
  -- NULL: it is being uploaded, or is about to be deleted.
  sha256 TEXT,
  bytes INTEGER,
  at INTEGER NOT NULL,
  -- From when on the sweep may take it, should no file refer to it; NULL: files do.
  free_at INTEGER,
  -- 1: the sweep has begun to take it, and no file may refer to it any more.
  doomed INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE UNIQUE INDEX file_objects_by_digest ON file_objects (team, sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX file_objects_free ON file_objects (free_at) WHERE free_at IS NOT NULL;

-- The files of tasks. Whether a file is a task's, the task's log says; until that has it, the row waits for it.
CREATE TABLE files (
  team TEXT NOT NULL,
  id TEXT NOT NULL,
  task TEXT NOT NULL,
  object TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  declared TEXT,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  source TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  -- Until when its task may take it; NULL: it has.
  until INTEGER,
  PRIMARY KEY (team, id)
) WITHOUT ROWID;
CREATE INDEX files_by_task ON files (team, task);
CREATE INDEX files_by_object ON files (object);
CREATE INDEX files_waiting ON files (until) WHERE until IS NOT NULL;
