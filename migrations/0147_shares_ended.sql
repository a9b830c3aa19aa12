-- Links that ended are found, to be forgotten, without a walk through those that lead somewhere.
CREATE INDEX shares_by_end ON shares (expires_at);
