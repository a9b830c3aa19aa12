-- Who was told of which question: a notice is sent once for each content and recipient. `digest` may name the ten minutes in which a new link was asked for.
CREATE TABLE notices (
  task TEXT NOT NULL, visit INTEGER NOT NULL, run INTEGER NOT NULL, digest TEXT NOT NULL, recipient TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (task, visit, run, digest, recipient)
) WITHOUT ROWID;
