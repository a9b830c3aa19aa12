/** Logs that were stored before the redesign: the engine reads the same in them, byte for byte, and takes them to their end. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../../src/domain/json/json.ts'
import type { Command } from '../../../../src/domain/task/commands.ts'
import { readValue } from '../../../../src/domain/task/context.ts'
import { decide } from '../../../../src/domain/task/decide.ts'
import { due, nextAlarm } from '../../../../src/domain/task/due.ts'
import { type Actor, LOG_VERSION, type LogRow } from '../../../../src/domain/task/events.ts'
import { isReadable, replay } from '../../../../src/domain/task/evolve.ts'
import type { Stored } from '../../../../src/domain/task/log/blob.ts'
import { carriedTo } from '../../../../src/domain/task/log/carried.ts'
import { auditFacts } from '../../../../src/domain/task/log/facts.ts'
import { pastOf } from '../../../../src/domain/task/log/past.ts'
import { STATUSES, type TaskState } from '../../../../src/domain/task/state.ts'
import { type Card, cardOf } from '../../../../src/domain/task/told/card.ts'
import { storyOf } from '../../../../src/domain/task/told/story.ts'
import { eventViews, openAsksOf, viewOf } from '../../../../src/domain/task/told/view.ts'
import type { TaskView } from '../../../../src/domain/task/told/views.ts'
import { type Definition, type Pinned, stepOf } from '../../../../src/domain/workflow/definition.ts'
import { finish, type Given, type OpenTask } from '../../../support/old-logs/finish.ts'
import { type OldLog, type OldRow, oldLogs } from '../../../support/old-logs/fixture.ts'
import { sha256 } from '../../../support/task-builders.ts'

// The adapter: all that this file calls of the engine. What is tested lies below it and stays as it is.

type Blob = (digest: string) => string | null

/** The rows as the Task DO's storage answers them. */
function rowsOf(log: OldLog): LogRow[] {
  return log.log.map(({ flushed: _flushed, key, ...row }) => ({ ...row, key: key ?? undefined }) as unknown as LogRow)
}

function blobOf({ blobs }: OldLog): Blob {
  return digest => (Object.hasOwn(blobs, digest) ? JSON.stringify(blobs[digest]) : null)
}

function pinnedOf(text: Stored<string>, blob: Blob): Pinned {
  return JSON.parse(readValue(text, blob)) as Pinned
}

function definitionOf(state: TaskState, blob: Blob): Definition {
  return pinnedOf(state.pinned, blob).definition
}

/** What lists, boards and alarms are told of a task in this state. */
function lookAt(state: TaskState, at: number, blob: Blob) {
  const definition = definitionOf(state, blob)
  return {
    view: withoutKey(viewOf(state, definition, at, blob)),
    asks: openAsksOf(state, blob),
    card: withoutLimit(cardOf(state, definition, at)),
    due: [due(state, 0, at), due(state, at, at)],
    alarm: nextAlarm(state, definition, at),
  }
}

/** What a task may spend that is stuck at that is told on its card since it can be raised there. */
function withoutLimit({ costLimit: _later, ...card }: Card): Omit<Card, 'costLimit'> {
  return card
}

/** What every reader makes of the log, by the names under which the fixture has it. */
/** A task's business key, who had it before, and its files are told since there are such. */
function withoutKey({
  key: _since,
  duplicateOf: _first,
  files: _later,
  ...view
}: TaskView): Omit<TaskView, 'key' | 'duplicateOf' | 'files'> {
  return view
}

/** What templates could read of a task's files is told since there are such. */
function withoutFiles(past: unknown): unknown {
  return JSON.parse(JSON.stringify(past), function (this: unknown, key, value) {
    return key === 'files' && Array.isArray(value) && value.length === 0 ? undefined : value
  })
}

function readings(log: OldLog): Record<string, unknown> {
  const [rows, blob] = [rowsOf(log), blobOf(log)]
  const state = replay(rows)!
  const definition = definitionOf(state, blob)
  const events = eventViews(rows, blob)
  const story = storyOf(state, rows, definition, log.now, blob)
  // The limit of calls is told since there are calls.
  const { calls: _since, ...limits } = story.limits
  const { costAsk: _later, ...told } = story
  const each = (name: string, read: (step: string) => unknown) =>
    Object.fromEntries(Object.keys(log.made[name] as object).map(step => [step, read(step)]))
  return {
    ...lookAt(state, log.now, blob),
    events,
    story: { ...told, view: withoutKey(story.view), limits },
    past: each('past', step => withoutFiles(pastOf(events, step))),
    carried: each('carried', step => carriedTo(step, rows, blob)),
    audit: rows.map(row => auditFacts(row)),
    after: rows.map((row, at) => digest(lookAt(replay(rows.slice(0, at + 1))!, row.at, blob))),
  }
}

/** Outcomes that nobody chooses. */
const ENGINES_OWN = ['default', 'failed', 'timeout', 'unsure']

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
}

/** The task as the finisher drives it on, its rows appended to the old ones. */
function open(log: OldLog) {
  const blob = blobOf(log)
  const rows = rowsOf(log)
  let leases = 0
  const context = (now: number, actor: Actor) => {
    const token = () => `new_lease_${++leases}`
    const pinned = (_digest: string, text: Stored<string>) => pinnedOf(text, blob)
    return { now, actor, pinned, blob, sha256, token, random: () => 0.5 }
  }
  const task = {
    now: log.now,
    rows,
    state: replay(rows)!,
    look() {
      const { view, asks, due, alarm } = lookAt(task.state, task.now, blob)
      const claims = rows.flatMap(row => row.events).filter(event => event.type === 'claimed')
      const step = stepOf(definitionOf(task.state, blob), view.step ?? '')
      const labels = (step?.handoffs ?? []).map(({ when, to }) => ({ label: when ?? 'default', to }))
      return {
        view,
        asks,
        due: due[0]!,
        alarm,
        labels: labels.filter(({ label }) => !ENGINES_OWN.includes(label)),
        claimed: claims.at(-1) ?? null,
      }
    },
    give(command: Given, actor: Actor = { kind: 'system' }): boolean {
      const decision = decide(task.state, command as unknown as Command, context(task.now, actor))
      if ('refusal' in decision) return false
      const row = { seq: task.state.seq + 1, v: LOG_VERSION, at: task.now, actor, events: decision.events }
      if (decision.events.length > 0) rows.push(row)
      task.state = decision.state
      return true
    },
  }
  return task satisfies OpenTask
}

// What must hold

const LOGS = oldLogs()
const EVENTS = LOGS.flatMap(({ log }) => log.flatMap(row => row.events))

/** The types of format 1, as the engine before the redesign wrote them. */
const TYPES = [
  ...['created', 'entered', 'due', 'claimed', 'beaten', 'lapsed', 'reported', 'booked', 'asking', 'asked', 'assigned'],
  ...['edited', 'decided', 'routed', 'left', 'stuck', 'failed', 'held', 'released', 'raised', 'migrated', 'noticed'],
  ...['finished', 'cancelled'],
]

const CAUSES = [
  ...['no_handoff_matched', 'no_handoffs', 'unknown_target', 'limit_steps', 'limit_cost', 'limit_duration'],
  ...['unknown_outcome', 'keeps_dying', 'nobody_assigned'],
]

/** The codes of failures that format 1 knew. */
const CODES = [
  ...['rate_limited', 'provider_error', 'unreachable', 'timeout', 'malformed_answer', 'invalid_output'],
  ...['output_too_large', 'empty_answer', 'refused', 'schema_refused', 'bad_request', 'provider_auth'],
  ...['agent_missing', 'template'],
]

/** What a field of an event must have been, at least once each. */
const VARIANTS: [type: string, field: string, values: Json[]][] = [
  ['entered', 'by', ['start', 'handoff', 'route', 'move', 'limit', 'migrate']],
  ['entered', 'handler', ['prompt', 'agent', 'human']],
  ['due', 'why', ['raised', 'retry', 'timeout', 'rate_limited']],
  ['due', 'fresh', [true]],
  ['left', 'why', ['moved', 'cancelled', 'migrated', 'limit']],
  ['routed', 'by', ['handoff', 'hand']],
  ['routed', 'outcome', ['done', 'failed', 'timeout', 'unsure', 'approved', 'rejected', 'good']],
  ['assigned', 'by', ['command', 'overdue']],
  ['held', 'reason', ['provider_not_configured', 'provider_offline']],
  ['decided', 'settles', [true, false]],
  ['stuck', 'cause', CAUSES],
  ['failed', 'code', [...CODES, 'limit_steps', 'limit_cost', 'limit_duration']],
]

/** Where a value over 16 KiB was put in a row of its own. */
const BIG = [
  ...['created.pinned', 'created.input', 'created.source.data', 'created.begin.outputs.0.output'],
  ...['created.begin.last.output', 'entered.input', 'due.prompt', 'reported.outcome.output'],
  ...['asked.ask.artefact.output', 'edited.output', 'migrated.pinned', 'noticed.data', 'finished.result'],
]

describe('the kept logs hold', () => {
  it.each(STATUSES)('a task that is %s', status => {
    expect(LOGS.map(({ made }) => made.view.status)).toContain(status)
  })

  it.each(CAUSES)('a task that is stuck with %s', cause => {
    expect(LOGS.map(({ made }) => made.view.stuck?.cause)).toContain(cause)
  })

  it('every type of event, and no other', () => {
    expect([...new Set(EVENTS.map(event => event.type))].sort()).toEqual([...TYPES].sort())
  })

  it.each(VARIANTS)('%s events with every %s', (type, field, values) => {
    const found = EVENTS.filter(event => event.type === type).map(event => event[field])
    expect(found).toEqual(expect.arrayContaining(values))
  })

  it('a beat with and without a call, claims with and without a chain, calls that may and may not be repeated', () => {
    const calls = EVENTS.filter(event => event.type === 'beaten').map(({ call }) => call as { repeatable: boolean })
    expect(new Set(calls.map(call => call?.repeatable))).toEqual(new Set([undefined, true, false]))
    const chained = EVENTS.filter(event => event.type === 'claimed').map(event => typeof event.chained)
    expect(new Set(chained)).toEqual(new Set(['string', 'undefined']))
  })

  it.each(BIG)('a big value at %s', place => {
    const [type, ...way] = place.split('.')
    const values = EVENTS.filter(event => event.type === type).map(event => at(event, way))
    expect(values.some(value => typeof value === 'object' && value !== null && '$blob' in value)).toBe(true)
  })

  it('rows of every kind of actor, with and without a key, all of format 1', () => {
    const rows = LOGS.flatMap(({ log }) => log)
    const kinds = rows.map(({ actor }) => (actor as { kind: string }).kind)
    expect(new Set(kinds)).toEqual(new Set(['system', 'person', 'key', 'link']))
    expect(new Set(rows.map(({ key }) => key === null))).toEqual(new Set([true, false]))
    expect(new Set(rows.map(({ v }) => v))).toEqual(new Set([1]))
  })
})

/** The value at the end of a way of fields. */
function at(value: Json, way: string[]): Json {
  return way.reduce<Json>((inner, field) => (inner as Record<string, Json> | null | undefined)?.[field] ?? null, value)
}

describe('today’s engine', () => {
  it('knows every row', () => {
    expect(LOGS.flatMap(rowsOf).filter(row => !isReadable(row))).toEqual([])
  })

  it.each(LOGS.map(log => [log.name, log] as const))('reads the same in: %s', (_name, log) => {
    const now = readings(log)
    for (const [name, made] of Object.entries(log.made)) expect(text(now[name]), name).toBe(text(made))
    expect(Object.keys(now).sort()).toEqual(Object.keys(log.made).sort())
  })

  const opened = LOGS.filter(({ made }) => made.view.status !== 'done' && made.view.status !== 'cancelled')

  it('has open tasks to take to their end', () => {
    expect(opened.length).toBeGreaterThan(80)
  })

  it.each(opened.map(log => [log.name, log] as const))('takes to its end: %s', (_name, log) => {
    const task = open(log)
    expect(finish(task)).toBe('done')
    expect(numbered(task.rows)).toEqual(task.rows.map(row => row.seq))
    // Old rows and new ones, read back from text, come to the same as what was in memory.
    const again = replay(JSON.parse(JSON.stringify(task.rows)) as LogRow[])!
    const look = (state: TaskState) => text(lookAt(state, task.now, blobOf(log)))
    expect(look(again)).toBe(look(task.state))
  })

  const claiming = LOGS.filter(({ log }) => leasesOf(log).length > 0)

  it('has logs whose leases were settled and logs whose leases were not', () => {
    const settled = claiming.flatMap(({ log }) => leasesOf(log).map(lease => lease.settled))
    expect(new Set(settled)).toEqual(new Set([true, false]))
  })

  it.each(claiming.map(log => [log.name, log] as const))('books no lease twice in: %s', (_name, log) => {
    const task = open(log)
    const spent = () => task.look().view.usage.inputTokens
    const usage = { model: 'gpt-5-mini', inputTokens: 1000, outputTokens: 10, calls: 1, durationMs: 5 }
    const outcome = { kind: 'failed', failure: { code: 'refused', message: 'No.', retryable: false } }
    for (const { settled, ref } of leasesOf(log.log)) {
      const before = spent()
      const report = { type: 'report', ...ref, outcome, usage, chain: false }
      expect(task.give(report), 'taken').toBe(true)
      expect(task.give(report), 'taken again').toBe(true)
      expect(spent()).toBe(settled ? before : before + usage.inputTokens)
    }
  })
})

/** Every lease of the log, and whether it was reported or booked. */
function leasesOf(log: OldRow[]) {
  const events = log.flatMap(row => row.events)
  const settled = events.filter(({ type }) => type === 'reported' || type === 'booked').map(({ lease }) => lease)
  return events
    .filter(({ type }) => type === 'claimed')
    .map(({ visit, run, attempt, lease }) => ({
      settled: settled.includes(lease!),
      ref: { visit, run, attempt, lease },
    }))
}

/** JSON text, spread over lines so that a difference can be read. */
function text(value: unknown): string {
  return JSON.stringify(value, null, 1)
}

/** The numbers that the rows must have: each goes on where the one before it ended. */
function numbered(rows: Pick<LogRow | OldRow, 'events'>[]): number[] {
  let next = 1
  return rows.map(({ events }) => {
    const seq = next
    next += events.length
    return seq
  })
}
