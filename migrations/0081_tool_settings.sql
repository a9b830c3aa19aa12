-- What a team sets of the tools that every team has: when people are asked, what undoing costs, who a mail may go to.
CREATE TABLE tool_settings (
  team TEXT NOT NULL, key TEXT NOT NULL, settings TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL,
  PRIMARY KEY (team, key)
) WITHOUT ROWID;
