-- Answers of steps with `cache`, by the digest of what was asked: taken again within that time, then swept.
CREATE TABLE recorded_answers (
  team TEXT NOT NULL, digest TEXT NOT NULL, answer TEXT NOT NULL,
  -- The task that it was given to, and when.
  task TEXT NOT NULL, at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  PRIMARY KEY (team, digest)
);
CREATE INDEX recorded_answers_by_age ON recorded_answers (team, at);
CREATE INDEX recorded_answers_by_end ON recorded_answers (expires_at);
