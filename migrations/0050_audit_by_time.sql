-- The audit by team and time, as it is read: each row is written once, with no index beside it, next to the ones before it.
-- `at` belongs to the log row, so (team, at, task, seq) is as unique as (task, seq).
CREATE TABLE audit_by_time (
  team TEXT NOT NULL, at INTEGER NOT NULL, task TEXT NOT NULL, seq INTEGER NOT NULL, workflow TEXT NOT NULL, types TEXT NOT NULL,
  actor TEXT NOT NULL, step TEXT, facts TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (team, at, task, seq)
) WITHOUT ROWID;
INSERT INTO audit_by_time (team, at, task, seq, workflow, types, actor, step, facts, digest)
  SELECT team, at, task, seq, workflow, types, actor, step, facts, digest FROM audit;
DROP TABLE audit;
ALTER TABLE audit_by_time RENAME TO audit;
