/** What people made of models' drafts, as rows of the log tell it, and that flushes which come twice or late change nothing of it. */
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../../src/domain/json/json.ts'
import type { LogRow } from '../../../../src/domain/task/events.ts'
import { replay } from '../../../../src/domain/task/evolve.ts'
import { learnedFrom } from '../../../../src/domain/task/told/learned.ts'
import type { Correction, Learned, Review } from '../../../../src/domain/task/told/review.ts'
import type { LearnedRows } from '../../../../src/records/task/reviews/learned.ts'
import { writeLearned } from '../../../../src/records/task/reviews/learned.ts'
import { learnedRows } from '../../../../src/task/object/projection.ts'
import type { StoredRow } from '../../../../src/task/object/task-log.ts'
import { sqliteD1 } from '../../../support/d1.ts'
import { mulberry32 } from '../../../support/random.ts'
import {
  ANA,
  approve,
  aTask,
  BEN,
  draft,
  type Journey,
  MINUTE,
  onboarding,
  research,
  sha256,
  versionOf,
} from '../../../support/task-builders.ts'

const blob = () => null

function learnedOf(task: Journey, row: LogRow): Learned | null {
  const earlier = task.rows.filter(({ seq }) => seq < row.seq)
  const rows = () => task.rows.filter(({ seq }) => seq <= row.seq)
  return learnedFrom(row, { before: replay(earlier), pinned: ({ digest }) => versionOf(digest), blob, rows, sha256 })
}

function all(task: Journey): { reviews: Partial<Review>[]; corrections: Partial<Correction>[] } {
  const learned = task.rows.map(row => learnedOf(task, row)).filter(one => one !== null)
  return {
    reviews: learned.flatMap(one => one.reviews),
    corrections: learned.flatMap(one => one.corrections),
  }
}

const FIELDS = { type: 'object', properties: { subject: { type: 'string' }, lines: { type: 'array' } } } as const
const LETTER: Json = { subject: 'Welcome', lines: [{ amount: 1 }, { amount: 2 }] }

/** A structured draft that waits for its approval. */
function drafted(human: Parameters<typeof approve>[0] = {}, output: Json = LETTER): Journey {
  const steps = [draft({ output: FIELDS }), approve({ edits: 'draft', ...human })]
  const task = aTask(onboarding({ owner: 'boss@acme.test', steps }))
  task.answer(output)
  return task
}

describe('what people make of a draft', () => {
  it('is approved as it was: a review, and no correction', () => {
    const task = drafted()
    task.decide('approved')
    expect(all(task)).toMatchObject({
      reviews: [
        {
          step: 'draft',
          at: 'approve',
          agent: null,
          model: 'gpt-5-mini',
          person: 'ana@acme.test',
          verdict: 'approved',
        },
      ],
      corrections: [],
    })
    expect(all(task).reviews[0]).toMatchObject({ edited: false, kind: 'decide', visit: 2, run: 1 })
  })

  it('is edited in two fields: each is a correction', () => {
    const task = drafted()
    task.decide('approved', ANA, { edits: { subject: 'Hello', lines: [{ amount: 1 }, { amount: 3 }] } })
    const { reviews, corrections } = all(task)
    expect(reviews).toMatchObject([{ verdict: 'approved', edited: true }])
    expect(corrections).toMatchObject([
      { step: 'draft', at: 'approve', why: 'edited', field: 'subject', before: 'Welcome', after: 'Hello' },
      { field: 'lines[1].amount', before: '2', after: '3' },
    ])
  })

  it('is edited by one of two who must approve: the review says so once the other has approved, too', () => {
    const task = drafted({ needs: 2 })
    task.decide('approved', ANA, { edits: { subject: 'Hello', lines: [] } })
    task.decide('approved', BEN)
    expect(all(task).reviews).toMatchObject([
      { verdict: 'open', edited: true, person: 'ana@acme.test' },
      { verdict: 'approved', edited: false, person: 'ben@acme.test' },
    ])
  })

  it('is sent back with a reason: what the next draft changed is a correction with that reason', () => {
    const task = drafted()
    task.decide('rejected', BEN, { note: 'Too cold.' })
    task.answer({ subject: 'Dear friends', lines: LETTER.lines as Json })
    task.decide('approved')
    expect(all(task)).toMatchObject({
      reviews: [
        { verdict: 'rejected', person: 'ben@acme.test' },
        { verdict: 'approved', edited: false },
      ],
      corrections: [
        {
          why: 'redrafted',
          at: 'approve',
          person: 'ben@acme.test',
          note: 'Too cold.',
          field: 'subject',
          after: 'Dear friends',
        },
      ],
    })
  })

  it('is taken back: the decision counts as undone, and the next one anew', () => {
    const task = drafted({ undo: '60s' })
    task.decide('rejected')
    task.do({ type: 'undo' }, ANA)
    task.decide('approved')
    task.now += MINUTE
    task.do({ type: 'wake' })
    expect(all(task).reviews.map(({ verdict }) => verdict)).toEqual(['rejected', 'undone', 'approved'])
  })

  it('was not decided in time: nobody approved or rejected anything', () => {
    const task = drafted({ due: '1h', overdue: { handoff: 'rejected' } })
    task.wake()
    expect(all(task).reviews).toMatchObject([{ verdict: 'lapsed', person: 'system' }])
  })

  it('is about an agent’s draft: its version is on record', () => {
    const toApproval = { handoffs: [{ to: 'approve' }] }
    const task = aTask(onboarding({ steps: [research(toApproval), approve()] }))
    task.answer('Acme makes anvils.')
    task.decide('approved')
    expect(all(task).reviews).toMatchObject([{ step: 'research', agent: 'researcher', agentVersion: 7 }])
  })

  it('is a doubtful answer: whoever chooses otherwise than the model corrects it', () => {
    const handoffs = [
      { when: 'good', to: 'complete' },
      { when: 'bad', to: 'complete' },
    ]
    const doubtful = (chosen: string) => {
      const task = aTask(onboarding({ steps: [draft({ handoffs })] }))
      task.answer('Hm', { handoff: 'good', confidence: 0.3 })
      task.decide(chosen)
      return all(task)
    }
    expect(doubtful('good')).toMatchObject({ reviews: [{ verdict: 'open' }, { verdict: 'approved', edited: false }] })
    expect(doubtful('bad')).toMatchObject({
      reviews: [{ kind: 'unsure' }, { verdict: 'approved', edited: true }],
      corrections: [{ why: 'answered', field: 'handoff', before: 'good', after: 'bad' }],
    })
  })

  it('costs tasks that nobody touches nothing: their rows are told without a look at the log', () => {
    const task = aTask(onboarding({ steps: [draft({ handoffs: [{ to: 'complete' }] })] }))
    task.answer('Dear Acme')
    const asked = () => {
      throw new Error('was asked')
    }
    const around = { before: null, pinned: asked, blob, rows: asked, sha256: asked }
    for (const row of task.rows) {
      const before = replay(task.rows.filter(({ seq }) => seq < row.seq))
      expect(learnedFrom(row, { ...around, before })).toBeNull()
    }
  })
})

describe('flushes that come twice or late', () => {
  const db = sqliteD1()

  /** What D1 comes to when these rows are written in this order, several at a time. */
  async function written(groups: LearnedRows[][]): Promise<unknown> {
    await db.exec('DELETE FROM reviews; DELETE FROM corrections')
    for (const group of groups) {
      const statements = writeLearned(db, group)
      if (statements.length > 0) await db.batch(statements)
    }
    const reviews = await db.prepare('SELECT * FROM reviews ORDER BY task, visit, run').all()
    const corrections = await db.prepare('SELECT * FROM corrections ORDER BY at, task, seq, n').all()
    return { reviews: reviews.results, corrections: corrections.results }
  }

  function rowsOf(task: Journey): LearnedRows[] {
    return task.rows.flatMap(row => {
      const before = replay(task.rows.filter(({ seq }) => seq < row.seq))
      const log = { rows: () => task.rows as StoredRow[] }
      const memory = { pinned: ({ digest }: { digest: string }) => versionOf(digest), blob, log }
      return learnedRows(row as StoredRow, before, memory as unknown as Parameters<typeof learnedRows>[2]) ?? []
    })
  }

  function lively(): Journey {
    const task = drafted({ needs: 2, undo: '60s' })
    task.decide('rejected', BEN, { note: 'Too cold.' })
    task.now += MINUTE
    task.do({ type: 'wake' })
    task.answer({ subject: 'Dear friends', lines: [] })
    task.decide('approved', ANA, { edits: { subject: 'Dear all', lines: [] } })
    task.decide('approved', BEN)
    task.do({ type: 'undo' }, BEN)
    task.decide('approved', BEN)
    return task
  }

  it('leave D1 as each row once and in order does, in 300 schedules', async () => {
    const rows = rowsOf(lively())
    const right = await written(rows.map(row => [row]))
    expect(right).toMatchObject({ reviews: [{ verdict: 'rejected' }, { verdict: 'approved', edited: 1 }] })
    for (let seed = 1; seed <= 300; seed++) {
      const random = mulberry32(seed)
      const groups: LearnedRows[][] = []
      // A flush begins at what is not confirmed; one whose answer was lost is sent again with what came since, and may arrive late.
      const late: LearnedRows[][] = []
      for (let from = 0; from < rows.length; ) {
        const to = from + 1 + Math.floor(random() * (rows.length - from))
        const flush = rows.slice(from, to)
        groups.push(flush)
        if (random() < 0.5) late.push(flush)
        if (late.length > 0 && random() < 0.5) groups.push(late.shift()!)
        if (random() < 0.7) from = to
      }
      expect(await written([...groups, ...late]), `seed ${seed}`).toEqual(right)
    }
  })
})
