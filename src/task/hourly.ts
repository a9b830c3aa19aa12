/** The hourly pass: wakes open tasks that are past due, should ever an alarm have been lost. */
import { chunks } from '../domain/chunks.ts'
import { type Env, taskStub } from '../env.ts'
import { pastDue } from '../records/task/tasks.ts'

/** A task is given this long to wake by itself. */
const GRACE_MS = 120_000
const PAGE = 500
const AT_ONCE = 50

/** Wakes every open task whose time has passed; answers how many. */
export async function wakePastDue(env: Env, now: number): Promise<number> {
  let after = ''
  let woken = 0
  for (;;) {
    const late = await pastDue(env.DB, now - GRACE_MS, after, PAGE)
    for (const some of chunks(late, AT_ONCE)) {
      await Promise.allSettled(some.map(task => taskStub(env, task.team, task.id).wake(true)))
    }
    woken += late.length
    const last = late.at(-1)
    if (last === undefined || late.length < PAGE) return woken
    after = last.id
  }
}
