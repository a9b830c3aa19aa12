-- Rows whose time lies in another hour than the one in which D1 took them, clocks that go wrong included.
DROP INDEX audit_late;
CREATE INDEX audit_late ON audit (team, arrived) WHERE arrived <> at / 3600000;

-- Roots: what of a team's audit was there when a day was over, signed. Each covers the one before, by `body`, whose SHA-256 is `digest`.
CREATE TABLE audit_roots (
  team TEXT NOT NULL, n INTEGER NOT NULL, at INTEGER NOT NULL,
  -- The rows that came from this hour on, and before that; where they are too many for one root, up to this task. '': all.
  from_hour INTEGER NOT NULL, to_hour INTEGER NOT NULL, upto TEXT NOT NULL,
  -- The last act of the team that is covered, and the link of the acts up to it.
  act INTEGER NOT NULL, act_link TEXT NOT NULL,
  entries INTEGER NOT NULL, digest TEXT NOT NULL, kid TEXT NOT NULL, signature TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (team, n)
) WITHOUT ROWID;

-- The public halves of the keys that signed roots. A key that is signed with no more is vouched for by the one after it.
CREATE TABLE audit_keys (
  kid TEXT PRIMARY KEY, public TEXT NOT NULL, since INTEGER NOT NULL, retired INTEGER, endorsed_by TEXT, endorsement TEXT
) WITHOUT ROWID;
