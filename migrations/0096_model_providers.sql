-- Providers of models that a team names besides the environment's own: where each is, and the secret that it is asked with.
CREATE TABLE model_providers (
  team TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, base_url TEXT NOT NULL, secret TEXT,
  -- Names of models that are offered, as a JSON list.
  models TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL,
  PRIMARY KEY (team, key)
) WITHOUT ROWID;
