/**
 * D1's tables as drizzle sees them, and the source of their rows' types. Drizzle writes the queries whose conditions are put
 * together from parts; a query whose plan or speed matters is a constant text. The tables are made by migrations/, and the
 * Board DO alone writes `tasks` and `audit`.
 */

import type { Table } from 'drizzle-orm'
import { index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { WorkflowStatus } from '../domain/workflow/live.ts'

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

export const workflows = sqliteTable(
  'workflows',
  {
    id: text('id').primaryKey(),
    team: text('team').notNull(),
    name: text('name').notNull(),
    description: text('description'),
    owner: text('owner'),
    tags: text('tags', { mode: 'json' }).$type<string[]>().notNull(),
    status: text('status').$type<WorkflowStatus>().notNull(),
    /** The version that new tasks pin; null: nothing is published. */
    live: integer('live'),
    draft: text('draft'),
    draftFormat: text('draft_format').$type<DocumentFormat>(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  table => [index('workflows_by_team').on(table.team, table.createdAt)],
)

export type DocumentFormat = 'json' | 'yaml'

/** Immutable. */
export const workflowVersions = sqliteTable(
  'workflow_versions',
  {
    workflow: text('workflow').notNull(),
    version: integer('version').notNull(),
    team: text('team').notNull(),
    /** What a task pins, as JSON text. */
    pinned: text('pinned').notNull(),
    digest: text('digest').notNull(),
    /** What its author wrote. */
    text: text('text').notNull(),
    format: text('format').$type<DocumentFormat>().notNull(),
    note: text('note'),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  table => [primaryKey({ columns: [table.workflow, table.version] })],
)

export const agents = sqliteTable(
  'agents',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    name: text('name').notNull(),
    version: integer('version').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  table => [primaryKey({ columns: [table.team, table.key] })],
)

/** Immutable. */
export const agentVersions = sqliteTable(
  'agent_versions',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    version: integer('version').notNull(),
    agent: text('agent').notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.key, table.version] })],
)

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

/** src/intake/kinds reads the settings of those that are no webhooks. */
export type IntakeKindName = 'webhook' | 'schedule' | 'email' | 'form'

/** How a webhook intake tells who sends. */
export type IntakeAuth =
  | { type: 'key' | 'open' | 'standard-webhooks' | 'github' | 'stripe' | 'slack' }
  | ({ type: 'hmac' } & HmacSettings)

export interface HmacSettings {
  /** The known service that these settings are of. */
  preset?: string
  /** The header with the signature, or several of them. */
  header: string
  /** `token`: the header holds the secret itself. */
  algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'token'
  /** `text` is for tokens. */
  encoding: 'hex' | 'base64' | 'text'
  /** What stands before the signature in its header, such as `sha256=`. */
  prefix?: string
  /** The signature's name where the header holds `name=value` parts. */
  field?: string
  /** A header with the time, in seconds, milliseconds or as ISO; 300 s old is too old. */
  timestampHeader?: string
  /** The time's name among the parts of the header with the signature. */
  timestampField?: string
  /** A header with the message's id. */
  idHeader?: string
  /** What is signed, unless it is `{body}`, or `{timestamp}.{body}` where there is a time. */
  signed?: string
  /** How the secret stands for the key; unless set, as its text. */
  key?: 'text' | 'base64' | 'hex'
  /** A header in which the sender offers the secret, once, before it sends. */
  secretHeader?: string
}

export interface IntakeConfig {
  auth: IntakeAuth
  /** CEL over the delivery. */
  filter?: string
  /** Liquid over the delivery, by field of the input. */
  map?: Record<string, string>
  dedupe?: { header: string } | { path: string }
  limit?: { count: number; seconds: number }
  /** Origins whose pages may send, or `*`. */
  cors?: string[]
  /** Hosts that a sender may name to be told of its task. */
  callbacks?: string[]
  /** Newest first; an earlier one holds until its end. */
  secrets?: SealedSecret[]
}

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

export type Verdict = 'accepted' | 'duplicate' | 'skipped' | 'refused' | 'held'

export const tasks = sqliteTable('tasks', {
  id: text('id').primaryKey(),
  team: text('team').notNull(),
  workflow: text('workflow').notNull(),
  version: integer('version').notNull(),
  title: text('title').notNull(),
  status: text('status').notNull(),
  step: text('step'),
  visit: integer('visit').notNull(),
  over: integer('over').$type<0 | 1>().notNull(),
  seq: integer('seq').notNull(),
  dueAt: integer('due_at'),
  cost: real('cost'),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
  finishedAt: integer('finished_at'),
  card: text('card').notNull(),
  /** What the audit tells of it, kept by a trigger: 1 a model was unsure, 2 people decided, 4 somebody edited. */
  told: integer('told').notNull(),
})

export const audit = sqliteTable(
  'audit',
  {
    team: text('team').notNull(),
    at: integer('at').notNull(),
    task: text('task').notNull(),
    seq: integer('seq').notNull(),
    workflow: text('workflow').notNull(),
    types: text('types').notNull(),
    actor: text('actor').notNull(),
    step: text('step'),
    facts: text('facts').notNull(),
    digest: text('digest').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.at, table.task, table.seq] })],
)

/** A table's row under the names that its columns have in D1. */
export type Columns<T extends Table> = {
  [C in T['_']['columns'][keyof T['_']['columns']] as C['_']['name']]: C['_']['notNull'] extends true
    ? C['_']['data']
    : C['_']['data'] | null
}

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

/** `failed`: it was given up after a day. */
export const CALLBACK_STATES = ['pending', 'delivered', 'failed'] as const
export type CallbackState = (typeof CALLBACK_STATES)[number]

/** What services are told of tasks. */
export const callbacks = sqliteTable('callbacks', {
  /** Its `webhook-id`. */
  id: text('id').primaryKey(),
  team: text('team').notNull(),
  workflow: text('workflow').notNull(),
  task: text('task').notNull(),
  type: text('type').notNull(),
  url: text('url').notNull(),
  status: text('status').$type<CallbackState>().notNull(),
  attempts: integer('attempts').notNull(),
  /** When it is tried next; null: it is not any more. */
  nextAt: integer('next_at'),
  lastStatus: integer('last_status'),
  lastError: text('last_error'),
  createdAt: integer('created_at').notNull(),
  deliveredAt: integer('delivered_at'),
  /** When it was sent again by hand; its day counts from then. */
  resentAt: integer('resent_at'),
})
