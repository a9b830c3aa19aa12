/** What a Board DO tells its watchers: in order, gathered, counted, and only to those who may watch. */
import { describe, expect, it } from 'vitest'
import { type BoardNews, LiveBoard, type LiveSocket, PUSH_EVERY_MS } from '../../../src/board/object/live-board.tsx'
import type { Tallied } from '../../../src/board/object/tally.ts'
import type { Watcher } from '../../../src/board/rpc.ts'
import type { IndexRow } from '../../../src/records/task/flush.ts'

const HOUR = 3_600_000

/** A board with sockets, a clock that the test moves, and what D1 would say. */
function aBoard({ stored = [] as Tallied[], sockets = 1 } = {}) {
  const world = {
    now: 1_000_000,
    timers: [] as { at: number; then: () => void }[],
    stored,
    admitted: (watchers: Watcher[]) => Promise.resolve(new Set(watchers)),
    checks: 0,
    loads: 0,
  }
  const open = new Set<number>(Array.from({ length: sockets }, (_, index) => index))
  const sent: BoardNews[][] = Array.from({ length: sockets }, () => [])
  const closed: number[] = []
  const watchers = Array.from({ length: sockets }, (_, index) => ({
    team: 'team',
    workflow: 'wf',
    person: `p${index}@acme.test`,
    session: `s${index}`,
    role: 'member',
    until: world.now + HOUR,
  }))
  const socket = (index: number): LiveSocket => ({
    watcher: watchers[index]!,
    send: text => sent[index]!.push(JSON.parse(text)),
    close: code => {
      open.delete(index)
      closed.push(code)
    },
  })
  const live = new LiveBoard({
    sockets: () => [...open].map(socket),
    openTasks: async () => {
      world.loads++
      return world.stored
    },
    admitted: async watching => {
      world.checks++
      return world.admitted(watching)
    },
    now: () => world.now,
    after: (ms, then) => world.timers.push({ at: world.now + ms, then }),
  })
  const settle = () => new Promise(resolve => setImmediate(resolve))
  async function pass(ms: number) {
    const end = world.now + ms
    for (;;) {
      await settle()
      world.timers.sort((a, b) => a.at - b.at)
      const next = world.timers[0]
      if (!next || next.at > end) break
      world.timers.shift()
      world.now = Math.max(world.now, next.at)
      next.then()
    }
    world.now = end
  }
  return { live, world, sent, closed, watchers, open, pass }
}

function aRow(over: Partial<IndexRow> = {}): IndexRow {
  return {
    id: 'tsk_a',
    team: 'team',
    workflow: 'wf',
    version: 1,
    title: 'Acme',
    key: null,
    status: 'running',
    step: 'draft',
    visit: 1,
    over: 0,
    seq: 1,
    due_at: null,
    cost: 0,
    created_at: 1,
    updated_at: 1,
    finished_at: null,
    card: JSON.stringify({ why: 'It runs.', act: null, attempt: 1, enteredAt: 1, asks: [] }),
    ...over,
  }
}

describe('a board that is watched', () => {
  it('says what has changed at once, with its seq, its step and the counts of all open tasks', async () => {
    const stored = Array.from({ length: 2000 }, (_, n) => ({
      id: `tsk_${n}`,
      seq: 3,
      step: 'draft',
      status: 'waiting',
    }))
    const { live, sent, pass } = aBoard({ stored })
    live.show(aRow({ id: 'tsk_7', seq: 4, step: 'approve' }))
    await pass(0)
    expect(sent[0]).toHaveLength(1)
    const [news] = sent[0]!
    expect(news!.cards).toMatchObject([{ id: 'tsk_7', seq: 4, step: 'approve', done: null }])
    expect(news!.cards[0]!.html).toContain('id="card-tsk_7"')
    expect(news!.counts).toEqual({ draft: { waiting: 1999 }, approve: { running: 1 } })
  })

  it('gathers a burst into at most ten pushes a second, the newest word about a card alone', async () => {
    const { live, sent, pass } = aBoard()
    for (let step = 0; step < 100; step++) {
      for (let task = 0; task < 5; task++) live.show(aRow({ id: `tsk_${task}`, seq: step + 1 }))
      await pass(10)
    }
    await pass(PUSH_EVERY_MS)
    expect(sent[0]!.length).toBeLessThanOrEqual(12)
    expect(sent[0]!.length).toBeGreaterThan(5)
    const last = sent[0]!.at(-1)!
    expect(last.cards.map(card => card.seq)).toEqual([100, 100, 100, 100, 100])
    for (const task of ['tsk_0', 'tsk_4']) {
      const seqs = sent[0]!.flatMap(news => news.cards.filter(card => card.id === task).map(card => card.seq))
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
    }
  })

  it('sends a burst of many tasks in parts and forgets none', async () => {
    const { live, sent, pass } = aBoard()
    for (let n = 0; n < 1000; n++) live.show(aRow({ id: `tsk_${n}` }))
    await pass(1000)
    expect(new Set(sent[0]!.flatMap(news => news.cards.map(card => card.id))).size).toBe(1000)
    expect(sent[0]!.at(-1)!.counts).toEqual({ draft: { running: 1000 } })
  })

  it('takes a task that is over out of its column, and lists it when it is done', async () => {
    const { live, sent, pass } = aBoard({ stored: [{ id: 'tsk_a', seq: 1, step: 'draft', status: 'running' }] })
    live.show(aRow({ status: 'done', step: null, over: 1, seq: 2, finished_at: 99 }))
    live.show(aRow({ id: 'tsk_b', status: 'cancelled', over: 1, seq: 2, finished_at: 99 }))
    await pass(0)
    const [done, cancelled] = sent[0]![0]!.cards
    expect(done).toMatchObject({ html: null, rank: 99 })
    expect(done!.done).toContain('id="done-tsk_a"')
    expect(cancelled).toMatchObject({ html: null, done: null })
    expect(sent[0]![0]!.counts).toEqual({})
  })

  it('tells who begins to watch what D1 may not have yet', async () => {
    const { live, sent, open, pass } = aBoard()
    open.clear()
    live.show(aRow({ seq: 5 }))
    live.show(aRow({ id: 'tsk_b', seq: 2 }))
    live.settled(aRow({ id: 'tsk_b', seq: 2 }))
    open.add(0)
    live.welcome()
    await pass(0)
    expect(sent[0]![0]!.cards.map(card => card.id)).toEqual(['tsk_a'])
    expect(sent[0]![0]!.counts).toEqual({ draft: { running: 1 } })
  })

  it('asks D1 nothing while nobody watches', async () => {
    const { live, world, pass } = aBoard({ sockets: 0 })
    live.show(aRow())
    await pass(1000)
    expect(world).toMatchObject({ loads: 0, checks: 0 })
  })

  it('closes a socket after an hour, so that its browser comes again and is asked who it is', async () => {
    const { live, world, sent, closed, pass } = aBoard()
    world.now += HOUR
    live.show(aRow())
    await pass(0)
    expect(closed).toEqual([1012])
    expect(sent[0]).toEqual([])
  })

  it('asks again within a minute who may watch, and tells those who may not nothing more', async () => {
    const { live, world, sent, closed, watchers, pass } = aBoard({ sockets: 2 })
    live.show(aRow())
    await pass(0)
    world.admitted = async () => new Set([watchers[1]!])
    live.show(aRow({ seq: 2 }))
    await pass(60_000)
    live.show(aRow({ seq: 3, title: 'Secret' }))
    await pass(0)
    expect(closed).toEqual([4401])
    expect(JSON.stringify(sent[0])).not.toContain('Secret')
    expect(JSON.stringify(sent[1])).toContain('Secret')
    expect(world.checks).toBe(2)
  })

  it('goes on while D1 is away, without counts', async () => {
    const { live, world, sent, pass } = aBoard()
    world.admitted = () => Promise.reject(new Error('D1_ERROR: away'))
    Object.defineProperty(world, 'stored', {
      get() {
        throw new Error('D1_ERROR: away')
      },
    })
    live.show(aRow())
    await pass(0)
    expect(sent[0]![0]).toMatchObject({ cards: [{ id: 'tsk_a' }], counts: null })
  })
})

describe('what people and models wrote', () => {
  const PAYLOADS = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '<a hx-get="/sign-out" hx-trigger="load">x</a>',
    '<div hx-on:load="alert(1)">',
    '<hx-partial hx-target="body">x</hx-partial>',
    'javascript:alert(1)',
    "' onmouseover='alert(1)",
    '</span></a></article><script>alert(1)</script>',
    '&lt;script&gt;alert(1)&lt;/script&gt;',
    '{{ constructor }}',
    '<svg/onload=alert(1)>',
    '<template><script>alert(1)</script></template>',
  ]

  /** The tags and attributes alone, without values and texts. */
  const skeleton = (html: string) => html.replaceAll(/"[^"]*"/g, '""').replaceAll(/>[^<]*/g, '>')

  async function pushed(text: string) {
    const { live, sent, pass } = aBoard()
    const ask = { assignees: [{ email: text, decided: false }], due: null, labels: [text] }
    const card = JSON.stringify({ why: text, act: 'decide', attempt: 1, enteredAt: 1, asks: [ask] })
    live.show(aRow({ title: text, status: 'waiting', card }))
    live.show(aRow({ id: 'tsk_b', title: text, status: 'done', over: 1, card }))
    await pass(0)
    return sent[0]![0]!.cards.map(({ html, done }) => html ?? done!)
  }

  it.each(PAYLOADS)('stays text in a pushed card: %s', async payload => {
    const [card, done] = await pushed(payload)
    const [harmless, harmlessDone] = await pushed('Acme')
    expect(skeleton(card!)).toBe(skeleton(harmless!))
    expect(skeleton(done!)).toBe(skeleton(harmlessDone!))
  })
})
