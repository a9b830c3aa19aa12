/** Rows of what was deleted, as D1 has them. */
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** A task that was deleted. */
export const goneTasks = sqliteTable(
  'gone_tasks',
  {
    team: text('team').notNull(),
    task: text('task').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    at: integer('at').notNull(),
    /** When what lies outside of D1 is to be emptied; null: it is. */
    emptyAt: integer('empty_at'),
  },
  table => [primaryKey({ columns: [table.team, table.task] })],
)

/** How long a team keeps what is over. */
export const retention = sqliteTable('retention', {
  team: text('team').primaryKey(),
  auditDays: integer('audit_days').notNull(),
  /** null: tasks that are over are kept. */
  taskDays: integer('task_days'),
  /** 1: it may go without an archive, where there is no bucket for one. */
  unarchived: integer('unarchived').$type<0 | 1>().notNull(),
  updatedAt: integer('updated_at').notNull(),
  updatedBy: text('updated_by').notNull(),
})

/** A file in the bucket that holds what was deleted, or is about to be. */
export const archives = sqliteTable(
  'archives',
  {
    team: text('team').notNull(),
    id: text('id').notNull(),
    kind: text('kind').$type<'audit' | 'tasks'>().notNull(),
    /** `making`: it may be there in part; `kept`: it is whole; `done`: what it holds was deleted. */
    status: text('status').$type<'making' | 'kept' | 'done'>().notNull(),
    object: text('object').notNull(),
    fromAt: integer('from_at'),
    toAt: integer('to_at'),
    rows: integer('rows'),
    bytes: integer('bytes'),
    sha256: text('sha256'),
    /** Of the audit the place of its last row; of tasks their ids and how far each log went; as JSON. */
    holds: text('holds'),
    createdAt: integer('created_at').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.id] })],
)

/** The last row of a chain of the audit whose beginning was deleted. */
export const auditHeads = sqliteTable(
  'audit_heads',
  {
    team: text('team').notNull(),
    task: text('task').notNull(),
    seq: integer('seq').notNull(),
    digest: text('digest').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.task] })],
)

/** A team that is to be deleted, or was: its id stays taken. */
export const teamEnds = sqliteTable('team_ends', {
  team: text('team').primaryKey(),
  askedAt: integer('asked_at').notNull(),
  askedBy: text('asked_by').notNull(),
  endsAt: integer('ends_at').notNull(),
  /** When all of it was gone. */
  goneAt: integer('gone_at'),
})
