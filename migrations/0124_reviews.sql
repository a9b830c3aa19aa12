-- What people made of what models had drafted. All of it follows from the tasks' logs and comes with the flush that tells of it.

-- One row for each question about a model's draft that a person decided: the latest that was said of it.
CREATE TABLE reviews (
  team TEXT NOT NULL, task TEXT NOT NULL, visit INTEGER NOT NULL, run INTEGER NOT NULL, call TEXT NOT NULL, seq INTEGER NOT NULL,
  workflow TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, at_step TEXT NOT NULL, step TEXT NOT NULL, agent TEXT,
  agent_version INTEGER, model TEXT, person TEXT NOT NULL, verdict TEXT NOT NULL, edited INTEGER NOT NULL, basis TEXT,
  PRIMARY KEY (team, task, visit, run, call)
) WITHOUT ROWID;
CREATE INDEX reviews_by_time ON reviews (team, at);
CREATE INDEX reviews_by_step ON reviews (team, workflow, at_step, at);

-- The ledger: one row for each field that differed, newest last.
CREATE TABLE corrections (
  team TEXT NOT NULL, at INTEGER NOT NULL, task TEXT NOT NULL, seq INTEGER NOT NULL, n INTEGER NOT NULL, workflow TEXT NOT NULL,
  at_step TEXT NOT NULL, step TEXT NOT NULL, agent TEXT, agent_version INTEGER, model TEXT, person TEXT NOT NULL, why TEXT NOT NULL,
  field TEXT NOT NULL, was TEXT NOT NULL, became TEXT NOT NULL, note TEXT,
  PRIMARY KEY (team, at, task, seq, n)
) WITHOUT ROWID;
