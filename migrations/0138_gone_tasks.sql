-- Tasks that were deleted. Nothing that comes late of one is written any more, and the audit finds its rows by when it was.
CREATE TABLE gone_tasks (
  team TEXT NOT NULL, task TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  -- When it was deleted, and when what lies outside of D1 is to be emptied; NULL: it is.
  at INTEGER NOT NULL, empty_at INTEGER,
  PRIMARY KEY (team, task)
) WITHOUT ROWID;
CREATE INDEX gone_tasks_to_empty ON gone_tasks (empty_at) WHERE empty_at IS NOT NULL;

-- What a team's tasks came to stays counted when they are deleted: one that was added up stays so, one that was not is now.
DROP TRIGGER tasks_count_gone;
CREATE TRIGGER tasks_count_gone BEFORE DELETE ON tasks
WHEN OLD.over = 1 AND OLD.created_at >= (SELECT at FROM figures_until) BEGIN
  INSERT INTO figures (team, workflow, day, status, took, tasks, cost, priced, ms, slowest, unsure, decided, edited)
    SELECT team, CASE s.value WHEN 1 THEN workflow ELSE '' END, day, status, took, 1, cost, priced, ms, ms, unsure, decided, edited
    FROM counted_tasks, json_each('[0,1]') s WHERE counted_tasks.id = OLD.id
    ON CONFLICT DO UPDATE SET tasks = tasks + 1, cost = cost + excluded.cost, priced = priced + excluded.priced, ms = ms + excluded.ms,
      slowest = max(slowest, excluded.slowest), unsure = unsure + excluded.unsure, decided = decided + excluded.decided, edited = edited + excluded.edited;
END;

-- By task, for what goes with it.
CREATE INDEX corrections_by_task ON corrections (team, task);
CREATE INDEX recorded_answers_by_task ON recorded_answers (team, task);
