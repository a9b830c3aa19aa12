-- Figures of periods without reading the periods: what became of the tasks that are over, added up by day of their making.

-- What the audit tells of a task: 1 a model was unsure, 2 people decided, 4 somebody edited.
ALTER TABLE tasks ADD COLUMN told INTEGER NOT NULL DEFAULT 0;

CREATE VIEW audit_told AS
  SELECT team, at, task, seq, 2 * (instr(' ' || types || ' ', ' decided ') > 0) + 4 * (instr(' ' || types || ' ', ' edited ') > 0)
    + (instr(' ' || types || ' ', ' routed ') > 0 AND instr(facts, 'unsure') > 0
      AND EXISTS (SELECT 1 FROM json_each(facts) WHERE value->>'$.type' = 'routed' AND value->>'$.outcome' = 'unsure')) AS told
  FROM audit;

UPDATE tasks SET told = a.told FROM
  (SELECT team, task, max(told & 1) + max(told & 2) + max(told & 4) AS told FROM audit_told WHERE told > 0 GROUP BY team, task) a
  WHERE tasks.id = a.task AND tasks.team = a.team;

CREATE TRIGGER audit_tells AFTER INSERT ON audit
WHEN instr(NEW.types, 'decided') > 0 OR instr(NEW.types, 'edited') > 0 OR (instr(NEW.types, 'routed') > 0 AND instr(NEW.facts, 'unsure') > 0) BEGIN
  UPDATE tasks SET told = tasks.told | a.told FROM audit_told a
    WHERE a.team = NEW.team AND a.at = NEW.at AND a.task = NEW.task AND a.seq = NEW.seq
      AND tasks.id = a.task AND tasks.team = a.team AND tasks.told | a.told <> tasks.told;
END;

-- They counted the people's part of a workflow from the audit.
DROP INDEX audit_of_people;

-- `workflow` is '' for all of the team. `took` is a class of durations, each 5 % longer than the one before, -1 without one:
-- of classes with their sums come the median, the average and the longest. `day` counts from the epoch.
CREATE TABLE figures (
  team TEXT NOT NULL, workflow TEXT NOT NULL, day INTEGER NOT NULL, status TEXT NOT NULL, took INTEGER NOT NULL,
  tasks INTEGER NOT NULL, cost REAL NOT NULL, priced INTEGER NOT NULL, ms INTEGER NOT NULL, slowest INTEGER NOT NULL,
  unsure INTEGER NOT NULL, decided INTEGER NOT NULL, edited INTEGER NOT NULL,
  PRIMARY KEY (team, workflow, day, status, took)
) WITHOUT ROWID;

-- Tasks that were made before this moment are in `figures` as soon as they are over; the hourly pass moves it on. So what
-- ends within the hour writes nothing here, and what ends later is added by the triggers.
CREATE TABLE figures_until (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO figures_until (one, at) VALUES (1, 0);

-- A task as it counts, once for its workflow and once for all.
CREATE VIEW counted_tasks AS
  SELECT t.id, t.team, t.workflow, t.over, t.created_at, t.created_at / 86400000 AS day, t.status,
    CASE WHEN t.status = 'done' AND t.finished_at IS NOT NULL THEN CAST(round(20 * ln(1 + max(0, t.finished_at - t.created_at))) AS INTEGER) ELSE -1 END AS took,
    coalesce(t.cost, 0) AS cost, t.cost IS NOT NULL AS priced,
    CASE WHEN t.status = 'done' AND t.finished_at IS NOT NULL THEN max(0, t.finished_at - t.created_at) ELSE 0 END AS ms,
    t.told & 1 > 0 AS unsure, t.told & 2 > 0 AS decided, t.told & 4 > 0 AS edited
  FROM tasks t;

CREATE TRIGGER tasks_count_first AFTER INSERT ON tasks
WHEN NEW.over = 1 AND NEW.created_at < (SELECT at FROM figures_until) BEGIN
  INSERT INTO figures (team, workflow, day, status, took, tasks, cost, priced, ms, slowest, unsure, decided, edited)
    SELECT team, CASE s.value WHEN 1 THEN workflow ELSE '' END, day, status, took, 1, cost, priced, ms, ms, unsure, decided, edited
    FROM counted_tasks, json_each('[0,1]') s WHERE counted_tasks.id = NEW.id
    ON CONFLICT DO UPDATE SET tasks = tasks + 1, cost = cost + excluded.cost, priced = priced + excluded.priced, ms = ms + excluded.ms,
      slowest = max(slowest, excluded.slowest), unsure = unsure + excluded.unsure, decided = decided + excluded.decided, edited = edited + excluded.edited;
END;

-- What counted before a change of a task that is over, taken out again.
CREATE TRIGGER tasks_count_out BEFORE UPDATE OF over, status, cost, finished_at, told ON tasks
WHEN OLD.over = 1 AND OLD.created_at < (SELECT at FROM figures_until) BEGIN
  UPDATE figures SET tasks = figures.tasks - 1, cost = figures.cost - t.cost, priced = figures.priced - t.priced, ms = figures.ms - t.ms,
      unsure = figures.unsure - t.unsure, decided = figures.decided - t.decided, edited = figures.edited - t.edited
    FROM counted_tasks t WHERE t.id = OLD.id AND figures.team = t.team AND figures.workflow IN ('', t.workflow) AND figures.day = t.day
      AND figures.status = t.status AND figures.took = t.took;
END;

CREATE TRIGGER tasks_count_in AFTER UPDATE OF over, status, cost, finished_at, told ON tasks
WHEN NEW.over = 1 AND NEW.created_at < (SELECT at FROM figures_until) BEGIN
  INSERT INTO figures (team, workflow, day, status, took, tasks, cost, priced, ms, slowest, unsure, decided, edited)
    SELECT team, CASE s.value WHEN 1 THEN workflow ELSE '' END, day, status, took, 1, cost, priced, ms, ms, unsure, decided, edited
    FROM counted_tasks, json_each('[0,1]') s WHERE counted_tasks.id = NEW.id
    ON CONFLICT DO UPDATE SET tasks = tasks + 1, cost = cost + excluded.cost, priced = priced + excluded.priced, ms = ms + excluded.ms,
      slowest = max(slowest, excluded.slowest), unsure = unsure + excluded.unsure, decided = decided + excluded.decided, edited = edited + excluded.edited;
END;

CREATE TRIGGER tasks_count_gone BEFORE DELETE ON tasks
WHEN OLD.over = 1 AND OLD.created_at < (SELECT at FROM figures_until) BEGIN
  UPDATE figures SET tasks = figures.tasks - 1, cost = figures.cost - t.cost, priced = figures.priced - t.priced, ms = figures.ms - t.ms,
      unsure = figures.unsure - t.unsure, decided = figures.decided - t.decided, edited = figures.edited - t.edited
    FROM counted_tasks t WHERE t.id = OLD.id AND figures.team = t.team AND figures.workflow IN ('', t.workflow) AND figures.day = t.day
      AND figures.status = t.status AND figures.took = t.took;
END;

-- What is rare among a team's tasks is found without walking through the others. A task that runs and is done writes nothing here.
CREATE INDEX tasks_by_status ON tasks (team, status, created_at, id)
  WHERE status = 'held' OR status = 'waiting' OR status = 'stuck' OR status = 'failed' OR status = 'cancelled';

-- What is changed last is found first, and a team's templates without its other workflows.
CREATE INDEX workflows_by_change ON workflows (team, updated_at DESC, id) WHERE deleted_at IS NULL;
CREATE INDEX workflows_by_template ON workflows (team, name) WHERE template = 1 AND deleted_at IS NULL;
CREATE INDEX agents_by_change ON agents (team, updated_at DESC, key) WHERE deleted_at IS NULL;
