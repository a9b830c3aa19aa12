-- The Idempotency-Key that the task of a signed body was made with, as whoever repeats it must name the same; NULL: none.
ALTER TABLE signed_bodies ADD COLUMN idempotency TEXT;
