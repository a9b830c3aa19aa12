-- Local mode's outbox shows where answers to a mail would go.
ALTER TABLE outbox ADD COLUMN reply_to TEXT;
