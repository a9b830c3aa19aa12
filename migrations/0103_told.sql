-- Where else than by mail people are told: an incoming webhook of Slack, or one that is signed. `person`: whose own it is; NULL: the team's.
CREATE TABLE channels (
  team TEXT NOT NULL, id TEXT NOT NULL, person TEXT, kind TEXT NOT NULL, host TEXT NOT NULL,
  -- Of what it tells, with spaces between.
  tells TEXT NOT NULL,
  -- Its address and what it is signed with, as JSON, sealed.
  sealed TEXT NOT NULL, version INTEGER NOT NULL,
  created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
  -- Since when it has taken nothing; NULL: it takes what it is sent.
  failing_since INTEGER, last_error TEXT,
  PRIMARY KEY (team, id)
) WITHOUT ROWID;
-- What is told, and what became of it. Its id derives from what it is about, where it goes and to whom: twice is once. No link in it decides.
CREATE TABLE messages (
  id TEXT PRIMARY KEY, team TEXT NOT NULL,
  -- NULL: by mail.
  channel TEXT,
  -- NULL: the team.
  recipient TEXT,
  kind TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, path TEXT NOT NULL,
  -- { task, visit, run, digest } of the question that it is about, as JSON: once that is not open any more, it is not sent.
  about TEXT,
  status TEXT NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER, last_error TEXT,
  created_at INTEGER NOT NULL, tried_since INTEGER NOT NULL, sent_at INTEGER
) WITHOUT ROWID;
CREATE INDEX messages_due ON messages (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX messages_by_team ON messages (team, created_at, id);
CREATE INDEX messages_by_age ON messages (created_at);
-- Who is told by digest instead of at once: the next at `next_at`; NULL: they are told at once.
CREATE TABLE digests (
  team TEXT NOT NULL, email TEXT NOT NULL, how TEXT NOT NULL, hour INTEGER NOT NULL, timezone TEXT NOT NULL, next_at INTEGER,
  PRIMARY KEY (team, email)
) WITHOUT ROWID;
CREATE INDEX digests_due ON digests (next_at) WHERE next_at IS NOT NULL;
-- What the next digest is for: it goes with the digest that tells of it, in one batch.
CREATE TABLE digest_items (
  team TEXT NOT NULL, email TEXT NOT NULL, item TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (team, email, item)
) WITHOUT ROWID;
