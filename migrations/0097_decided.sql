-- What people decided, newest first, without walking through all that is on record; only a decision writes here.
CREATE INDEX audit_of_decisions ON audit (team, at, task, seq) WHERE instr(' ' || types || ' ', ' decided ') > 0;
