-- Which live workflows start which others: read by both ends, without a look at every workflow of the team.
CREATE TABLE workflow_starts (
  team TEXT NOT NULL, workflow TEXT NOT NULL, starts TEXT NOT NULL, PRIMARY KEY (team, workflow, starts)
) WITHOUT ROWID;
CREATE INDEX workflow_starts_by_started ON workflow_starts (team, starts);

CREATE TRIGGER workflows_start AFTER UPDATE OF live, deleted_at ON workflows BEGIN
  DELETE FROM workflow_starts WHERE team = NEW.team AND workflow = NEW.id;
  INSERT INTO workflow_starts (team, workflow, starts)
    SELECT DISTINCT NEW.team, NEW.id, j.value FROM workflow_versions v, json_each(v.pinned, '$.workflows') j
    WHERE NEW.deleted_at IS NULL AND v.workflow = NEW.id AND v.version = NEW.live AND v.team = NEW.team;
END;

INSERT INTO workflow_starts (team, workflow, starts)
  SELECT DISTINCT w.team, w.id, j.value FROM workflows w
  JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team, json_each(v.pinned, '$.workflows') j
  WHERE w.deleted_at IS NULL;
