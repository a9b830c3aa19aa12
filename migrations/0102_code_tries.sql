-- How often a wrong code was typed at the link of a high-risk question.
CREATE TABLE code_tries (
  team TEXT NOT NULL, jti TEXT NOT NULL, tries INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (team, jti)
) WITHOUT ROWID;
CREATE INDEX code_tries_by_age ON code_tries (at);
