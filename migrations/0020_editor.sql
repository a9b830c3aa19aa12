-- Who kept the draft last, with the digest of that draft: another digest means that it came by API since. Templates are workflows to start from.
ALTER TABLE workflows ADD COLUMN draft_by TEXT;
ALTER TABLE workflows ADD COLUMN draft_digest TEXT;
ALTER TABLE workflows ADD COLUMN template INTEGER NOT NULL DEFAULT 0;
