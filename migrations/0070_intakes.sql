-- Bodies of deliveries that were refused or passed over and do not fit into their row: as they came, so that they can be sent again.
CREATE TABLE delivery_bodies (delivery TEXT PRIMARY KEY, team TEXT NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL);

-- Which task the same signed body made shortly before, where a sender signs no id.
CREATE TABLE signed_bodies (
  intake TEXT NOT NULL, digest TEXT NOT NULL, task TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (intake, digest)
) WITHOUT ROWID;
CREATE INDEX signed_bodies_by_time ON signed_bodies (at);

-- When somebody began to start it, so that nobody discards it meanwhile; and when it last did not fit, so that others go first.
ALTER TABLE held ADD COLUMN claimed_at INTEGER;
ALTER TABLE held ADD COLUMN refused_at INTEGER;
