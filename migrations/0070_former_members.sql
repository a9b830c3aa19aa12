-- Who once belonged to a team: such an address is no guest by itself. `look_at`: when its open questions are looked at again
-- (ms since the epoch); NULL: none are left.
CREATE TABLE former_members (
  team TEXT NOT NULL,
  email TEXT NOT NULL,
  at INTEGER NOT NULL,
  guest INTEGER NOT NULL DEFAULT 0,
  look_at INTEGER,
  PRIMARY KEY (team, email)
) WITHOUT ROWID;
CREATE INDEX former_members_to_look_at ON former_members (look_at) WHERE look_at IS NOT NULL;
INSERT INTO former_members (team, email, at, look_at)
  SELECT team, lower(facts->>'$[0].email'), max(at), max(at) FROM audit
  WHERE types IN ('member_removed', 'member_left') AND facts->>'$[0].email' IS NOT NULL GROUP BY 1, 2;
