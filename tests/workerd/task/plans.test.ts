/** How D1 goes about the queries that run again and again: by an index, whatever the tables grow to. */
import { env as bindings } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import type { Env } from '../../../src/env.ts'
import { listAudit } from '../../../src/records/audit.ts'
import { countHeld } from '../../../src/records/intake/held-deliveries.ts'
import { listQuestions } from '../../../src/records/task/approvals.ts'
import { wakePastDue } from '../../../src/task/hourly.ts'
import { aTask, modelsAnswer, promptsInARow, says, until } from '../../support/engine.ts'
import { fullScans, statementsThatRan } from '../../support/no-full-scans.ts'
import { eventually } from '../api/client.ts'

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

  test.each([
    [{ of: 'ana@acme.test' }, 'SEARCH k USING PRIMARY KEY (team=? AND email=?'],
    [{ of: 'ana@acme.test', dueBefore: 5 }, 'SEARCH k USING PRIMARY KEY (team=? AND email=?'],
    [{}, 'SEARCH k USING INDEX questions_by_age (team=?'],
    [{ dueBefore: 5 }, 'SEARCH k USING INDEX questions_by_due (team=?'],
  ])('the inbox looks at a page of its questions, oldest first: %o', async (filter, search) => {
    for (const cursor of [null, { at: 5, id: 'tsk_a:2' }]) {
      // What comes back is the plan and no question.
      const plan = await plansOf(db => listQuestions(db, 'team_acme', filter, cursor).catch(() => null))
      expect(plan.find(step => / k /.test(step))).toContain(search)
      expect(plan.filter(step => /ORDER BY/.test(step))).toEqual([])
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

describe('after each file every statement that ran is looked at, for tables that are read from end to end', () => {
  test('which finds them, however they are named', async () => {
    for (const sql of [
      'SELECT * FROM tasks',
      "SELECT id FROM tasks t WHERE t.title = ?1 AND t.status <> 'a?b'",
      'SELECT count(*) FROM workflows w JOIN tasks t ON t.title = w.name',
      'UPDATE "tasks" SET "title" = ? WHERE "title" = ?',
      'DELETE FROM audit WHERE digest = ?1',
      'SELECT v.value FROM tasks x, json_each(x.card) v WHERE x.version = ?2',
    ])
      expect(await fullScans(sql), sql).not.toEqual([])
    for (const sql of [
      'SELECT * FROM tasks WHERE id = ?1',
      'SELECT * FROM (SELECT * FROM tasks WHERE team = ?1 LIMIT 5) t WHERE t.title = ?2',
      'SELECT value FROM json_each(?1)',
    ])
      expect(await fullScans(sql), sql).toEqual([])
  })

  test('and sees those of the Worker, of drizzle and of the objects, and none of a test', async () => {
    await env.DB.prepare('SELECT count(*) FROM outbox').first()
    await countHeld(env.DB, 'team_acme', 'wf_a')
    modelsAnswer(() => says('fine'))
    const task = await aTask(promptsInARow(1))
    await until(task, view => view.status === 'done')
    await eventually(async () => {
      const ran = [...statementsThatRan()]
      expect(ran.filter(sql => /^select count.* from "held"/.test(sql))).toHaveLength(1)
      expect(ran.filter(sql => sql.startsWith('INSERT INTO tasks'))).not.toEqual([])
      expect(ran).not.toContain('SELECT count(*) FROM outbox')
    })
  })
})
