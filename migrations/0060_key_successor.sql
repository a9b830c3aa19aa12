-- A key is rolled once: who rolls it again, or at the same moment, learns that it has a successor.
ALTER TABLE keys ADD COLUMN successor TEXT;
