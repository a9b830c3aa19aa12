-- Which agents a live version names is written with the publish that makes it live: only the kinds of handlers know where a step names them.
DROP TRIGGER workflows_live;
DROP VIEW named_agents;

CREATE TRIGGER workflows_gone AFTER UPDATE OF deleted_at ON workflows WHEN NEW.deleted_at IS NOT NULL BEGIN
  DELETE FROM agent_uses WHERE workflow = NEW.id;
END;
