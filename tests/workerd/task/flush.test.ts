/** The flush of tasks to D1, when D1 fails, refuses one row or answers late: who is held up, who is not, and what is written. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { BoardObject } from '../../../src/board/object/board-object.ts'
import { GroupCommit } from '../../../src/board/object/group-commit.ts'
import { armCrashPoints } from '../../../src/crash-points.ts'
import { boardStub } from '../../../src/env.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import type { AuditRow, Flush, FlushAnswer, IndexRow } from '../../../src/records/task/flush.ts'
import { PROBE } from '../../../src/records/task/flush.ts'
import { afterTimeout, Flusher, sentBy } from '../../../src/task/object/flusher.ts'
import { aTask, atLater, env, modelsAnswer, promptsInARow, says, TEAM, until, WORKFLOW } from '../../support/engine.ts'

beforeEach(() => {
  modelsAnswer(() => says('fine'))
})
afterEach(() => {
  vi.restoreAllMocks()
  armCrashPoints(null)
  scriptModels(null)
})

let made = 0
const newId = () => `tsk_flush${++made}`

function rowOf(id: string, more: Partial<IndexRow> = {}): IndexRow {
  const times = { due_at: null, created_at: 1, updated_at: 1, finished_at: null }
  const place = { status: 'running', step: 'draft', visit: 1, over: 0 as const, seq: 1 }
  return {
    id,
    team: TEAM,
    workflow: WORKFLOW,
    version: 1,
    title: id,
    cost: 0,
    card: '{}',
    key: null,
    ...times,
    ...place,
    ...more,
  }
}

function auditOf(task: string, seq: number, more: Partial<AuditRow> = {}): AuditRow {
  const facts = {
    types: 'created',
    actor: '{"kind":"system"}',
    step: null,
    facts: '[]',
    digest: `d${seq}`,
    log_digest: null,
  }
  return { task, seq, team: TEAM, workflow: WORKFLOW, at: seq, ...facts, ...more }
}

const flushOf = (id: string, row: Partial<IndexRow> = {}): Flush => ({
  row: rowOf(id, row),
  audit: [auditOf(id, row.seq ?? 1)],
})
/** Breaks a NOT NULL of the audit. */
const badFlush = (id: string): Flush => ({ row: rowOf(id), audit: [auditOf(id, 1, { types: null as never })] })

const titleOf = async (id: string) =>
  (await env.DB.prepare('SELECT title FROM tasks WHERE id = ?').bind(id).first<{ title: string }>())?.title ?? null
const auditOfTask = async (id: string) =>
  (
    await env.DB.prepare('SELECT seq FROM audit WHERE task = ? ORDER BY seq').bind(id).all<{ seq: number }>()
  ).results.map(row => row.seq)

/** A D1 that holds each batch until it is let go, and remembers whose rows it carried. */
function slowDb() {
  const rounds: { ids: string[]; let(error?: Error): void }[] = []
  let reachable = true
  const statement = (sql: string, text = '[]') => ({
    sql,
    text,
    bind: (bound: string) => statement(sql, bound),
    run: async () => {
      if (!reachable) throw new Error('D1 is gone')
    },
  })
  const batch = (statements: { sql: string; text: string }[]) => {
    const rows = statements.filter(each => each.sql.startsWith('INSERT INTO tasks'))
    const ids = rows.flatMap(each => (JSON.parse(each.text) as [string][]).map(([id]) => id))
    return new Promise((resolve, reject) => {
      rounds.push({ ids, let: error => (error ? reject(error) : resolve([])) })
    })
  }
  const down = () => {
    reachable = false
  }
  const up = () => {
    reachable = true
  }
  return { db: { prepare: statement, batch } as unknown as D1Database, rounds, down, up }
}

/** Lets the code under test go on until it waits again. */
const settle = () => new Promise(resolve => setTimeout(resolve, 0))

describe('rounds', () => {
  test('while one is in flight the next gathers, and goes in one', async () => {
    const { db, rounds } = slowDb()
    const commit = new GroupCommit(db)
    const answers = ['a', 'b', 'c', 'd'].map(id => commit.add(flushOf(id)))
    await settle()
    expect(rounds.map(round => round.ids)).toEqual([['a']])
    rounds[0]!.let()
    await settle()
    expect(rounds.map(round => round.ids)).toEqual([['a'], ['b', 'c', 'd']])
    expect(await answers[0]).toEqual({ ok: true })
    rounds[1]!.let()
    expect(await Promise.all(answers)).toEqual(Array(4).fill({ ok: true }))
    expect(commit.counts).toEqual({ rounds: 2, tasks: 4 })
  })

  test('take at most 100 tasks', async () => {
    const { db, rounds } = slowDb()
    const commit = new GroupCommit(db)
    const answers = Array.from({ length: 251 }, (_, i) => commit.add(flushOf(`n${i}`)))
    for (let n = 0; n < 4; n++) {
      await settle()
      rounds[n]!.let()
    }
    expect(await Promise.all(answers)).toEqual(Array(251).fill({ ok: true }))
    expect(rounds.map(round => round.ids.length)).toEqual([1, 100, 100, 50])
  })

  test('take at most a megabyte, and a task that is larger alone', async () => {
    const { db, rounds } = slowDb()
    const commit = new GroupCommit(db)
    const card = (bytes: number) => ({ card: 'x'.repeat(bytes) })
    const flushes = [flushOf('first'), flushOf('large', card(2_000_000)), flushOf('b', card(600_000))]
    const answers = [...flushes, flushOf('c', card(600_000)), flushOf('d')].map(flush => commit.add(flush))
    for (let n = 0; n < 4; n++) {
      await settle()
      rounds[n]!.let()
    }
    await Promise.all(answers)
    expect(rounds.map(round => round.ids)).toEqual([['first'], ['large'], ['b'], ['c', 'd']])
  })

  test('that fail are halved until the one that is to blame stands alone', async () => {
    const { db, rounds } = slowDb()
    const commit = new GroupCommit(db)
    const answers = ['lead', 'a', 'b', 'bad', 'c'].map(id => commit.add(flushOf(id)))
    const letAll = async () => {
      for (let n = 0; n < 9; n++) {
        await settle()
        const round = rounds[n]
        round?.let(round.ids.includes('bad') ? new Error('NOT NULL constraint failed') : undefined)
      }
    }
    await letAll()
    const [, a, b, bad, c] = await Promise.all(answers)
    expect(rounds.map(round => round.ids.join(' '))).toEqual(['lead', 'a b bad c', 'a b', 'bad c', 'bad', 'c'])
    expect([a, b, c]).toEqual(Array(3).fill({ ok: true }))
    expect(bad).toEqual({ ok: false, retryAfterMs: 0, reason: 'NOT NULL constraint failed' })
    expect([...commit.refused]).toEqual([['bad', 'NOT NULL constraint failed']])
  })
})

describe('a D1 that does not answer', () => {
  test('sends everyone away, those who wait included: a second at first, then twice as long, five minutes at most', async () => {
    const { db, rounds, down } = slowDb()
    down()
    const commit = new GroupCommit(db)
    const pauses: number[] = []
    for (let n = 0; n < 11; n++) {
      const answers = [commit.add(flushOf('a')), commit.add(flushOf('b'))]
      await settle()
      rounds.at(-1)!.let(new Error('D1 is gone'))
      const [first, second] = await Promise.all(answers)
      expect(first).toMatchObject({ ok: false, reason: 'D1 is gone' })
      expect(second).toMatchObject({ ok: false })
      pauses.push((first as { retryAfterMs: number }).retryAfterMs, (second as { retryAfterMs: number }).retryAfterMs)
    }
    expect(rounds).toHaveLength(11)
    pauses.forEach((ms, i) => {
      const pause = Math.min(1000 * 2 ** Math.floor(i / 2), 300_000)
      expect(ms).toBeGreaterThanOrEqual(pause * 0.75)
      expect(ms).toBeLessThanOrEqual(pause * 1.25)
    })
    expect(new Set(pauses.slice(-6)).size).toBe(6)
    expect(commit.refused.size).toBe(0)
  })

  test('or is full is nobody’s fault, though it answers: all come back later, none is named in Health', async () => {
    const { db, rounds } = slowDb()
    const commit = new GroupCommit(db)
    const answers = [commit.add(flushOf('a')), commit.add(flushOf('b'))]
    await settle()
    rounds[0]!.let(new Error('D1_ERROR: database or disk is full: SQLITE_FULL'))
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatchObject({ ok: false, reason: expect.stringContaining('SQLITE_FULL') })
      expect((answer as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(0)
    }
    expect(rounds).toHaveLength(1)
    expect(commit.refused.size).toBe(0)
  })

  test('begins at a second again once it answered', async () => {
    const { db, rounds, down, up } = slowDb()
    const commit = new GroupCommit(db)
    const round = async (error?: Error): Promise<FlushAnswer> => {
      const answer = commit.add(flushOf('a'))
      await settle()
      rounds.at(-1)!.let(error)
      return answer
    }
    const gone = new Error('D1 is gone')
    down()
    for (let n = 0; n < 4; n++) await round(gone)
    up()
    expect(await round()).toEqual({ ok: true })
    down()
    const { retryAfterMs } = (await round(gone)) as { retryAfterMs: number }
    expect(retryAfterMs).toBeLessThanOrEqual(1250)
  })
})

describe('the task, when its flush fails', () => {
  test('waits as long as it is told, or twice as long as before, five minutes at most, and then sends all there is', async () => {
    const sent: number[][] = []
    let answer: FlushAnswer = { ok: false, retryAfterMs: 7000, reason: 'D1 is gone' }
    const confirmed: number[] = []
    let now = 0
    const shell = {
      now: () => now,
      row: () => rowOf('a'),
      send: sentBy(async flush => {
        sent.push(flush.audit.map(row => row.seq))
        return answer
      }),
      after: afterTimeout,
      confirmed: (seq: number) => confirmed.push(seq),
      postponed: () => {},
    }
    const flusher = new Flusher(shell)
    flusher.add(auditOf('a', 1))
    await flusher.run()
    expect(flusher.retryAt).toBe(7000)
    answer = { ok: false, retryAfterMs: 0, reason: 'NOT NULL constraint failed' }
    const pauses: number[] = []
    for (let n = 2; n < 12; n++) {
      now = flusher.retryAt
      flusher.add(auditOf('a', n))
      await flusher.run()
      pauses.push(flusher.retryAt - now)
    }
    expect(pauses.slice(0, 3)).toEqual([2000, 4000, 8000])
    expect(pauses.at(-1)).toBe(300_000)
    expect(flusher.lastReason).toBe('NOT NULL constraint failed')
    expect(confirmed).toEqual([])
    answer = { ok: true }
    await flusher.run()
    expect(sent.at(-1)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(confirmed).toEqual([11])
    expect(flusher.waiting).toBe(false)
  })
})

describe('the task, while it runs', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function aFlusher() {
    const sent: number[][] = []
    const shell = {
      now: () => 0,
      row: () => rowOf('a'),
      send: sentBy(async flush => {
        sent.push(flush.audit.map(row => row.seq))
        return { ok: true }
      }),
      after: afterTimeout,
      confirmed: () => {},
      postponed: () => {},
    }
    return { flusher: new Flusher(shell), sent }
  }

  test('waits a moment for more, then sends all there is, once', async () => {
    const { flusher, sent } = aFlusher()
    for (const seq of [1, 2, 3]) {
      flusher.add(auditOf('a', seq))
      flusher.soon(200)
    }
    expect(sent).toEqual([])
    await vi.runAllTimersAsync()
    expect(sent).toEqual([[1, 2, 3]])
    flusher.add(auditOf('a', 4))
    flusher.soon(200)
    await vi.runAllTimersAsync()
    expect(sent).toEqual([[1, 2, 3], [4]])
  })

  test('waits no longer than what came last allows, nor than what came first did', async () => {
    const { flusher, sent } = aFlusher()
    for (const [seq, ms] of [
      [1, 1000],
      [2, 200],
      [3, 1000],
    ] as const) {
      flusher.add(auditOf('a', seq))
      flusher.soon(ms)
    }
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(199)
    expect(sent).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(sent).toEqual([[1, 2, 3]])
  })

  test('does not wait once it comes to rest', async () => {
    const { flusher, sent } = aFlusher()
    flusher.add(auditOf('a', 1))
    flusher.soon(200)
    flusher.add(auditOf('a', 2))
    await flusher.run()
    expect(sent).toEqual([[1, 2]])
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('what gathered while D1 was away comes in parts that D1 takes', async () => {
  const id = newId()
  const rows = Array.from({ length: 2000 }, (_, i) => auditOf(id, i + 1, { facts: `["${'é'.repeat(1200)}"]` }))
  const board = boardStub(env, TEAM, 'wf_parts')
  const whole = await board.flush({ row: rowOf(id), audit: rows })
  expect(whole).toMatchObject({ ok: false, reason: expect.stringContaining('too big') })
  const confirmed: number[] = []
  const shell = {
    now: () => 0,
    row: () => rowOf(id),
    send: sentBy(flush => board.flush(flush)),
    after: afterTimeout,
    confirmed: (seq: number) => confirmed.push(seq),
    postponed: () => {},
  }
  const flusher = new Flusher(shell)
  for (const row of rows) flusher.add(row)
  await flusher.run()
  expect(flusher.lastReason).toBeNull()
  expect(confirmed.length).toBeGreaterThan(4)
  expect(confirmed.at(-1)).toBe(2000)
  expect(await auditOfTask(id)).toEqual(rows.map(row => row.seq))
})

describe('on the real board and D1', () => {
  const board = (workflow: string) => boardStub(env, TEAM, workflow) as unknown as DurableObjectStub<BoardObject>
  let workflow: string
  beforeEach(() => {
    workflow = `wf_flush${++made}`
  })

  test('one bad row in a group commit holds up none of the others, and Health names it until it is mended', async () => {
    const [good, bad] = [Array.from({ length: 20 }, newId), newId()]
    const flushes = [...good.slice(0, 9).map(id => flushOf(id)), badFlush(bad), ...good.slice(9).map(id => flushOf(id))]
    const answers = await Promise.all(flushes.map(flush => board(workflow).flush(flush)))
    expect(answers.filter(answer => answer.ok)).toHaveLength(20)
    expect(answers[9]).toMatchObject({ ok: false, reason: expect.stringContaining('NOT NULL') })
    for (const id of good) expect([await titleOf(id), await auditOfTask(id)]).toEqual([id, [1]])
    // One transaction: the bad audit row took its own task's row with it, and nothing else.
    expect([await titleOf(bad), await auditOfTask(bad)]).toEqual([null, []])
    const { refused, rounds, tasks } = await board(workflow).health()
    expect(refused).toEqual({ [bad]: expect.stringContaining('NOT NULL') })
    // How many rounds it takes depends on how the flushes arrive; that a round is halved is shown above, on a fake D1.
    expect(rounds).toBeGreaterThan(1)
    expect(tasks).toBeGreaterThanOrEqual(21)

    expect(await board(workflow).flush(flushOf(bad))).toEqual({ ok: true })
    expect((await board(workflow).health()).refused).toEqual({})
    expect(await auditOfTask(bad)).toEqual([1])
  })

  test('a flush that comes again, as its reply was lost, writes nothing twice', async () => {
    const id = newId()
    let lost = 0
    armCrashPoints(point => {
      if (point === 'C13' && lost++ === 0) throw new Error('the reply is lost')
    })
    const flush: Flush = { row: rowOf(id, { seq: 2 }), audit: [auditOf(id, 1), auditOf(id, 2)] }
    const first = await board(workflow).flush(flush)
    expect(lost).toBe(1)
    expect(first.ok).toBe(false)
    expect(await auditOfTask(id)).toEqual([1, 2])
    const again = { row: rowOf(id, { seq: 3, title: 'later' }), audit: [...flush.audit, auditOf(id, 3)] }
    expect(await board(workflow).flush(again)).toEqual({ ok: true })
    expect(await auditOfTask(id)).toEqual([1, 2, 3])
    expect(await titleOf(id)).toBe('later')
  })

  test('an older flush that comes late overwrites no newer row, but its audit is kept', async () => {
    const id = newId()
    const newer: Flush = {
      row: rowOf(id, { seq: 9, title: 'newer', over: 1, status: 'done' }),
      audit: [auditOf(id, 9)],
    }
    const older: Flush = { row: rowOf(id, { seq: 4, title: 'older' }), audit: [auditOf(id, 4)] }
    expect(await board(workflow).flush(newer)).toEqual({ ok: true })
    expect(await board(workflow).flush(older)).toEqual({ ok: true })
    expect(await titleOf(id)).toBe('newer')
    expect(await auditOfTask(id)).toEqual([4, 9])
    const row = await env.DB.prepare('SELECT status, over FROM tasks WHERE id = ?').bind(id).first()
    expect(row).toEqual({ status: 'done', over: 1 })
  })

  test('two flushes of one task in the same round leave the newer row, in either order', async () => {
    for (const order of [
      [1, 2],
      [2, 1],
    ]) {
      const id = newId()
      const lead = board(workflow).flush(flushOf(newId()))
      const flushes = order.map(seq => board(workflow).flush({ ...flushOf(id, { seq, title: `seq ${seq}` }) }))
      await Promise.all([lead, ...flushes])
      expect(await titleOf(id)).toBe('seq 2')
      expect(await auditOfTask(id)).toEqual([1, 2])
    }
  })

  test("another team's row with the same id is never overwritten", async () => {
    const id = newId()
    const theirs = boardStub(env, 'team_other', workflow)
    await theirs.flush({ row: rowOf(id, { team: 'team_other', title: 'theirs' }), audit: [] })
    await board(workflow).flush({ row: rowOf(id, { seq: 99, title: 'ours' }), audit: [] })
    expect(await titleOf(id)).toBe('theirs')
  })

  test('while D1 fails tasks go on to their end; when it answers again, all of it is there once', async () => {
    const batch = vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('D1 is gone'))
    const prepare = env.DB.prepare.bind(env.DB)
    const probe = vi.spyOn(env.DB, 'prepare').mockImplementation(sql => {
      if (sql === PROBE) throw new Error('D1 is gone')
      return prepare(sql)
    })
    const tasks = await Promise.all(Array.from({ length: 5 }, () => aTask(promptsInARow(3))))
    for (const task of tasks) await until(task, view => view.status === 'done')
    expect(batch).toHaveBeenCalled()
    expect(probe).toHaveBeenCalledWith(PROBE)
    for (const { id } of tasks) expect([await titleOf(id), await auditOfTask(id)]).toEqual([null, []])

    // An object that lost its memory knows from its log what D1 does not have.
    await evictDurableObject(tasks[0]!.stub)
    await evictDurableObject(board(WORKFLOW))
    vi.restoreAllMocks()
    for (const task of tasks) await vi.waitFor(() => cameThrough(task), { timeout: 5000 })
    expect((await board(WORKFLOW).health()).refused).toEqual({})
  })

  /** The alarm brings it, at most five minutes later; the audit tells then what the log does. */
  async function cameThrough(task: Awaited<ReturnType<typeof aTask>>): Promise<void> {
    await atLater(400_000, () => task.alarm())
    const { results } = await env.DB.prepare('SELECT types FROM audit WHERE task = ? ORDER BY seq')
      .bind(task.id)
      .all<{ types: string }>()
    expect(results.flatMap(row => row.types.split(' '))).toEqual(await task.types())
    const row = await env.DB.prepare('SELECT status, over FROM tasks WHERE id = ?').bind(task.id).first()
    expect(row).toEqual({ status: 'done', over: 1 })
  }

  test('a flush that D1 keeps refusing leaves the task itself untouched, and its alarm set', async () => {
    vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('too big for D1'))
    const stuck = await aTask(promptsInARow(2))
    await until(stuck, view => view.status === 'done')
    await vi.waitFor(async () =>
      expect((await board(WORKFLOW).health()).refused).toMatchObject({ [stuck.id]: 'too big for D1' }),
    )
    const alarm = await runInDurableObject(stuck.stub, (_, state) => state.storage.getAlarm())
    expect(alarm).toBeGreaterThan(Date.now())
    vi.restoreAllMocks()
    await vi.waitFor(() => cameThrough(stuck), { timeout: 5000 })
    expect((await board(WORKFLOW).health()).refused).toEqual({})
  })
})
