-- Who stands in for a member, and until when that member is away (ms since the epoch). `look_at`: when what waits for them is
-- looked at again; NULL: nothing is left to hand over.
CREATE TABLE absences (
  team TEXT NOT NULL,
  email TEXT NOT NULL,
  backup TEXT,
  away_until INTEGER,
  since INTEGER NOT NULL,
  look_at INTEGER,
  PRIMARY KEY (team, email)
) WITHOUT ROWID;
CREATE INDEX absences_to_look_at ON absences (look_at) WHERE look_at IS NOT NULL;
