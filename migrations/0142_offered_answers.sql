-- Answers of models that people approved unchanged and somebody offered as knowledge: they count once an owner or admin took them.
CREATE TABLE offered_answers (
  team TEXT NOT NULL, task TEXT NOT NULL, visit INTEGER NOT NULL, run INTEGER NOT NULL,
  -- The text that it is to become a part of, by its key.
  key TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL, offered_by TEXT NOT NULL,
  -- 'offered', 'taken' or 'turned_down'
  status TEXT NOT NULL, settled_at INTEGER,
  PRIMARY KEY (team, task, visit, run)
) WITHOUT ROWID;
CREATE INDEX offered_answers_open ON offered_answers (team, at) WHERE status = 'offered';
