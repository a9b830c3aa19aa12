/** The tables of what comes in: intakes, what came to them, and what waits until its workflow goes on. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { IntakeConfig, IntakeKindName } from './intake-config.ts'

export const intakes = sqliteTable(
  'intakes',
  {
    id: text('id').primaryKey(),
    team: text('team').notNull(),
    workflow: text('workflow').notNull(),
    kind: text('kind').$type<IntakeKindName>().notNull(),
    name: text('name').notNull(),
    config: text('config', { mode: 'json' }).$type<IntakeConfig>().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  table => [index('intakes_by_workflow').on(table.team, table.workflow, table.createdAt)],
)

export const held = sqliteTable(
  'held',
  {
    id: text('id').primaryKey(),
    team: text('team').notNull(),
    workflow: text('workflow').notNull(),
    intake: text('intake').notNull(),
    actor: text('actor').notNull(),
    idempotency: text('idempotency'),
    hash: text('hash').notNull(),
    input: text('input').notNull(),
    at: integer('at').notNull(),
    /** What the task's first event will say of the delivery, as JSON. */
    source: text('source'),
    /** When somebody began to start it: until it is started or does not fit, nobody discards it. */
    claimedAt: integer('claimed_at'),
    /** When it last did not fit: others go first. */
    refusedAt: integer('refused_at'),
  },
  table => [index('held_by_workflow').on(table.team, table.workflow, table.at)],
)

/** What came to an intake. Rows of accepted ones are written by the Board DO, of others by the Worker. */
export const deliveries = sqliteTable('deliveries', {
  /** `dlv_`, the intake's 20 characters, the time as 11 hex digits, 8 random characters: so an intake's rows lie together, in order. */
  id: text('id').primaryKey(),
  team: text('team').notNull(),
  verdict: text('verdict').$type<Verdict>().notNull(),
  status: integer('status').notNull(),
  reason: text('reason'),
  /** The task that it made or will make, or that came of the same delivery before. */
  task: text('task'),
  at: integer('at').notNull(),
  /** How long it took until it was handed on or answered. */
  ms: integer('ms').notNull(),
  /** DeliveryRequest as JSON. */
  request: text('request').notNull(),
})

/** `unmatched`: an event that no open task had the key for. */
export type Verdict = 'accepted' | 'unmatched' | 'duplicate' | 'skipped' | 'refused' | 'held'
