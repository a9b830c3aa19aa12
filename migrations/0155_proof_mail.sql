-- Where a team has its roots mailed, and up to which they were.
CREATE TABLE proof_mail (
  team TEXT NOT NULL PRIMARY KEY, mail_to TEXT NOT NULL, mailed INTEGER NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL
) WITHOUT ROWID;
