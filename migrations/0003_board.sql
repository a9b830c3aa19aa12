-- "Recently completed" of a board: entered once a task, when it is over; open tasks are not in it.
CREATE INDEX tasks_finished ON tasks (team, workflow, finished_at) WHERE over = 1;
