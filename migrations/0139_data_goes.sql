-- How long a team keeps what is over. Without a row: the audit a year, tasks for ever.
CREATE TABLE retention (
  team TEXT NOT NULL PRIMARY KEY,
  audit_days INTEGER NOT NULL,
  -- NULL: tasks that are over are kept.
  task_days INTEGER,
  -- 1: an owner said that it may go without an archive, as there is no bucket for one.
  unarchived INTEGER NOT NULL DEFAULT 0,
  updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL
) WITHOUT ROWID;

-- Files in the bucket that hold what was deleted, or is about to be.
CREATE TABLE archives (
  team TEXT NOT NULL, id TEXT NOT NULL,
  -- 'audit' or 'tasks'
  kind TEXT NOT NULL,
  -- 'making': it may be there in part; 'kept': it is whole; 'done': what it holds was deleted.
  status TEXT NOT NULL,
  object TEXT NOT NULL,
  -- Of which times, how many, how large, and its SHA-256.
  from_at INTEGER, to_at INTEGER, rows INTEGER, bytes INTEGER, sha256 TEXT,
  -- Of the audit the place of its last row; of tasks their ids and how far each log went; as JSON.
  holds TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (team, id)
) WITHOUT ROWID;
CREATE INDEX archives_unfinished ON archives (team, created_at) WHERE status <> 'done';

-- The last row of a chain of the audit whose beginning was deleted: what comes after it is checked from here.
CREATE TABLE audit_heads (
  team TEXT NOT NULL, task TEXT NOT NULL, seq INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (team, task)
) WITHOUT ROWID;

-- Teams that are to be deleted, and those that were: their ids stay taken.
CREATE TABLE team_ends (
  team TEXT NOT NULL PRIMARY KEY, asked_at INTEGER NOT NULL, asked_by TEXT NOT NULL, ends_at INTEGER NOT NULL,
  -- When all of it was gone.
  gone_at INTEGER
) WITHOUT ROWID;
CREATE INDEX team_ends_due ON team_ends (ends_at) WHERE gone_at IS NULL;
