/** The hourly pass: wakes open tasks that are past due, should ever an alarm have been lost. */
import { type Env, taskStub } from '../env.ts'

/** A task is given this long to wake by itself. */
const GRACE_MS = 120_000
const AT_ONCE = 50

// Rides tasks_by_workflow over the open tasks only: a scan of all tasks would cost more each month. Left to itself, SQLite
// takes the primary key for the order's sake, and with it every task that there ever was.
export const PAST_DUE = `SELECT t.team, t.id FROM workflows w CROSS JOIN tasks t ON t.team = w.team AND t.workflow = w.id AND t.over = 0
  WHERE t.due_at < ?1 AND +t.id > ?2 ORDER BY +t.id LIMIT 500`

/** Wakes every open task whose time has passed; answers how many. */
export async function wakePastDue(env: Env, now: number): Promise<number> {
  let after = ''
  let woken = 0
  for (;;) {
    const { results } = await env.DB.prepare(PAST_DUE)
      .bind(now - GRACE_MS, after)
      .all<{ team: string; id: string }>()
    for (let i = 0; i < results.length; i += AT_ONCE) {
      await Promise.allSettled(results.slice(i, i + AT_ONCE).map(task => taskStub(env, task.team, task.id).wake(true)))
    }
    woken += results.length
    const last = results[results.length - 1]
    if (last === undefined || results.length < 500) return woken
    after = last.id
  }
}
