/** Tasks that were left waiting for weeks by an older engine, and are woken by today's: a deploy in between changes nothing. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Command } from '../../../../src/domain/task/commands.ts'
import { readValue } from '../../../../src/domain/task/context.ts'
import { decide } from '../../../../src/domain/task/decide.ts'
import { nextAlarm } from '../../../../src/domain/task/due.ts'
import { type Actor, LOG_VERSION, type LogRow } from '../../../../src/domain/task/events.ts'
import { isReadable, replay } from '../../../../src/domain/task/evolve.ts'
import type { Stored } from '../../../../src/domain/task/log/blob.ts'
import { viewOf } from '../../../../src/domain/task/told/view.ts'
import type { Pinned } from '../../../../src/domain/workflow/definition.ts'
import { ANA, SYSTEM, sha256 } from '../../../support/task-builders.ts'

/** A task as the older engine left it, and what that made of its time coming (tests/support/old-logs/make-waits.mjs). */
interface OldWait {
  name: string
  now: number
  log: LogRow[]
  blobs: Record<string, string>
  alarm: number
  wakes: string[]
  status: string
}

const FILE = path.resolve(import.meta.dirname, 'fixtures/old-waits.gen.json')
const WAITS = JSON.parse(readFileSync(FILE, 'utf8')) as OldWait[]

/** The task in the hands of today's engine, which was not there when it began. */
class Woken {
  rows: LogRow[]
  now: number
  state
  #tokens = 0
  readonly #blob: (digest: string) => string | null

  constructor({ log, now, blobs }: OldWait) {
    this.rows = structuredClone(log)
    this.now = now
    this.#blob = digest => blobs[digest] ?? null
    this.state = replay(this.rows)!
  }

  get pinned(): Pinned {
    return JSON.parse(readValue(this.state.pinned, this.#blob)) as Pinned
  }

  get alarm(): number | null {
    return nextAlarm(this.state, this.pinned.definition, this.now)
  }

  view() {
    return viewOf(this.state, this.pinned.definition, this.now, this.#blob)
  }

  /** Gives a command at this moment; answers the types of its events. */
  give(command: Command, actor: Actor = SYSTEM): string[] {
    const decision = decide(this.state, command, {
      now: this.now,
      actor,
      pinned: (_digest: string, text: Stored<string>) => JSON.parse(readValue(text, this.#blob)) as Pinned,
      blob: this.#blob,
      sha256,
      token: () => `new_lease_${++this.#tokens}`,
      random: () => 0.5,
    } as never)
    if ('refusal' in decision) throw new Error(JSON.stringify(decision.refusal))
    const { events } = decision
    if (events.length > 0) this.rows.push({ seq: this.state.seq + 1, v: LOG_VERSION, at: this.now, actor, events })
    this.state = decision.state
    return events.map(({ type }) => type)
  }
}

describe.each(WAITS.map(wait => [wait.name, wait] as const))('left waiting %s', (_name, wait) => {
  it('is read whole, and waits as long as it was told to', () => {
    expect(wait.log.every(isReadable)).toBe(true)
    const task = new Woken(wait)
    expect(task.state.status).toBe('waiting')
    expect(task.alarm).toBe(wait.alarm)
    expect(task.view().why).not.toBe('')
  })

  it('wakes at its moment and not before, once however often it is woken, to what it would have come to', () => {
    const task = new Woken(wait)
    for (const at of [wait.now + 86_400_000, wait.alarm - 1]) {
      task.now = at
      expect(task.give({ type: 'wake' }), new Date(at).toISOString()).toEqual([])
      expect(task.alarm).toBe(wait.alarm)
    }
    task.now = wait.alarm
    expect(task.give({ type: 'wake' })).toEqual(wait.wakes)
    expect(task.state.status).toBe(wait.status)
    expect(task.give({ type: 'wake' })).toEqual([])
    // What both engines wrote, read back as text, is the same task.
    expect(replay(JSON.parse(JSON.stringify(task.rows)) as LogRow[])).toEqual(task.state)
  })

  it('wakes as rightly when nobody looked at it for a week after its moment', () => {
    const task = new Woken(wait)
    task.now = wait.alarm + 7 * 86_400_000
    expect(task.give({ type: 'wake' })).toEqual(wait.wakes)
  })
})

describe('left waiting for an event', () => {
  const [wait] = WAITS.filter(({ name }) => name.startsWith('for an event, 14 days'))

  it('takes one that today’s engine is given, and leaves the one that did not fit before', () => {
    const task = new Woken(wait!)
    task.now += 86_400_000
    expect(task.give({ type: 'event', name: 'reply', data: { paid: false } }, ANA)).not.toContain('awaited')
    const taken = task.give({ type: 'event', name: 'reply', data: { paid: true } }, ANA)
    expect(taken).toEqual(expect.arrayContaining(['awaited', 'joined', 'routed', 'entered', 'due']))
    expect(task.view().outputs).toEqual({ w: { paid: true } })
    task.now = wait!.alarm
    expect(task.give({ type: 'wake' })).not.toContain('routed')
  })
})
