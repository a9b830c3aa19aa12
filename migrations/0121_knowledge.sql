-- What a team knows and its agents look up: texts in immutable versions. `checked_at`: when somebody last said that it is
-- right still; `months`: for how long that holds, NULL: without end.
CREATE TABLE knowledge (
  team TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  deleted_at INTEGER, checked_at INTEGER, PRIMARY KEY (team, key)
) WITHOUT ROWID;
CREATE TABLE knowledge_versions (
  team TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, knowledge TEXT NOT NULL, created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL, PRIMARY KEY (team, key, version)
) WITHOUT ROWID;

-- The current versions' passages. `ids`: the team, and the team with the key, as one word each, so that a search reads its own.
CREATE VIRTUAL TABLE passages USING fts5(
  text, ids, key UNINDEXED, page UNINDEXED, tokenize = "porter unicode61 remove_diacritics 2 tokenchars '_'"
);
INSERT INTO passages (passages, rank) VALUES ('secure-delete', 1);
