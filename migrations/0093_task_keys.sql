-- Which task of which workflow has which business key. Written before a task begins, as what comes next asks for it at once:
-- an event from outside, or another task with the key. `duplicate_of`: the first of its workflow that had it.
CREATE TABLE task_keys (
  team TEXT NOT NULL,
  key TEXT NOT NULL,
  workflow TEXT NOT NULL,
  task TEXT NOT NULL,
  at INTEGER NOT NULL,
  duplicate_of TEXT,
  PRIMARY KEY (team, key, workflow, task)
) WITHOUT ROWID;
INSERT INTO task_keys (team, key, workflow, task, at, duplicate_of)
SELECT team, key, workflow, id, created_at,
  nullif(first_value(id) OVER (PARTITION BY team, key, workflow ORDER BY created_at, id), id)
FROM tasks WHERE key IS NOT NULL;
DROP INDEX tasks_by_key;

-- What was told to tasks by their key: that the same is told once, and what is left to tell where they are many.
CREATE TABLE outside_events (
  team TEXT NOT NULL,
  id TEXT NOT NULL,
  hash TEXT NOT NULL,
  at INTEGER NOT NULL,
  tasks INTEGER NOT NULL,
  left_to_tell TEXT,
  next_at INTEGER,
  PRIMARY KEY (team, id)
) WITHOUT ROWID;
CREATE INDEX outside_events_due ON outside_events (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX outside_events_by_time ON outside_events (at);
