-- By what words a task is found: its title, key and input from its beginning (`over` 0), and with its outputs once it is over
-- (`over` 1). A row is written once and never changed, as changing one costs fifty times as much; of a task that is over the
-- first row counts no more. `ids`: the task, its team and its workflow as words, so that a search reads one team's rows.
CREATE VIRTUAL TABLE task_words USING fts5(
  words, ids, task UNINDEXED, over UNINDEXED,
  detail = none, columnsize = 0, tokenize = "unicode61 remove_diacritics 2 tokenchars '_'"
);
-- What is deleted is gone from the index at once, not only from what it answers.
INSERT INTO task_words (task_words, rank) VALUES ('secure-delete', 1);

INSERT INTO task_words (words, ids, task, over)
SELECT title || ' ' || searched, id || CASE over WHEN 1 THEN ' over_' ELSE ' begun_' END || id || ' ' || team || ' ' || workflow, id, over
FROM tasks ORDER BY created_at;
-- Stays, as a column that an older Worker still writes, and is empty.
UPDATE tasks SET searched = '' WHERE searched <> '';

CREATE TRIGGER tasks_words_gone AFTER DELETE ON tasks BEGIN
  DELETE FROM task_words WHERE rowid IN (SELECT rowid FROM task_words WHERE task_words MATCH '"' || OLD.id || '"' AND task = OLD.id);
END;
