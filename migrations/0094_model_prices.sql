-- What models cost a team where it says so itself, in USD per million tokens; other models cost what the list says.
CREATE TABLE model_prices (
  team TEXT NOT NULL, model TEXT NOT NULL, input REAL NOT NULL, output REAL NOT NULL,
  -- Input that the provider had at hand; NULL: as much as other input.
  cached REAL,
  updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL,
  PRIMARY KEY (team, model)
) WITHOUT ROWID;
