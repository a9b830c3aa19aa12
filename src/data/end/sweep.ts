/**
 * A team whose time is over goes: first nothing new can come, then each task's object is emptied, then D1's rows, the files
 * and the Gate. Every part does what is left of it, so that a pass that is broken off is taken up by the next.
 */
import { chunks } from '../../domain/chunks.ts'
import { type Env, gateStub } from '../../env.ts'
import {
  deleteRows,
  deleteSomeAudit,
  endsDue,
  forgetTasks,
  noteGone,
  shutTeam,
  someTasks,
} from '../../records/data/ends.ts'
import { callTask } from '../../task/call.ts'

/** Tasks that a pass empties, and how many at a time. */
const TASKS = 300
const AT_ONCE = 20
/** Parts of the audit, and of the bucket, that a pass deletes. */
const PARTS = 40

/** Deletes of teams whose time is over what a pass can; what fails is left for the next. */
export async function sweepEnds(env: Env, now: number): Promise<void> {
  for (const team of await endsDue(env.DB, now)) {
    try {
      if (await endTeam(env, team, now)) await noteGone(env.DB, team, now)
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', what: 'end of a team', team, error: String(error) }))
    }
  }
}

/** Whether all of it is gone. */
async function endTeam(env: Env, team: string, now: number): Promise<boolean> {
  await shutTeam(env.DB, team, now)
  const tasks = await someTasks(env.DB, team, TASKS)
  for (const some of chunks(tasks, AT_ONCE)) {
    await Promise.all(some.map(task => callTask(env, team, task, stub => stub.forget(true))))
    await forgetTasks(env.DB, team, some)
  }
  if (tasks.length === TASKS) return false
  for (let part = 0; await deleteSomeAudit(env.DB, team); part++) if (part === PARTS) return false
  if (!(await emptyBucket(env, team))) return false
  await gateStub(env, team).forget()
  await deleteRows(env.DB, team)
  return true
}

/** Deletes what lies under the team's name; false: not all of it yet. */
async function emptyBucket({ FILES }: Env, team: string): Promise<boolean> {
  if (FILES === undefined) return true
  for (let part = 0; part < PARTS; part++) {
    const { objects } = await FILES.list({ prefix: `${team}/` })
    if (objects.length === 0) return true
    await FILES.delete(objects.map(({ key }) => key))
  }
  return false
}
