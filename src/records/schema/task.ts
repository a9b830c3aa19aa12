/** The tables of tasks: the index, the audit, and what services are told. The Board DO alone writes `tasks` and `audit`. */
import { integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Dimension } from '../../domain/task/told/parts.ts'
import type { Correction, Review } from '../../domain/task/told/review.ts'
import type { SealedSecret } from './people.ts'

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
  /** Its business key; null: it has none. */
  key: text('key'),
  /** Its business key and the beginning of the input's words, in lower case. */
  searched: text('searched').notNull(),
  /** What the audit tells of it, kept by a trigger: 1 a model was unsure, 2 people decided, 4 somebody edited. */
  told: integer('told').notNull(),
  /** What it consisted of, as JSON (see StoredPart); null: it was last told of by a release that did not say. */
  parts: text('parts'),
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
    /** Covers the row before of its task. */
    digest: text('digest').notNull(),
    /** SHA-256 of the row in the task's own log; null: it is from before the chain, or an act of the team. */
    logDigest: text('log_digest'),
    /** The hour, since the epoch, in which D1 took it; null: before the chain. */
    arrived: integer('arrived'),
  },
  table => [primaryKey({ columns: [table.team, table.at, table.task, table.seq] })],
)

/** Which task of which workflow has which business key: written by the Task DO before it begins. */
export const taskKeys = sqliteTable(
  'task_keys',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    workflow: text('workflow').notNull(),
    task: text('task').notNull(),
    at: integer('at').notNull(),
    /** The first of its workflow that had the key; null: it was this one. */
    duplicateOf: text('duplicate_of'),
  },
  table => [primaryKey({ columns: [table.team, table.key, table.workflow, table.task] })],
)

/** Events from outside that were told to tasks by their key. */
export const outsideEvents = sqliteTable(
  'outside_events',
  {
    team: text('team').notNull(),
    id: text('id').notNull(),
    hash: text('hash').notNull(),
    at: integer('at').notNull(),
    tasks: integer('tasks').notNull(),
    leftToTell: text('left_to_tell'),
    nextAt: integer('next_at'),
  },
  table => [primaryKey({ columns: [table.team, table.id] })],
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

/** The secrets that workflows sign their callbacks with. */
export const callbackSecrets = sqliteTable(
  'callback_secrets',
  {
    team: text('team').notNull(),
    workflow: text('workflow').notNull(),
    sealed: text('sealed', { mode: 'json' }).$type<SealedSecret>().notNull(),
    version: integer('version').notNull(),
    createdAt: integer('created_at').notNull(),
    /** The one before, which still signs until its end; null: there is none. */
    previous: text('previous', { mode: 'json' }).$type<SealedSecret>(),
    /** When a person or key was shown it; null: nobody was yet. */
    shownAt: integer('shown_at'),
  },
  table => [primaryKey({ columns: [table.team, table.workflow] })],
)

/** What a team's tasks of a day add up to. */
export const figures = sqliteTable(
  'figures',
  {
    team: text('team').notNull(),
    /** '': all of the team. */
    workflow: text('workflow').notNull(),
    /** Counts from the epoch. */
    day: integer('day').notNull(),
    status: text('status').notNull(),
    /** The class of their durations, the longer the higher; -1: they have none. */
    took: integer('took').notNull(),
    tasks: integer('tasks').notNull(),
    cost: real('cost').notNull(),
    /** How many of them have a known cost. */
    priced: integer('priced').notNull(),
    /** All their durations together. */
    ms: integer('ms').notNull(),
    slowest: integer('slowest').notNull(),
    unsure: integer('unsure').notNull(),
    decided: integer('decided').notNull(),
    edited: integer('edited').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.workflow, table.day, table.status, table.took] })],
)

/** The same of what tasks consisted of. */
export const partFigures = sqliteTable(
  'part_figures',
  {
    team: text('team').notNull(),
    /** '': all of the team. */
    workflow: text('workflow').notNull(),
    day: integer('day').notNull(),
    dimension: text('dimension').$type<Dimension>().notNull(),
    name: text('name').notNull(),
    status: text('status').notNull(),
    tasks: integer('tasks').notNull(),
    cost: real('cost').notNull(),
    priced: integer('priced').notNull(),
    unsure: integer('unsure').notNull(),
    decided: integer('decided').notNull(),
    edited: integer('edited').notNull(),
  },
  table => [
    primaryKey({ columns: [table.team, table.workflow, table.day, table.dimension, table.name, table.status] }),
  ],
)

/** The same of the time at steps, in ms. */
export const stepTimes = sqliteTable(
  'step_times',
  {
    team: text('team').notNull(),
    workflow: text('workflow').notNull(),
    day: integer('day').notNull(),
    /** '': the whole task. */
    step: text('step').notNull(),
    /** All of it, what was waited or what was worked; where it went stands with all of it. */
    what: text('what').$type<'all' | 'waited' | 'worked'>().notNull(),
    /** The class of their durations, the longer the higher. */
    took: integer('took').notNull(),
    tasks: integer('tasks').notNull(),
    ms: integer('ms').notNull(),
    people: integer('people').notNull(),
    time: integer('time').notNull(),
    held: integer('held').notNull(),
    queue: integer('queue').notNull(),
    model: integer('model').notNull(),
    call: integer('call').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.workflow, table.day, table.step, table.what, table.took] })],
)

/** What became of a question about a model's draft: the latest that its task said of it. */
export const reviews = sqliteTable(
  'reviews',
  {
    team: text('team').notNull(),
    task: text('task').notNull(),
    visit: integer('visit').notNull(),
    run: integer('run').notNull(),
    /** The call that it is about; '': none. */
    call: text('call').notNull(),
    seq: integer('seq').notNull(),
    workflow: text('workflow').notNull(),
    at: integer('at').notNull(),
    kind: text('kind').$type<Review['kind']>().notNull(),
    /** The step at which people were asked. */
    atStep: text('at_step').notNull(),
    /** The step that drafted it. */
    step: text('step').notNull(),
    agent: text('agent'),
    agentVersion: integer('agent_version'),
    model: text('model'),
    person: text('person').notNull(),
    verdict: text('verdict').$type<Review['verdict']>().notNull(),
    edited: integer('edited').$type<0 | 1>().notNull(),
    /** What the draft and the question came from; null: it is of no step's own question. */
    basis: text('basis'),
  },
  table => [primaryKey({ columns: [table.team, table.task, table.visit, table.run, table.call] })],
)

/** The ledger of corrections: a field in which a model's draft and what a person made of it differ. */
export const corrections = sqliteTable(
  'corrections',
  {
    team: text('team').notNull(),
    at: integer('at').notNull(),
    task: text('task').notNull(),
    seq: integer('seq').notNull(),
    n: integer('n').notNull(),
    workflow: text('workflow').notNull(),
    atStep: text('at_step').notNull(),
    step: text('step').notNull(),
    agent: text('agent'),
    agentVersion: integer('agent_version'),
    model: text('model'),
    person: text('person').notNull(),
    why: text('why').$type<Correction['why']>().notNull(),
    field: text('field').notNull(),
    was: text('was').notNull(),
    became: text('became').notNull(),
    /** What the person said of it. */
    note: text('note'),
  },
  table => [primaryKey({ columns: [table.team, table.at, table.task, table.seq, table.n] })],
)
