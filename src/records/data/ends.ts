/**
 * The end of a team: asked for, taken back within its time, or carried out on every table that D1 has. Which tables those
 * are D1 says itself, so that none is forgotten; the few whose rows do not name their team are named here.
 */
import type { Actor } from '../../domain/task/events.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'

interface Asking {
  team: string
  actor: Actor
  at: number
}

const ASK = `INSERT INTO team_ends (team, asked_at, asked_by, ends_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (team) DO NOTHING`

/** The team is to be gone by then, on record. */
export async function askEnd(db: D1Database, { team, actor, at }: Asking, by: string, endsAt: number): Promise<void> {
  const facts = { from: 'kept', to: `deleted from ${new Date(endsAt).toISOString()} on` }
  await db.batch([
    db.prepare(ASK).bind(team, at, by, endsAt),
    await actStatement(db, { team, at, type: 'team.ending', actor, facts }, LAST_CHANGED),
  ])
}

const KEEP = 'DELETE FROM team_ends WHERE team = ?1 AND gone_at IS NULL AND ends_at > ?2'

/** The team stays after all, on record; false: its time is over. */
export async function keepTeam(db: D1Database, { team, actor, at }: Asking): Promise<boolean> {
  const facts = { from: 'to be deleted', to: 'kept' }
  const [kept] = await db.batch([
    db.prepare(KEEP).bind(team, at),
    await actStatement(db, { team, at, type: 'team.kept', actor, facts }, LAST_CHANGED),
  ])
  return kept!.meta.changes === 1
}

/** Teams whose time is over and of which something may be left. */
export async function endsDue(db: D1Database, now: number): Promise<string[]> {
  const sql = 'SELECT team FROM team_ends WHERE gone_at IS NULL AND ends_at <= ?1 ORDER BY ends_at LIMIT 5'
  return (await db.prepare(sql).bind(now).all<{ team: string }>()).results.map(({ team }) => team)
}

/** Marks the team as gone for whatever comes late, and shuts its keys: from here on nothing of it is written. */
export async function shutTeam(db: D1Database, team: string, now: number): Promise<void> {
  await db.batch([
    db
      .prepare(
        `INSERT INTO gone_tasks (team, task, created_at, updated_at, at) VALUES (?1, '', ?2, ?2, ?2) ON CONFLICT (team, task) DO NOTHING`,
      )
      .bind(team, now),
    db.prepare('DELETE FROM keys WHERE team = ?1').bind(team),
    db.prepare('DELETE FROM intakes WHERE team = ?1').bind(team),
  ])
}

/** Some of the team's tasks: those of the index, and deleted ones whose objects may not be empty. */
export async function someTasks(db: D1Database, team: string, most: number): Promise<string[]> {
  const sql = `SELECT id FROM tasks WHERE team = ?1 UNION ALL SELECT task AS id FROM gone_tasks
    WHERE team = ?1 AND task <> '' AND empty_at IS NOT NULL LIMIT ?2`
  return (await db.prepare(sql).bind(team, most).all<{ id: string }>()).results.map(({ id }) => id)
}

/** These tasks are empty: D1 forgets them. */
export async function forgetTasks(db: D1Database, team: string, tasks: string[]): Promise<void> {
  const of = (sql: string) => db.prepare(sql).bind(team, JSON.stringify(tasks))
  const among = 'IN (SELECT value FROM json_each(?2))'
  await db.batch([
    of(`DELETE FROM notices WHERE task ${among} AND ?1 <> ''`),
    of(`DELETE FROM tasks WHERE team = ?1 AND id ${among}`),
    of(`DELETE FROM gone_tasks WHERE team = ?1 AND task ${among}`),
  ])
}

/** Rows of the audit that go at once. */
const AT_ONCE = 5000
const AUDIT = `DELETE FROM audit WHERE team = ?1 AND (at, task, seq) IN
  (SELECT at, task, seq FROM audit WHERE team = ?1 ORDER BY at, task, seq LIMIT ${AT_ONCE})`

/** Deletes some of the team's audit; false: none is left. */
export async function deleteSomeAudit(db: D1Database, team: string): Promise<boolean> {
  return (await db.prepare(AUDIT).bind(team).run()).meta.changes > 0
}

/** What stays: that there was a team of this id. */
const STAYS = ['team_ends', 'gone_tasks']
const TABLES = `SELECT m.name, p.name AS whose FROM sqlite_master m JOIN pragma_table_info(m.name) p
  WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND p.name IN ('team', 'organizationId') ORDER BY m.name`
/** Tables whose rows name something of the team alone. */
const BESIDE = [
  'DELETE FROM schedule_slots WHERE schedule IN (SELECT id FROM schedules WHERE team = ?1)',
  `DELETE FROM passages WHERE rowid IN (SELECT rowid FROM passages WHERE passages MATCH 'ids : "' || ?1 || '"')`,
  `UPDATE session SET activeOrganizationId = NULL WHERE activeOrganizationId = ?1
     AND userId IN (SELECT userId FROM member WHERE organizationId = ?1)`,
]

/** Read from end to end where no index finds the team: once in its life. */
const WHOLE = '/* the end of a team */'

/** Deletes all rows of the team, of every table that names one, and the team. */
export async function deleteRows(db: D1Database, team: string): Promise<void> {
  const { results } = await db.prepare(TABLES).all<{ name: string; whose: string }>()
  const own = results.filter(({ name }) => !STAYS.includes(name))
  await db.batch([
    ...BESIDE.map(sql => db.prepare(`${WHOLE} ${sql}`).bind(team)),
    ...own.map(({ name, whose }) => db.prepare(`${WHOLE} DELETE FROM ${name} WHERE ${whose} = ?1`).bind(team)),
    db.prepare('DELETE FROM organization WHERE id = ?1').bind(team),
    db.prepare(`DELETE FROM gone_tasks WHERE team = ?1 AND task <> ''`).bind(team),
  ])
}

/** All of it is gone. */
export async function noteGone(db: D1Database, team: string, now: number): Promise<void> {
  await db.prepare(`UPDATE team_ends SET gone_at = ?2, asked_by = '' WHERE team = ?1`).bind(team, now).run()
}
