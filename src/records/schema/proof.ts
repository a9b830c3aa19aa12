/** The tables of what is proven: signed roots of the audit, and the keys that they are signed with. */
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const auditRoots = sqliteTable(
  'audit_roots',
  {
    team: text('team').notNull(),
    /** Counts from 1. */
    n: integer('n').notNull(),
    at: integer('at').notNull(),
    /** Hours since the epoch: it is of the rows that D1 took from this one on … */
    fromHour: integer('from_hour').notNull(),
    /** … until before this one. */
    toHour: integer('to_hour').notNull(),
    /** The last task that it is of, where the rows of these hours are too many for one root; '': it is of all. */
    upto: text('upto').notNull(),
    /** The last act of the team that is covered; 0: none is yet. */
    act: integer('act').notNull(),
    actLink: text('act_link').notNull(),
    /** How many rows it covers for the first time. */
    entries: integer('entries').notNull(),
    digest: text('digest').notNull(),
    kid: text('kid').notNull(),
    signature: text('signature').notNull(),
    body: text('body').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.n] })],
)

export const auditKeys = sqliteTable('audit_keys', {
  kid: text('kid').primaryKey(),
  /** The raw 32 bytes, as base64url. */
  public: text('public').notNull(),
  since: integer('since').notNull(),
  /** From when on nothing is signed with it; null: it is in use. */
  retired: integer('retired'),
  endorsedBy: text('endorsed_by'),
  endorsement: text('endorsement'),
})

/** Where a team has its roots mailed. */
export const proofMail = sqliteTable('proof_mail', {
  team: text('team').primaryKey(),
  mailTo: text('mail_to').notNull(),
  /** The last root that was mailed. */
  mailed: integer('mailed').notNull(),
  updatedAt: integer('updated_at').notNull(),
  updatedBy: text('updated_by').notNull(),
})
