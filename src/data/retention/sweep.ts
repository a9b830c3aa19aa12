/**
 * What teams no longer keep goes, hour by hour, in portions: each is written to an archive first, and deleted only once that
 * is whole. A pass that is broken off anywhere is taken up where it stopped.
 */
import { before, type Retention } from '../../domain/retention.ts'
import type { Env } from '../../env.ts'
import {
  type ArchiveRow,
  deleteArchivedAudit,
  deleteAudit,
  finishTasks,
  forgetArchive,
  oldestAudit,
  unfinishedArchives,
} from '../../records/data/archives.ts'
import { type OldTask, oldTasks, teamsWithOld } from '../../records/data/retention.ts'
import { deleteTask } from '../../task/gone/delete-task.ts'
import { archiveAudit, archiveTasks, discard } from './archive.ts'

/** Rows of the audit, and tasks, of one archive. */
interface Portion {
  rows: number
  tasks: number
}

const PORTION: Portion = { rows: 10_000, tasks: 25 }
/** Portions of one pass, at most. */
const PORTIONS = 20
const TEAMS = 50

/** Deletes what is older than its team keeps, up to a pass's share; what fails is left for the next pass. */
export async function sweepRetention(env: Env, now: number, portion = PORTION): Promise<void> {
  let left = PORTIONS
  for (let after = ''; left > 0; ) {
    const canArchive = env.FILES !== undefined
    const teams = await teamsWithOld(env.DB, { now, canArchive, after, most: TEAMS })
    for (const team of teams) {
      try {
        while (left > 0 && (await onePortion(env, team, now, portion))) left--
      } catch (error) {
        console.error(JSON.stringify({ level: 'error', what: 'retention', team: team.team, error: String(error) }))
      }
    }
    const last = teams.at(-1)
    if (last === undefined || teams.length < TEAMS) return
    after = last.team
  }
}

/** Brings what was begun to its end, or else takes one portion more; false: nothing is left to do. */
async function onePortion(
  env: Env,
  team: Retention & { team: string },
  now: number,
  portion: Portion,
): Promise<boolean> {
  for (const archive of await unfinishedArchives(env.DB, team.team)) await finish(env, archive, now)
  const archives = env.FILES !== undefined
  if (!archives && !team.unarchived) return false
  const auditBefore = before(team.auditDays, now)
  const inAudit = archives
    ? await archiveAudit(env, team.team, auditBefore, portion.rows, now)
    : await auditUnarchived(env, team.team, auditBefore, portion.rows, now)
  if (inAudit !== null) return inAudit === 'gone' || finish(env, inAudit, now)
  if (team.taskDays === null) return false
  const old = await oldTasks(env.DB, team.team, before(team.taskDays, now), portion.tasks)
  if (old.length === 0) return false
  if (!archives) return (await deleteTasks(env, team.team, old, now)) > 0
  const archive = await archiveTasks(env, team.team, old, now)
  return finish(env, archive, now)
}

/** Deletes what a whole archive holds; one that is not whole, or lacks what came since, is given up. Answers whether it was deleted. */
async function finish(env: Env, archive: ArchiveRow, now: number): Promise<boolean> {
  if (archive.status === 'kept' && archive.kind === 'tasks') {
    const held = JSON.parse(archive.holds!) as OldTask[]
    const gone = await deleteTasks(env, archive.team, held, now)
    await finishTasks(env.DB, archive, now)
    return gone > 0
  }
  if (archive.status === 'kept' && (await deleteArchivedAudit(env.DB, archive, now))) return true
  await discard(env, archive)
  await forgetArchive(env.DB, archive.team, archive.id)
  return false
}

async function auditUnarchived(env: Env, team: string, before: number, most: number, now: number) {
  const rows = await oldestAudit(env.DB, team, before, null, most)
  const last = rows.at(-1)
  if (last === undefined) return null
  await deleteAudit(env.DB, team, last, rows.length, now)
  return 'gone' as const
}

/** Answers how many went: one that was told something since stays for another pass. */
async function deleteTasks(env: Env, team: string, tasks: OldTask[], now: number): Promise<number> {
  let gone = 0
  for (const task of tasks) {
    const done = await deleteTask(env, { team, task: task.id, actor: null, seq: task.seq, known: task }, now)
    if (done.ok) gone++
  }
  return gone
}
