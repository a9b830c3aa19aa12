-- What tasks consisted of (steps with where their time went, agents, models, intake, version), added up by day of their making.

-- A list of [dimension, name, cost, told, left, ms of: people, time, held, queue, model, call] (src/domain/task/told/parts.ts).
ALTER TABLE tasks ADD COLUMN parts TEXT;

-- A part as it counts. Of a step, an open task counts as what it is only where it stands; elsewhere it has passed on.
CREATE VIEW counted_parts AS
  SELECT t.id, t.team, t.workflow, t.over, t.created_at, t.created_at / 86400000 AS day, p.value->>0 AS dimension, p.value->>1 AS name,
    CASE WHEN t.over = 0 AND p.value->>0 = 'step' AND t.step IS NOT p.value->>1 THEN 'passed' ELSE t.status END AS status,
    coalesce(p.value->>2, 0) AS cost, p.value->>2 IS NOT NULL AS priced,
    (p.value->>3) & 1 > 0 AS unsure, (p.value->>3) & 2 > 0 AS decided, (p.value->>3) & 4 > 0 AS edited
  FROM tasks t CROSS JOIN json_each(t.parts) p WHERE p.value->>0 <> 'task';

-- The times of a task, and of those of its steps that it left. `what` is all of it, what it waited or what it worked; of all of it
-- stands where it went. `took` is a class of durations, each 10 % longer than the one before; nothing at all is the class 0.
CREATE VIEW counted_times AS
  SELECT k.id, k.team, k.workflow, k.over, k.created_at, k.day, k.step, w.value AS what,
    CAST(round(10 * ln(1 + CASE w.value WHEN 'all' THEN waited + worked WHEN 'waited' THEN waited ELSE worked END)) AS INTEGER) AS took,
    CASE w.value WHEN 'all' THEN waited + worked WHEN 'waited' THEN waited ELSE worked END AS ms,
    people * (w.value = 'all') AS people, time * (w.value = 'all') AS time, held * (w.value = 'all') AS held,
    queue * (w.value = 'all') AS queue, model * (w.value = 'all') AS model, call * (w.value = 'all') AS call
  FROM (SELECT t.id, t.team, t.workflow, t.over, t.created_at, t.created_at / 86400000 AS day, p.value->>1 AS step,
      p.value->>5 AS people, p.value->>6 AS time, p.value->>7 AS held, p.value->>8 AS queue, p.value->>9 AS model, p.value->>10 AS call,
      (p.value->>5) + (p.value->>6) + (p.value->>7) + (p.value->>8) AS waited, (p.value->>9) + (p.value->>10) AS worked
    FROM tasks t CROSS JOIN json_each(t.parts) p WHERE p.value->>0 IN ('task', 'step') AND p.value->>4 > 0) k
  CROSS JOIN json_each('["all","waited","worked"]') w;

-- `workflow` is '' for all of the team, which agents and models have.
CREATE TABLE part_figures (
  team TEXT NOT NULL, workflow TEXT NOT NULL, day INTEGER NOT NULL, dimension TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
  tasks INTEGER NOT NULL, cost REAL NOT NULL, priced INTEGER NOT NULL, unsure INTEGER NOT NULL, decided INTEGER NOT NULL, edited INTEGER NOT NULL,
  PRIMARY KEY (team, workflow, day, dimension, name, status)
) WITHOUT ROWID;

-- `step` is '' for the whole task; `workflow` is '' for all of the team, which has no steps.
CREATE TABLE step_times (
  team TEXT NOT NULL, workflow TEXT NOT NULL, day INTEGER NOT NULL, step TEXT NOT NULL, what TEXT NOT NULL, took INTEGER NOT NULL,
  tasks INTEGER NOT NULL, ms INTEGER NOT NULL,
  people INTEGER NOT NULL, time INTEGER NOT NULL, held INTEGER NOT NULL, queue INTEGER NOT NULL, model INTEGER NOT NULL, call INTEGER NOT NULL,
  PRIMARY KEY (team, workflow, day, step, what, took)
) WITHOUT ROWID;

-- Tasks that ended too late for the pass that added their hour up (`figures_until`): they are counted one by one until the next
-- pass adds them. A row here and its removal are all that a late end costs, however many parts the task has.
CREATE TABLE late_parts (team TEXT NOT NULL, task TEXT NOT NULL, PRIMARY KEY (team, task)) WITHOUT ROWID;

CREATE TRIGGER parts_late_first AFTER INSERT ON tasks
WHEN NEW.over = 1 AND NEW.parts IS NOT NULL AND NEW.created_at < (SELECT at FROM figures_until) BEGIN
  INSERT INTO late_parts (team, task) VALUES (NEW.team, NEW.id) ON CONFLICT DO NOTHING;
END;

-- What was added up before of a task that is over, taken out again. LIMIT has the task's parts found first, then their rows.
CREATE TRIGGER parts_out BEFORE UPDATE OF parts, status ON tasks
WHEN OLD.over = 1 AND OLD.created_at < (SELECT at FROM figures_until) AND (OLD.parts IS NOT NEW.parts OR OLD.status <> NEW.status)
  AND NOT EXISTS (SELECT 1 FROM late_parts WHERE team = OLD.team AND task = OLD.id) BEGIN
  UPDATE part_figures SET tasks = part_figures.tasks - 1, cost = part_figures.cost - p.cost, priced = part_figures.priced - p.priced,
      unsure = part_figures.unsure - p.unsure, decided = part_figures.decided - p.decided, edited = part_figures.edited - p.edited
    FROM (SELECT * FROM counted_parts WHERE id = OLD.id LIMIT -1) p WHERE part_figures.team = p.team AND part_figures.workflow IN ('', p.workflow)
      AND part_figures.day = p.day AND part_figures.dimension = p.dimension AND part_figures.name = p.name AND part_figures.status = p.status;
  UPDATE step_times SET tasks = step_times.tasks - 1, ms = step_times.ms - s.ms, people = step_times.people - s.people,
      time = step_times.time - s.time, held = step_times.held - s.held, queue = step_times.queue - s.queue,
      model = step_times.model - s.model, call = step_times.call - s.call
    FROM (SELECT * FROM counted_times WHERE id = OLD.id LIMIT -1) s WHERE step_times.team = s.team AND step_times.workflow IN ('', s.workflow)
      AND step_times.day = s.day AND step_times.step = s.step AND step_times.what = s.what AND step_times.took = s.took;
END;

CREATE TRIGGER parts_late AFTER UPDATE OF over, parts, status ON tasks
WHEN NEW.over = 1 AND NEW.created_at < (SELECT at FROM figures_until)
  AND (OLD.over = 0 OR OLD.parts IS NOT NEW.parts OR OLD.status <> NEW.status) BEGIN
  INSERT INTO late_parts (team, task) VALUES (NEW.team, NEW.id) ON CONFLICT DO NOTHING;
END;

-- What a team's tasks came to stays counted when they are deleted: one that was added up stays so, one that was not is now.
CREATE TRIGGER parts_gone BEFORE DELETE ON tasks
WHEN OLD.over = 1 AND OLD.parts IS NOT NULL AND (OLD.created_at >= (SELECT at FROM figures_until)
  OR EXISTS (SELECT 1 FROM late_parts WHERE team = OLD.team AND task = OLD.id)) BEGIN
  INSERT INTO part_figures (team, workflow, day, dimension, name, status, tasks, cost, priced, unsure, decided, edited)
    SELECT p.team, CASE s.value WHEN 1 THEN p.workflow ELSE '' END, p.day, p.dimension, p.name, p.status, 1, p.cost, p.priced, p.unsure, p.decided, p.edited
    FROM counted_parts p CROSS JOIN json_each('[0,1]') s WHERE p.id = OLD.id AND (s.value = 1 OR p.dimension IN ('agent', 'model'))
    ON CONFLICT DO UPDATE SET tasks = tasks + 1, cost = cost + excluded.cost, priced = priced + excluded.priced,
      unsure = unsure + excluded.unsure, decided = decided + excluded.decided, edited = edited + excluded.edited;
  INSERT INTO step_times (team, workflow, day, step, what, took, tasks, ms, people, time, held, queue, model, call)
    SELECT t.team, CASE s.value WHEN 1 THEN t.workflow ELSE '' END, t.day, t.step, t.what, t.took, 1, t.ms, t.people, t.time, t.held, t.queue, t.model, t.call
    FROM counted_times t CROSS JOIN json_each('[0,1]') s WHERE t.id = OLD.id AND (s.value = 1 OR t.step = '')
    ON CONFLICT DO UPDATE SET tasks = tasks + 1, ms = ms + excluded.ms, people = people + excluded.people, time = time + excluded.time,
      held = held + excluded.held, queue = queue + excluded.queue, model = model + excluded.model, call = call + excluded.call;
  DELETE FROM late_parts WHERE team = OLD.team AND task = OLD.id;
END;
