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
