-- Each task's audit rows are a chain: `digest` covers the row before. `log_digest` is the SHA-256 of the row in the task's own log;
-- NULL: the row is from before the chain, or an act of the team. `arrived`: the hour, since the epoch, in which D1 took it.
ALTER TABLE audit ADD COLUMN log_digest TEXT;
ALTER TABLE audit ADD COLUMN arrived INTEGER;
-- Rows that came in a later hour than they tell of: few, and all others are found by their time.
CREATE INDEX audit_late ON audit (team, arrived) WHERE arrived > at / 3600000;
-- What was done to the team itself, in the order that D1 took it.
CREATE INDEX audit_of_acts ON audit (team, seq) WHERE task = team;
