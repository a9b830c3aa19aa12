-- Teams and people: better-auth's tables (organization = team), so that accounts join without a change.
CREATE TABLE organization (id TEXT PRIMARY KEY, name TEXT NOT NULL, slug TEXT NOT NULL UNIQUE, logo TEXT, createdAt TEXT NOT NULL, metadata TEXT);
CREATE TABLE user (id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, emailVerified INTEGER NOT NULL, image TEXT, createdAt TEXT NOT NULL, updatedAt TEXT NOT NULL);
CREATE TABLE member (id TEXT PRIMARY KEY, organizationId TEXT NOT NULL REFERENCES organization (id) ON DELETE CASCADE, userId TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE, role TEXT NOT NULL, createdAt TEXT NOT NULL);
CREATE UNIQUE INDEX member_by_team ON member (organizationId, userId);

CREATE TABLE keys (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, last4 TEXT NOT NULL, scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL, created_by TEXT NOT NULL, expires_at INTEGER, revoked_at INTEGER, last_used_at INTEGER
) WITHOUT ROWID;
CREATE INDEX keys_by_team ON keys (team, created_at);

CREATE TABLE workflows (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, name TEXT NOT NULL, description TEXT, owner TEXT, tags TEXT NOT NULL DEFAULT '[]',
  status TEXT NOT NULL, live INTEGER, draft TEXT, draft_format TEXT, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL, deleted_at INTEGER
) WITHOUT ROWID;
CREATE INDEX workflows_by_team ON workflows (team, created_at);

-- Immutable. `pinned` is what a task pins (definition and agent versions, JSON); `text` is what its author wrote.
CREATE TABLE workflow_versions (
  workflow TEXT NOT NULL, version INTEGER NOT NULL, team TEXT NOT NULL, pinned TEXT NOT NULL, digest TEXT NOT NULL, text TEXT NOT NULL,
  format TEXT NOT NULL, note TEXT, created_at INTEGER NOT NULL, created_by TEXT NOT NULL, PRIMARY KEY (workflow, version)
) WITHOUT ROWID;

CREATE TABLE agents (team TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, deleted_at INTEGER, PRIMARY KEY (team, key)) WITHOUT ROWID;
-- Immutable.
CREATE TABLE agent_versions (team TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, agent TEXT NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL, PRIMARY KEY (team, key, version)) WITHOUT ROWID;

CREATE TABLE intakes (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, workflow TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, config TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, deleted_at INTEGER
) WITHOUT ROWID;
CREATE INDEX intakes_by_workflow ON intakes (team, workflow, created_at);

-- What an intake accepted while its workflow was paused, until someone starts or discards it. `id` is the task's id to be.
CREATE TABLE held (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, workflow TEXT NOT NULL, intake TEXT NOT NULL, actor TEXT NOT NULL,
  idempotency TEXT, hash TEXT NOT NULL, input TEXT NOT NULL, at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX held_by_workflow ON held (team, workflow, at);

-- The index of tasks: written only by the Board DO's group commit, guarded by seq, rebuilt from the Task DOs when lost.
-- `card` is what a card on the board shows, and the open asks (JSON).
CREATE TABLE tasks (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, workflow TEXT NOT NULL, version INTEGER NOT NULL, title TEXT NOT NULL,
  status TEXT NOT NULL, step TEXT, visit INTEGER NOT NULL, over INTEGER NOT NULL, seq INTEGER NOT NULL, due_at INTEGER,
  cost REAL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, finished_at INTEGER, card TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX tasks_by_team ON tasks (team, created_at);
CREATE INDEX tasks_by_workflow ON tasks (team, workflow, over, created_at);

-- One row per log row of a task: a summary, never a definition, prompt or output. `digest` is the SHA-256 of the whole row.
CREATE TABLE audit (
  task TEXT NOT NULL, seq INTEGER NOT NULL, team TEXT NOT NULL, workflow TEXT NOT NULL, at INTEGER NOT NULL, types TEXT NOT NULL,
  actor TEXT NOT NULL, step TEXT, facts TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (task, seq)
) WITHOUT ROWID;
CREATE INDEX audit_by_team ON audit (team, at);
