/** How D1 goes about the queries that run again and again: by an index, whatever the tables grow to. */
import { env as bindings } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import type { Env } from '../../../src/env.ts'
import { listQuestions } from '../../../src/records/approvals.ts'
import { listAudit } from '../../../src/records/audit.ts'
import { wakePastDue } from '../../../src/task/hourly.ts'

const env = bindings as unknown as Env

/** What D1 answers `EXPLAIN QUERY PLAN` for each statement that `act` prepares. */
async function plansOf(act: (db: D1Database) => Promise<unknown>): Promise<string[]> {
  const prepare = env.DB.prepare.bind(env.DB)
  const explained = vi.spyOn(env.DB, 'prepare').mockImplementation(sql => prepare(`EXPLAIN QUERY PLAN ${sql}`))
  const asked = vi.spyOn(Object.getPrototypeOf(prepare('SELECT 1')), 'all')
  try {
    await act(env.DB)
    const answers = await Promise.all(asked.mock.results.map(result => result.value as Promise<D1Result>))
    return answers.flatMap(({ results }) => (results as { detail: string }[]).map(row => row.detail))
  } finally {
    explained.mockRestore()
    asked.mockRestore()
  }
}

const scans = (plan: string[]) => plan.filter(step => /^SCAN (t|tasks|audit)\b/.test(step))

describe('by an index', () => {
  test('the hourly pass looks at open tasks only', async () => {
    const plan = await plansOf(() => wakePastDue(env, Date.now()))
    expect(plan).toContain('SEARCH t USING INDEX tasks_by_workflow (team=? AND workflow=? AND over=?)')
    expect(scans(plan)).toEqual([])
  })

  test('the inbox looks at open tasks only, a page of it too', async () => {
    const filter = { of: 'ana@acme.test', dueBefore: 5 }
    for (const cursor of [null, { at: 5, id: 'tsk_a:2' }]) {
      // What comes back is the plan and no question.
      const plan = await plansOf(db => listQuestions(db, 'team_acme', filter, cursor).catch(() => null))
      expect(plan).toContain('SEARCH t USING INDEX tasks_by_workflow (team=? AND workflow=? AND over=?)')
      expect(scans(plan)).toEqual([])
    }
  })

  test('the audit of a task is looked for in the time in which the task lived', async () => {
    const plan = await plansOf(db => listAudit(db, 'team_acme', { task: 'tsk_a' }, null))
    expect(plan).toContain('SEARCH audit USING PRIMARY KEY (team=? AND at>? AND at<?)')
    expect(scans(plan)).toEqual([])
  })

  test('a page of the audit begins where the one before it ended', async () => {
    const plan = await plansOf(db => listAudit(db, 'team_acme', {}, { at: 5, id: 'tsk_a.1' }))
    expect(plan).toContain('SEARCH audit USING PRIMARY KEY (team=? AND (at,task,seq)<(?,?,?))')
  })
})
