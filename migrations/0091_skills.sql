-- Reusable instructions of a team, in immutable versions.
CREATE TABLE skills (
  team TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  deleted_at INTEGER, PRIMARY KEY (team, key)
) WITHOUT ROWID;
CREATE TABLE skill_versions (
  team TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, skill TEXT NOT NULL, created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL, PRIMARY KEY (team, key, version)
) WITHOUT ROWID;
