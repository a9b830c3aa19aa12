-- A workflow's callbacks are listed, all or by how they stand; what is sent again by hand has another day.
ALTER TABLE callbacks ADD COLUMN resent_at INTEGER;
CREATE INDEX callbacks_by_workflow ON callbacks (team, workflow, created_at, id);
CREATE INDEX callbacks_by_status ON callbacks (team, workflow, status, created_at, id) WHERE status <> 'delivered';
-- Its secret is shown once, to whoever asks first, and can be rolled: the one before signs beside it for a while.
ALTER TABLE callback_secrets ADD COLUMN shown_at INTEGER;
ALTER TABLE callback_secrets ADD COLUMN previous TEXT;
-- Of those that are there it is not known whether they were shown.
UPDATE callback_secrets SET shown_at = created_at;
