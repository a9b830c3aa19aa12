-- A task's business key, by which events from outside find it; NULL: it has none.
ALTER TABLE tasks ADD COLUMN key TEXT;
CREATE INDEX tasks_by_key ON tasks (team, key, over) WHERE key IS NOT NULL;
