-- What steps and agents act with: secrets (sealed, each for named hosts) and the team's tools in immutable versions.
CREATE TABLE secrets (
  team TEXT NOT NULL, name TEXT NOT NULL, sealed TEXT NOT NULL, version INTEGER NOT NULL, hosts TEXT NOT NULL, note TEXT,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL, last_used_at INTEGER,
  PRIMARY KEY (team, name)
) WITHOUT ROWID;
CREATE TABLE tools (
  team TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  deleted_at INTEGER, PRIMARY KEY (team, key)
) WITHOUT ROWID;
CREATE TABLE tool_versions (
  team TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, tool TEXT NOT NULL, created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL, PRIMARY KEY (team, key, version)
) WITHOUT ROWID;
