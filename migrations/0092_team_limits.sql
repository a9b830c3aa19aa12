-- What a team sets of money and pace. Without a row there is no limit, and days and months are UTC's.
CREATE TABLE team_limits (
  team TEXT NOT NULL PRIMARY KEY,
  -- { budget: { day, month }, providers: { name: { parallel, perMinute } }, waiting } as JSON.
  limits TEXT NOT NULL DEFAULT '{}', timezone TEXT NOT NULL DEFAULT 'UTC',
  -- USD that a task may spend whose workflow sets no limit; NULL: as much as it takes.
  task_budget REAL DEFAULT 2,
  -- The model of steps and agents that name none; NULL: the server's.
  model TEXT,
  updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL
) WITHOUT ROWID;
