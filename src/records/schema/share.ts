/** The table of links that show a task to people without an account. */
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const shares = sqliteTable(
  'shares',
  {
    team: text('team').notNull(),
    task: text('task').notNull(),
    id: text('id').notNull(),
    /** Of a status it is `summary`, and says nothing. */
    detail: text('detail').$type<'summary' | 'full'>().notNull(),
    /** Whether it shows what came in. */
    inputs: integer('inputs').$type<0 | 1>().notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    expiresAt: integer('expires_at').notNull(),
    /** null: it was not. */
    revokedAt: integer('revoked_at'),
    /** What a status shows besides how the task stands, with spaces between; null: the link shows a document. */
    shows: text('shows'),
  },
  table => [primaryKey({ columns: [table.team, table.task, table.id] })],
)
