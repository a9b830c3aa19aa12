-- Agents that branches and the work on items name count as used by their step.
DROP TRIGGER workflows_live;
DROP VIEW named_agents;

-- Every agent that a step of a live version names, with the step's key.
CREATE VIEW named_agents AS
  SELECT w.team, w.id AS workflow, s.value->>'$.key' AS step, a.value AS agent
  FROM workflows w JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team,
    json_each(v.pinned, '$.definition.steps') s,
    json_each(json_array(s.value->>'$.agent', s.value->>'$.map.do.agent')) a
  WHERE w.deleted_at IS NULL AND a.value IS NOT NULL
  UNION ALL
  SELECT w.team, w.id AS workflow, s.value->>'$.key' AS step, b.value->>'$.agent' AS agent
  FROM workflows w JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team,
    json_each(v.pinned, '$.definition.steps') s,
    json_each(s.value, '$.parallel.branches') b
  WHERE w.deleted_at IS NULL AND b.value->>'$.agent' IS NOT NULL;

CREATE TRIGGER workflows_live AFTER UPDATE OF live, deleted_at ON workflows BEGIN
  DELETE FROM agent_uses WHERE workflow = NEW.id;
  INSERT INTO agent_uses (team, agent, workflow, steps)
    SELECT team, agent, workflow, json_group_array(DISTINCT step) FROM named_agents WHERE workflow = NEW.id
    GROUP BY team, agent, workflow;
END;
