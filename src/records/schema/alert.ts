/** The tables of what a team is warned of: its thresholds, how each alert stands, and what they are derived from. */
import { integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const alerts = sqliteTable(
  'alerts',
  {
    team: text('team').notNull(),
    /** Its rule, a dot, and what it is about. */
    id: text('id').notNull(),
    rule: text('rule').notNull(),
    /** '': it is of no one workflow. */
    workflow: text('workflow').notNull(),
    firing: integer('firing').$type<0 | 1>().notNull(),
    since: integer('since').notNull(),
    crossing: integer('crossing'),
    episode: integer('episode').notNull(),
    toldFired: integer('told_fired').notNull(),
    toldResolved: integer('told_resolved').notNull(),
    value: real('value').notNull(),
    samples: integer('samples').notNull(),
    /** What its words need, as JSON. */
    facts: text('facts').notNull(),
    lookedAt: integer('looked_at').notNull(),
    mutedUntil: integer('muted_until'),
    mutedBy: text('muted_by'),
  },
  table => [primaryKey({ columns: [table.team, table.id] })],
)

export const alertSettings = sqliteTable(
  'alert_settings',
  {
    team: text('team').notNull(),
    /** '': all of them. */
    workflow: text('workflow').notNull(),
    rules: text('rules').notNull(),
    updatedAt: integer('updated_at').notNull(),
    updatedBy: text('updated_by').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.workflow] })],
)

/** When each team is looked at next. */
export const alertChecks = sqliteTable('alert_checks', {
  team: text('team').primaryKey(),
  nextAt: integer('next_at').notNull(),
  /** The workflow after which a look goes on that was too long for one. */
  cursor: text('cursor').notNull(),
})

/** How often an intake is called. */
export const intakePulses = sqliteTable('intake_pulses', {
  intake: text('intake').primaryKey(),
  team: text('team').notNull(),
  lastAt: integer('last_at').notNull(),
  /** The longest usual pause between calls, in ms. */
  pause: integer('pause').notNull(),
  /** Those in which it was called at all. */
  hours: integer('hours').notNull(),
  countedAt: integer('counted_at').notNull(),
})

/** How calls of providers ended, by five minutes. */
export const providerOutcomes = sqliteTable(
  'provider_outcomes',
  {
    team: text('team').notNull(),
    provider: text('provider').notNull(),
    slot: integer('slot').notNull(),
    answered: integer('answered').notNull(),
    failed: integer('failed').notNull(),
    lastAt: integer('last_at').notNull(),
    /** What the last one that failed came to. */
    code: text('code'),
  },
  table => [primaryKey({ columns: [table.team, table.provider, table.slot] })],
)
