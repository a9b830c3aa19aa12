-- What services are told of a task: kept with the flush that tells D1 of it, sent at least once, for a day.
CREATE TABLE callbacks (
  id TEXT PRIMARY KEY, team TEXT NOT NULL, workflow TEXT NOT NULL, task TEXT NOT NULL, type TEXT NOT NULL, url TEXT NOT NULL,
  status TEXT NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER, last_status INTEGER, last_error TEXT,
  created_at INTEGER NOT NULL, delivered_at INTEGER
) WITHOUT ROWID;
CREATE INDEX callbacks_due ON callbacks (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX callbacks_by_task ON callbacks (team, task, created_at);
CREATE TABLE callback_secrets (
  team TEXT NOT NULL, workflow TEXT NOT NULL, sealed TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY (team, workflow)
) WITHOUT ROWID;
