-- The open questions of tasks by themselves, and by each person who is still to answer: the inbox reads a page of them and
-- not every open task. Kept true by triggers on what tasks tell the index, which stays the one thing that is written.
CREATE TABLE questions (
  team TEXT NOT NULL, task TEXT NOT NULL, run INTEGER NOT NULL,
  -- When the task came to the step, when it was made, and when the question is due: ms since the epoch.
  since INTEGER NOT NULL, created_at INTEGER NOT NULL, due INTEGER,
  PRIMARY KEY (task, run)
) WITHOUT ROWID;
CREATE INDEX questions_by_age ON questions (team, since, task, run);
CREATE INDEX questions_by_due ON questions (team, due, task, run) WHERE due IS NOT NULL;
CREATE INDEX questions_by_task_age ON questions (team, created_at, task);

CREATE TABLE question_people (
  team TEXT NOT NULL, email TEXT NOT NULL, since INTEGER NOT NULL, task TEXT NOT NULL, run INTEGER NOT NULL, due INTEGER,
  PRIMARY KEY (team, email, since, task, run)
) WITHOUT ROWID;
CREATE INDEX question_people_by_task ON question_people (task);

CREATE VIEW open_questions AS
  SELECT t.team, t.id AS task, CAST(q.value->>'$.run' AS INTEGER) AS run, coalesce(CAST(t.card->>'$.enteredAt' AS INTEGER), t.updated_at) AS since,
    t.created_at, CAST(q.value->>'$.due' AS INTEGER) AS due, q.value->'$.assignees' AS assignees
  FROM tasks t, json_each(t.card, '$.asks') q WHERE t.over = 0 AND t.status IN ('waiting', 'stuck');

CREATE TRIGGER tasks_ask_first AFTER INSERT ON tasks WHEN json_array_length(NEW.card, '$.asks') > 0 BEGIN
  INSERT INTO questions (team, task, run, since, created_at, due)
    SELECT DISTINCT team, task, run, since, created_at, due FROM open_questions WHERE task = NEW.id;
  INSERT INTO question_people (team, email, since, task, run, due)
    SELECT DISTINCT q.team, p.value->>'$.email', q.since, q.task, q.run, q.due FROM open_questions q, json_each(q.assignees) p
    WHERE q.task = NEW.id AND NOT p.value->>'$.decided';
END;

CREATE TRIGGER tasks_ask AFTER UPDATE OF card, status ON tasks
WHEN json_array_length(OLD.card, '$.asks') > 0 OR json_array_length(NEW.card, '$.asks') > 0 BEGIN
  DELETE FROM questions WHERE task = NEW.id;
  DELETE FROM question_people WHERE task = NEW.id;
  INSERT INTO questions (team, task, run, since, created_at, due)
    SELECT DISTINCT team, task, run, since, created_at, due FROM open_questions WHERE task = NEW.id;
  INSERT INTO question_people (team, email, since, task, run, due)
    SELECT DISTINCT q.team, p.value->>'$.email', q.since, q.task, q.run, q.due FROM open_questions q, json_each(q.assignees) p
    WHERE q.task = NEW.id AND NOT p.value->>'$.decided';
END;

CREATE TRIGGER tasks_gone AFTER DELETE ON tasks BEGIN
  DELETE FROM questions WHERE task = OLD.id;
  DELETE FROM question_people WHERE task = OLD.id;
END;

INSERT INTO questions (team, task, run, since, created_at, due)
  SELECT DISTINCT team, task, run, since, created_at, due FROM open_questions;
INSERT INTO question_people (team, email, since, task, run, due)
  SELECT DISTINCT q.team, p.value->>'$.email', q.since, q.task, q.run, q.due FROM open_questions q, json_each(q.assignees) p
  WHERE NOT p.value->>'$.decided';

-- Which live workflows name which agents: kept true as versions go live.
CREATE TABLE agent_uses (
  team TEXT NOT NULL, agent TEXT NOT NULL, workflow TEXT NOT NULL, steps TEXT NOT NULL, PRIMARY KEY (team, agent, workflow)
) WITHOUT ROWID;
CREATE INDEX agent_uses_by_workflow ON agent_uses (workflow);

CREATE VIEW named_agents AS
  SELECT w.team, s.value->>'$.agent' AS agent, w.id AS workflow, json_group_array(s.value->>'$.key') AS steps
  FROM workflows w JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team, json_each(v.pinned, '$.definition.steps') s
  WHERE w.deleted_at IS NULL AND s.value->>'$.agent' IS NOT NULL GROUP BY w.team, w.id, s.value->>'$.agent';

CREATE TRIGGER workflows_live AFTER UPDATE OF live, deleted_at ON workflows BEGIN
  DELETE FROM agent_uses WHERE workflow = NEW.id;
  INSERT INTO agent_uses (team, agent, workflow, steps) SELECT team, agent, workflow, steps FROM named_agents WHERE workflow = NEW.id;
END;

INSERT INTO agent_uses (team, agent, workflow, steps) SELECT team, agent, workflow, steps FROM named_agents;

-- A workflow's part of the audit, for its figures: only rows that tell of people's part in a task.
CREATE INDEX audit_of_people ON audit (team, workflow, at)
  WHERE instr(' ' || types || ' ', ' asked ') > 0 OR instr(' ' || types || ' ', ' decided ') > 0
    OR instr(' ' || types || ' ', ' edited ') > 0 OR instr(' ' || types || ' ', ' routed ') > 0;

-- The names to choose a workflow from, in their order.
CREATE INDEX workflows_by_name ON workflows (team, deleted_at IS NOT NULL, lower(name), name);
