-- What a team is warned of. Its thresholds are in code until it sets others: for all its workflows (`workflow` is ''), or for one.
CREATE TABLE alert_settings (
  team TEXT NOT NULL, workflow TEXT NOT NULL,
  -- { error_rate: { on, above, below, samples, minutes, least }, … } as JSON; what is left out is as above it.
  rules TEXT NOT NULL,
  updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL,
  PRIMARY KEY (team, workflow)
) WITHOUT ROWID;

-- How each alert stands that is not at rest, or was not lately. `id` is its rule, a dot, and what it is about.
CREATE TABLE alerts (
  team TEXT NOT NULL, id TEXT NOT NULL, rule TEXT NOT NULL,
  -- '': it is of no one workflow.
  workflow TEXT NOT NULL,
  firing INTEGER NOT NULL,
  -- Since when it fires, or is quiet; and since when its figure has been beyond the other bound, NULL: it is not.
  since INTEGER NOT NULL, crossing INTEGER,
  -- How often it has fired, and up to which of these it was told that it fires, and that it is over.
  episode INTEGER NOT NULL, told_fired INTEGER NOT NULL, told_resolved INTEGER NOT NULL,
  value REAL NOT NULL, samples INTEGER NOT NULL,
  -- What its words need: names, numbers, times (JSON).
  facts TEXT NOT NULL,
  looked_at INTEGER NOT NULL,
  -- Nothing is told of it until then.
  muted_until INTEGER, muted_by TEXT,
  PRIMARY KEY (team, id)
) WITHOUT ROWID;

-- When each team is looked at next; `cursor` is the workflow after which a look goes on that was too long for one.
CREATE TABLE alert_checks (
  team TEXT PRIMARY KEY, next_at INTEGER NOT NULL, cursor TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX alert_checks_due ON alert_checks (next_at);
INSERT INTO alert_checks (team, next_at) SELECT id, 0 FROM organization;
CREATE TRIGGER alert_checks_begin AFTER INSERT ON organization BEGIN
  INSERT INTO alert_checks (team, next_at) VALUES (NEW.id, 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER alert_checks_end AFTER DELETE ON organization BEGIN
  DELETE FROM alert_checks WHERE team = OLD.id;
END;

-- How often an intake is called, as far as it was counted: its last call, and the longest pauses between calls in the two
-- weeks before. `hours` are those in which it was called at all.
CREATE TABLE intake_pulses (
  intake TEXT PRIMARY KEY, team TEXT NOT NULL, last_at INTEGER NOT NULL, pause INTEGER NOT NULL, hours INTEGER NOT NULL,
  counted_at INTEGER NOT NULL
) WITHOUT ROWID;

-- How calls of providers ended, by five minutes, for two days. Those that were answered are counted about; those that were
-- not, each.
CREATE TABLE provider_outcomes (
  team TEXT NOT NULL, provider TEXT NOT NULL, slot INTEGER NOT NULL,
  answered INTEGER NOT NULL, failed INTEGER NOT NULL, last_at INTEGER NOT NULL, code TEXT,
  PRIMARY KEY (team, provider, slot)
) WITHOUT ROWID;

-- Channels that are told of trouble are told of alerts.
UPDATE channels SET tells = tells || ' alert' WHERE instr(' ' || tells || ' ', ' stuck ') > 0 OR instr(' ' || tells || ' ', ' budget ') > 0;
