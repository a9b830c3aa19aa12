-- When a team works, by the clock of its settings, and when it has people reminded where a human step says nothing of it.
CREATE TABLE working_hours (
  team TEXT NOT NULL PRIMARY KEY,
  -- { hours: { mon: '09:00-17:00', … }, holidays: ['2026-12-25', …] } as JSON; NULL: it has set none.
  hours TEXT,
  -- { before: ['1d'], every: '1d' } as JSON; NULL: nobody is reminded.
  remind TEXT,
  updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL
) WITHOUT ROWID;
