-- Which workflows are reviewed by mail, and when next. `since`: up to when the last review went, from where the next one goes on.
CREATE TABLE review_mails (
  team TEXT NOT NULL, workflow TEXT NOT NULL, how TEXT NOT NULL, since INTEGER NOT NULL, next_at INTEGER NOT NULL,
  PRIMARY KEY (team, workflow)
) WITHOUT ROWID;
CREATE INDEX review_mails_due ON review_mails (next_at);
