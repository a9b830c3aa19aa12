/**
 * Decisions and sampled tasks at once, over real SQL: whatever comes late, twice or at one moment, no draft goes unlooked at
 * before D1 has twenty approvals in a row, or once it has an edit or a rejection. Planted bugs are found.
 */
import { describe, expect, it } from 'vitest'
import type { LogRow } from '../../../src/domain/task/events.ts'
import { replay } from '../../../src/domain/task/evolve.ts'
import { basisOf, EARNED_AFTER, isEarned } from '../../../src/domain/task/people/sampling.ts'
import { type LearnedRows, writeLearned } from '../../../src/records/task/reviews/learned.ts'
import { streaksOf } from '../../../src/records/task/reviews/streaks.ts'
import { learnedRows } from '../../../src/task/object/projection.ts'
import type { StoredRow } from '../../../src/task/object/task-log.ts'
import { drawOf } from '../../../src/team/draw.ts'
import { sqliteD1 } from '../../support/d1.ts'
import { mulberry32 } from '../../support/random.ts'
import {
  ANA,
  approve,
  aTask,
  BEN,
  draft,
  type Journey,
  onboarding,
  sha256,
  versionOf,
} from '../../support/task-builders.ts'

const ONE_IN = 5
const STEP = { team: 'acme', workflow: 'wf_onboarding', steps: ['approve'] }
const SECRET = { BATON_SECRET: 'test-secret-0123456789abcdef-test-secret-0123456789abcdef-000000' }
const definition = onboarding({ steps: [draft(), approve({ edits: 'draft', undo: '60s', sample: ONE_IN })] })
const db = sqliteD1()

/** What could be done wrong. */
interface Bugs {
  /** Edits are not told. */
  ignoresEdits?: true
  /** Rejections are not told. */
  ignoresRejections?: true
  /** A decision that was taken back counts as it was made. */
  countsUndone?: true
  /** It is left out after fewer. */
  hurries?: true
  /** What was looked up at the first task counts for all. */
  looksOnce?: true
}

interface Seen {
  skipped: number
  asked: number
  ended: number
}

/** Sixty tasks, one after another; what people decide comes to D1 late, and some of it twice. */
async function schedule(seed: number, bugs: Bugs = {}): Promise<Seen> {
  await db.exec('DELETE FROM reviews; DELETE FROM corrections')
  const random = mulberry32(seed)
  const seen = { skipped: 0, asked: 0, ended: 0 }
  /** Approvals in a row that D1 was told of, by another count than the one that is tried. */
  let streak = 0
  let earnedBefore = false
  const onTheWay: { rows: LearnedRows[]; verdict: 'good' | 'bad' | 'none' }[] = []

  const land = async () => {
    const next = onTheWay.shift()
    if (next === undefined) return
    const statements = writeLearned(db, next.rows)
    if (statements.length > 0) await db.batch(statements)
    if (next.verdict === 'good') streak++
    if (next.verdict === 'bad') {
      if (streak >= EARNED_AFTER) seen.ended++
      streak = 0
    }
  }
  const flush = (task: Journey, from: number, verdict: 'good' | 'bad' | 'none') => {
    const rows = task.rows.slice(from).flatMap(row => told(task, row, bugs))
    onTheWay.push({ rows, verdict })
    if (random() < 0.3) onTheWay.push({ rows, verdict: 'none' })
  }

  for (let n = 1; n <= 60; n++) {
    const task = aTask(definition, { task: `tsk_${n}` })
    task.now += n * 100_000
    task.answer('Dear Acme')
    while (onTheWay.length > 0 && random() < 0.85) await land()
    const known = streak
    const pinned = versionOf(task.state.digest)
    const basis = basisOf(task.state, pinned, { asking: 'approve', drafted: 'draft' }, sha256)
    const draw = await drawOf(SECRET, `acme:tsk_${n}:2`, ONE_IN)
    const found = (await streaksOf(db, STEP, EARNED_AFTER)).get('approve')!
    const more = bugs.hurries && found.unchanged > 3 ? { ...found, unchanged: EARNED_AFTER } : found
    const earned: boolean = (bugs.looksOnce && earnedBefore) || isEarned(more, basis, draw)
    earnedBefore ||= earned
    // What lands between the look and the answer comes too late for this one.
    if (random() < 0.2) await land()
    const skip = earned && { skip: true as const }
    const events = task.do({ type: 'resolve', visit: 2, run: 1, people: {}, ...skip })
    const from = task.rows.length - 1
    if (events.includes('skipped')) {
      expect(known, `tsk_${n} went unlooked at`).toBeGreaterThanOrEqual(EARNED_AFTER)
      seen.skipped++
      flush(task, from, 'none')
      continue
    }
    seen.asked++
    flush(task, from, 'none')
    decideSomehow(task, random, flush)
  }
  return seen
}

function decideSomehow(
  task: Journey,
  random: () => number,
  flush: (task: Journey, from: number, verdict: 'good' | 'bad' | 'none') => void,
): void {
  const actor = random() < 0.5 ? ANA : BEN
  const from = task.rows.length
  const mood = random()
  if (mood < 0.015) {
    task.decide('approved', actor, { edits: 'Dear all' })
    flush(task, from, 'bad')
  } else if (mood < 0.03) {
    task.decide('rejected', actor)
    flush(task, from, 'bad')
  } else if (mood < 0.1) {
    // It comes to nothing, and to nobody's credit, until it is decided again.
    task.decide('approved', actor)
    task.do({ type: 'undo' }, actor)
    flush(task, from, 'none')
  } else {
    task.decide('approved', actor)
    flush(task, from, 'good')
  }
}

function told(task: Journey, row: LogRow, bugs: Bugs): LearnedRows[] {
  const before = replay(task.rows.filter(({ seq }) => seq < row.seq))
  const memory = {
    pinned: ({ digest }: { digest: string }) => versionOf(digest),
    blob: () => null,
    log: { rows: () => task.rows as StoredRow[] },
  }
  const rows = learnedRows(row as StoredRow, before, memory as unknown as Parameters<typeof learnedRows>[2])
  if (rows === null) return []
  const reviews = rows.reviews
    .filter(({ verdict }) => !(bugs.ignoresRejections && verdict === 'rejected'))
    .filter(({ verdict }) => !(bugs.countsUndone && verdict === 'undone'))
    .map(one => (bugs.ignoresEdits ? { ...one, edited: 0 as const } : one))
  return [{ ...rows, reviews }]
}

const SEEDS = 80

describe('sampling, in seeded schedules', () => {
  it('never leaves out a draft that is to be looked at', { timeout: 60_000 }, async () => {
    const all: Seen = { skipped: 0, asked: 0, ended: 0 }
    for (let seed = 1; seed <= SEEDS; seed++) {
      const seen = await schedule(seed)
      for (const name of ['skipped', 'asked', 'ended'] as const) all[name] += seen[name]
    }
    // It says something only if all of that happens.
    expect(all.skipped).toBeGreaterThan(200)
    expect(all.asked).toBeGreaterThan(200)
    expect(all.ended).toBeGreaterThan(5)
  })

  it.each<[string, Bugs]>([
    ['an edit that is not told', { ignoresEdits: true }],
    ['a rejection that is not told', { ignoresRejections: true }],
    ['a decision that counts though it was taken back', { countsUndone: true }],
    ['a draft that is left out after too few', { hurries: true }],
    ['a look that is taken once for all', { looksOnce: true }],
  ])('finds %s', async (_, bugs) => {
    const run = async () => {
      for (let seed = 1; seed <= SEEDS; seed++) await schedule(seed, bugs)
    }
    await expect(run()).rejects.toThrow('went unlooked at')
  })

  it('draws about one in five, the same each time, by a key of its own', async () => {
    const drawn = (env: typeof SECRET) =>
      Promise.all(Array.from({ length: 1000 }, (_, n) => drawOf(env, `acme:tsk_${n}:2`, ONE_IN)))
    const draws = await drawn(SECRET)
    const put = draws.filter(draw => draw === 0).length
    expect(put).toBeGreaterThan(150)
    expect(put).toBeLessThan(250)
    expect(await drawn(SECRET)).toEqual(draws)
    expect(await drawn({ BATON_SECRET: `other-${SECRET.BATON_SECRET}` })).not.toEqual(draws)
  })
})
