/** The tables of who there is and what they hold: accounts, teams, keys, secrets, and the mail that local mode keeps. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Accounts as better-auth keeps them; organization, member and invitation are ours alone: a team is an organization. */
export const organization = sqliteTable('organization', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  slug: text('slug').notNull(),
  logo: text('logo'),
  createdAt: text('createdAt').notNull(),
  metadata: text('metadata'),
})

export const user = sqliteTable('user', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull(),
  emailVerified: integer('emailVerified').notNull(),
  image: text('image'),
  createdAt: text('createdAt').notNull(),
  updatedAt: text('updatedAt').notNull(),
})

export const member = sqliteTable('member', {
  id: text('id').primaryKey(),
  organizationId: text('organizationId').notNull(),
  userId: text('userId').notNull(),
  role: text('role').notNull(),
  createdAt: text('createdAt').notNull(),
})

export const session = sqliteTable('session', {
  id: text('id').primaryKey(),
  token: text('token').notNull(),
  userId: text('userId').notNull(),
  expiresAt: text('expiresAt').notNull(),
  createdAt: text('createdAt').notNull(),
  updatedAt: text('updatedAt').notNull(),
  ipAddress: text('ipAddress'),
  userAgent: text('userAgent'),
  activeOrganizationId: text('activeOrganizationId'),
})

export const invitation = sqliteTable('invitation', {
  id: text('id').primaryKey(),
  organizationId: text('organizationId').notNull(),
  email: text('email').notNull(),
  role: text('role'),
  status: text('status').notNull(),
  expiresAt: text('expiresAt').notNull(),
  createdAt: text('createdAt').notNull(),
  inviterId: text('inviterId').notNull(),
})

export const keys = sqliteTable(
  'keys',
  {
    id: text('id').primaryKey(),
    team: text('team').notNull(),
    name: text('name').notNull(),
    /** SHA-256 of the whole key, hex. */
    hash: text('hash').notNull(),
    last4: text('last4').notNull(),
    /** Space-separated. */
    scopes: text('scopes').notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    expiresAt: integer('expires_at'),
    revokedAt: integer('revoked_at'),
    lastUsedAt: integer('last_used_at'),
  },
  table => [index('keys_by_team').on(table.team, table.createdAt)],
)

/** A team's secrets: sealed, and each for the hosts that it may go to alone. */
export const secrets = sqliteTable(
  'secrets',
  {
    team: text('team').notNull(),
    name: text('name').notNull(),
    /** A SealedSecret as JSON. */
    sealed: text('sealed').notNull(),
    /** Counts its values, so that an old one cannot be put back. */
    version: integer('version').notNull(),
    /** Names of hosts as a JSON list. */
    hosts: text('hosts').notNull(),
    note: text('note'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    updatedBy: text('updated_by').notNull(),
    lastUsedAt: integer('last_used_at'),
  },
  table => [primaryKey({ columns: [table.team, table.name] })],
)

/** An encrypted text. `version` is part of what it is sealed with, as are its team and what it belongs to. */
export interface SealedSecret {
  version: number
  iv: string
  data: string
  /** When it stops to count, in ms since the epoch; null: it is the current one. */
  until: number | null
  /** When the sender offered it, in ms since the epoch; absent: it was given or made. */
  offeredAt?: number
}

/** Mail that local mode keeps instead of sending. */
export const outbox = sqliteTable('outbox', {
  id: integer('id').primaryKey(),
  recipient: text('recipient').notNull(),
  subject: text('subject').notNull(),
  text: text('text').notNull(),
  at: integer('at').notNull(),
  /** Where answers to it go, if not to the sender. */
  replyTo: text('reply_to'),
})
