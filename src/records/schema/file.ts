/** The tables of files: what lies in object storage, and which task's file it is. */
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { FileSource } from '../../domain/file/file.ts'

export const fileObjects = sqliteTable(
  'file_objects',
  {
    key: text('key').primaryKey(),
    team: text('team').notNull(),
    /** null: it is being uploaded, or is about to be deleted. */
    sha256: text('sha256'),
    bytes: integer('bytes'),
    at: integer('at').notNull(),
    /** From when on the sweep may take it, should no file refer to it; null: files do. */
    freeAt: integer('free_at'),
    /** 1: the sweep has begun to take it. */
    doomed: integer('doomed').notNull(),
    /** null: nobody has looked; `reading`; `read`: it lies beside the object; else why there is none. */
    text: text('text'),
    /** Until when its reader has it. */
    textUntil: integer('text_until'),
    textTries: integer('text_tries').notNull(),
  },
  table => [uniqueIndex('file_objects_by_digest').on(table.team, table.sha256)],
)

export const files = sqliteTable(
  'files',
  {
    team: text('team').notNull(),
    id: text('id').notNull(),
    task: text('task').notNull(),
    /** The key of its content. */
    object: text('object').notNull(),
    name: text('name').notNull(),
    type: text('type').notNull(),
    declared: text('declared'),
    bytes: integer('bytes').notNull(),
    sha256: text('sha256').notNull(),
    source: text('source').$type<FileSource>().notNull(),
    at: integer('at').notNull(),
    /** Who brought it, as JSON. */
    actor: text('actor').notNull(),
    /** Until when its task may take it; null: it has. */
    until: integer('until'),
  },
  table => [primaryKey({ columns: [table.team, table.id] }), index('files_by_task').on(table.team, table.task)],
)
