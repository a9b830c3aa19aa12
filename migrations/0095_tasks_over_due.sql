-- A task that is over may still have to tell another one so: the one that started it, or those that it started. Should its alarm
-- be lost, the hourly pass finds it here.
CREATE INDEX tasks_over_due ON tasks (due_at) WHERE over = 1 AND due_at IS NOT NULL;
