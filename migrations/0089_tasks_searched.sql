-- Tasks are found by words of their input, too; those that are there by their titles alone.
ALTER TABLE tasks ADD COLUMN searched TEXT NOT NULL DEFAULT '';
