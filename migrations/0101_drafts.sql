-- What a person has begun to fill in at a question, before they decide: theirs alone, and gone with the decision.
CREATE TABLE drafts (
  team TEXT NOT NULL, task TEXT NOT NULL, visit INTEGER NOT NULL, run INTEGER NOT NULL, person TEXT NOT NULL,
  form TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (team, task, visit, run, person)
) WITHOUT ROWID;
CREATE INDEX drafts_by_age ON drafts (at);
