/** The tables of what people are told: channels, messages, and who was told of which question. */
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { SealedSecret } from './people.ts'

/** Where else than by mail a team or one of its people is told. */
export const channels = sqliteTable(
  'channels',
  {
    team: text('team').notNull(),
    id: text('id').notNull(),
    /** Whose own it is, in lower case; null: the team's. */
    person: text('person'),
    kind: text('kind').$type<'slack' | 'webhook'>().notNull(),
    host: text('host').notNull(),
    /** The kinds of messages that it gets, with spaces between. */
    tells: text('tells').notNull(),
    /** Its address and what it is signed with, as JSON. */
    sealed: text('sealed', { mode: 'json' }).$type<SealedSecret>().notNull(),
    version: integer('version').notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    /** Since when it has taken nothing; null: it takes what it is sent. */
    failingSince: integer('failing_since'),
    lastError: text('last_error'),
  },
  table => [primaryKey({ columns: [table.team, table.id] })],
)

/** Who was told of which question. */
export const notices = sqliteTable(
  'notices',
  {
    task: text('task').notNull(),
    visit: integer('visit').notNull(),
    run: integer('run').notNull(),
    digest: text('digest').notNull(),
    recipient: text('recipient').notNull(),
    at: integer('at').notNull(),
  },
  table => [primaryKey({ columns: [table.task, table.visit, table.run, table.digest, table.recipient] })],
)

/** What is told, and what became of it. */
export const messages = sqliteTable('messages', {
  /** Derives from what it is about, where it goes and to whom. */
  id: text('id').primaryKey(),
  team: text('team').notNull(),
  /** null: by mail. */
  channel: text('channel'),
  /** null: the team. */
  recipient: text('recipient'),
  kind: text('kind').notNull(),
  subject: text('subject').notNull(),
  text: text('text').notNull(),
  /** Where its link leads, in Baton. */
  path: text('path').notNull(),
  /** The question that it is about; null: it is about none. */
  about: text('about', { mode: 'json' }).$type<
    Pick<typeof notices.$inferSelect, 'task' | 'visit' | 'run' | 'digest'>
  >(),
  /** `dropped`: there was nothing to tell any more, or nobody. `failed`: given up after a day. */
  status: text('status').$type<'pending' | 'sent' | 'failed' | 'dropped'>().notNull(),
  attempts: integer('attempts').notNull(),
  nextAt: integer('next_at'),
  lastError: text('last_error'),
  createdAt: integer('created_at').notNull(),
  /** When it was first tried, or sent again by hand: its day counts from then. */
  triedSince: integer('tried_since').notNull(),
  sentAt: integer('sent_at'),
})
