/**
 * Uploads, tasks, deletions and sweeps in every order that a seed makes up, cut off anywhere: no file of a task ever loses its
 * content, and once all is quiet nothing lies in storage that no task has. The records and the sweep are the real ones, over
 * SQLite; each of their statements, and each call of storage and of a task, is a moment at which others may come first.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { decide } from '../../../src/approval/question/load.ts'
import type { NewFile } from '../../../src/domain/file/file.ts'
import type { Env } from '../../../src/env.ts'
import { giveBack, keepBytes } from '../../../src/files/keep.ts'
import { sweepFiles } from '../../../src/files/sweep.ts'
import { readText } from '../../../src/files/texts.ts'
import { GRACE_MS } from '../../../src/records/file/files.ts'
import { attachFiles, detachFile } from '../../../src/task/files/attach.ts'
import { withOthersFiles } from '../../../src/task/files/others.ts'
import { readFileOf } from '../../../src/task/files/read-file.ts'
import { sqliteD1 } from '../../support/d1.ts'
import { mulberry32 } from '../../support/random.ts'
import { approve, aTask, DAY, type Journey, MINUTE, onboarding, START } from '../../support/task-builders.ts'

const TEAM = 'team_a'
const BY = { kind: 'system' } as const

/** Who waits for a turn; a turn is given to one of them at a time. */
class Turns {
  readonly #random: () => number
  readonly #waiting: { go: () => void; actor: number }[] = []
  readonly dead = new Set<number>()
  #actor = 0

  constructor(random: () => number) {
    this.#random = random
  }

  /** Waits until it is this actor's turn; an actor that died waits for ever. */
  turn(actor: number): Promise<void> {
    return new Promise(go => this.#waiting.push({ go, actor }))
  }

  /** Runs these at once, one step at a time; some of them die on the way. */
  async run(actors: ((actor: number) => Promise<unknown>)[], deaths: number): Promise<void> {
    let open = actors.length
    let passed = 0
    for (const actor of actors) {
      const n = this.#actor++
      actor(n)
        .catch(() => {})
        .then(() => {
          if (!this.dead.has(n)) open--
        })
    }
    while (open > 0) {
      await settled()
      if (this.#waiting.length === 0) continue
      const [next] = this.#waiting.splice(Math.floor(this.#random() * this.#waiting.length), 1)
      if (this.dead.has(next!.actor)) continue
      // Time passes at any moment, and sometimes a lot of it; but none of them lives for a day.
      const minutes = Math.floor(this.#random() * 250)
      if (this.#random() < 0.1 && passed + minutes < 20 * 60) {
        passed += minutes
        vi.setSystemTime(Date.now() + minutes * MINUTE)
      }
      if (this.#random() < deaths) {
        this.dead.add(next!.actor)
        open--
      } else next!.go()
    }
  }
}

const settled = () => new Promise<void>(resolve => setImmediate(resolve))

class World {
  readonly objects = new Map<string, Uint8Array>()
  readonly tasks = new Map<string, Journey>()
  readonly db = sqliteD1()

  /** What an actor sees of it: every call is a turn. */
  env(turns: Turns | null, actor = -1): Env {
    const turn = () => turns?.turn(actor) ?? Promise.resolve()
    const { objects, tasks, db } = this
    const statement = (made: D1PreparedStatement): D1PreparedStatement =>
      new Proxy(made, {
        get: (target, name) => {
          const own = (target as unknown as Record<string | symbol, unknown>)[name]
          if (name === 'bind') return (...values: unknown[]) => statement(target.bind(...values))
          if (!['first', 'all', 'run', 'raw'].includes(String(name))) return own
          return async (...given: unknown[]) => {
            await turn()
            return (own as (...all: unknown[]) => unknown).apply(target, given)
          }
        },
      })
    const DB = {
      prepare: (sql: string) => statement(db.prepare(sql)),
      batch: async (all: D1PreparedStatement[]) => {
        await turn()
        return db.batch(all)
      },
    }
    const FILES = {
      put: async (key: string, bytes: Uint8Array | string) => {
        await turn()
        objects.set(key, typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes.slice())
      },
      get: async (key: string) => {
        await turn()
        const bytes = objects.get(key)
        if (bytes === undefined) return null
        return { arrayBuffer: async () => bytes.slice().buffer, text: async () => new TextDecoder().decode(bytes) }
      },
      delete: async (keys: string[]) => {
        await turn()
        for (const key of keys) objects.delete(key)
      },
    }
    const TASKS = {
      getByName: (name: string) => ({
        view: async () => {
          await turn()
          const task = tasks.get(name.split(':')[1]!)
          return task ? { files: task.state.files } : null
        },
        command: async (command: never) => {
          await turn()
          const task = tasks.get(name.split(':')[1]!)!
          task.now = Date.now()
          const refusal = task.try(command)
          if (refusal !== null) return { ok: false, refusal }
          const value = { files: task.state.files }
          // The answer may come when all is different already, or never.
          await turn()
          return { ok: true, value, repeated: false }
        },
      }),
    }
    return { DB, FILES, TASKS } as unknown as Env
  }

  /** Every file that a task has has its content, as long as nobody is in the midst of deleting it. */
  async lost(): Promise<string[]> {
    const lost: string[] = []
    for (const [task, { state }] of this.tasks)
      for (const { id } of state.files) {
        const row = await this.db.prepare('SELECT object FROM files WHERE id = ?1').bind(id).first<string>('object')
        if (row === null || !this.objects.has(row)) lost.push(`${task} ${id}`)
      }
    return lost
  }
}

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
  // workerd's own.
  Object.assign(crypto, { DigestStream: DigestOf })
})

afterAll(() => void vi.useRealTimers())

class DigestOf {
  readonly #chunks: Uint8Array[] = []
  #end: (digest: ArrayBuffer) => void = () => {}
  readonly digest = new Promise<ArrayBuffer>(resolve => {
    this.#end = resolve
  })

  getWriter() {
    return {
      write: async (chunk: Uint8Array) => void this.#chunks.push(chunk.slice()),
      close: async () => this.#end(await crypto.subtle.digest('SHA-256', Buffer.concat(this.#chunks))),
      abort: async () => {},
    }
  }
}

/** Decided, it asks again. */
const ASKS = onboarding({
  limits: { steps: 1000 },
  steps: [
    approve(
      {},
      {
        handoffs: [
          { when: 'approved', to: 'complete' },
          { when: 'again', to: 'approve' },
        ],
      },
    ),
  ],
})

function seenIn({ run }: Journey): string {
  return run.phase.name === 'asked' ? run.phase.ask.digest : ''
}

/** One schedule: three rounds of uploads, deletions and sweeps side by side, then hours without any, then sweeps alone. */
async function schedule(seed: number): Promise<World> {
  const random = mulberry32(seed)
  const world = new World()
  const turns = new Turns(random)
  for (const id of ['tsk_1', 'tsk_2']) world.tasks.set(id, aTask(ASKS, { task: id }))
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!
  const upload = async (actor: number) => {
    const env = world.env(turns, actor)
    const task = pick(['tsk_1', 'tsk_2'])
    const bringing = { team: TEAM, task, from: 'api', by: BY } as const
    const kept = await keepBytes(
      env,
      bringing,
      { name: 'a.txt', type: null },
      new TextEncoder().encode(pick(['one', 'three'])),
    )
    if (!kept.ok) return
    const files: NewFile[] = [kept.value]
    if (random() < 0.15) await giveBack(env, TEAM, files)
    else if (random() < 0.4) {
      // Two of them may decide the same question: one comes too late.
      const { n: visit } = world.tasks.get(task)!.state.visit
      await turns.turn(actor)
      await decide(
        env,
        { team: TEAM, task, visit, run: 1 },
        BY,
        { handoff: 'again', seen: seenIn(world.tasks.get(task)!) },
        files,
      )
    } else await attachFiles(env, { team: TEAM, task, files, actor: BY })
  }
  /** As a child or a rerun begins: with those of another, which may lose them meanwhile. */
  const copy = async (actor: number) => {
    const env = world.env(turns, actor)
    const [task, other] = pick([
      ['tsk_1', 'tsk_2'],
      ['tsk_2', 'tsk_1'],
    ] as const)
    const version = { pinned: { definition: ASKS } } as never
    const source = { kind: 'task' }
    const start = { team: TEAM, task, into: { version }, input: {}, source, actor: BY }
    const filed = await withOthersFiles(env, { ...start, filesOf: { task: other, which: 'named' as const } })
    const { files = [] } = (filed.ok ? filed.start : {}) as { files?: NewFile[] }
    if (files.length > 0) await attachFiles(env, { team: TEAM, task, files, actor: BY })
  }
  const remove = async (actor: number) => {
    const [task, { state }] = pick([...world.tasks])
    const file = state.files[0]
    if (file) await detachFile(world.env(turns, actor), { team: TEAM, task, file: file.id, actor: BY })
  }
  const read = async (actor: number) => {
    const [task, { state }] = pick([...world.tasks])
    const file = state.files[0]
    if (file) await readFileOf(world.env(turns, actor), { v: 1, team: TEAM, task, file: file.id })
  }
  // Its clock may be early or late by less than the time that an upload is let be.
  const sweep = async (actor: number) => {
    // It begins when others are in the midst of what they do.
    for (let wait = Math.floor(random() * 12); wait > 0; wait--) await turns.turn(actor)
    await sweepFiles(world.env(turns, actor), Date.now() + pick([-0.9, 0, 0.9]) * GRACE_MS)
  }
  for (let round = 0; round < 3; round++) {
    const actors = Array.from({ length: 6 }, () => pick([upload, upload, upload, copy, read, read, remove, sweep]))
    await turns.run(actors, 0.02)
  }
  return world
}

/** All is quiet, and hours have passed: sweeps alone, until there is nothing to do. */
async function quiet(world: World): Promise<void> {
  for (let pass = 0; pass < 3; pass++) {
    vi.setSystemTime(Date.now() + 2 * DAY)
    await sweepFiles(world.env(null), Date.now())
  }
}

const SEEDS = Array.from({ length: 5 }, (_, n) => n)
const EACH = 60

describe('the sweep', () => {
  it.each(SEEDS)('eats no file of a task and leaves nothing of others, from seed %i * 60', async at => {
    for (let seed = at * EACH; seed < (at + 1) * EACH; seed++) {
      const world = await schedule(seed)
      await quiet(world)
      expect(await world.lost(), `seed ${seed}`).toEqual([])
      const has = [...world.tasks.values()].flatMap(({ state }) => state.files.map(({ id }) => id))
      const rows = (await world.db.prepare('SELECT id, object FROM files').all<{ id: string; object: string }>())
        .results
      // A deletion that was cut off keeps its row until it is asked for again; nothing else has one.
      expect(
        has.filter(id => !rows.some(row => row.id === id)),
        `seed ${seed}`,
      ).toEqual([])
      const known = new Set(rows.map(({ object }) => object))
      expect(
        [...world.objects.keys()].filter(key => !known.has(key.replace(/\.text$/, ''))),
        `seed ${seed}`,
      ).toEqual([])
      for (const { state } of world.tasks.values())
        for (const { id, bytes } of state.files) {
          const found = await readText(world.env(null), TEAM, id, Date.now())
          expect([{ text: 'one' }, { text: 'three' }, { noText: 'too_slow' }], `seed ${seed}, ${bytes}`).toContainEqual(
            found,
          )
        }
    }
  })
})
