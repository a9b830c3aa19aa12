/** How the latest decisions at human steps went, from their reviews in D1. */
import type { Streak } from '../../../domain/task/people/sampling.ts'
import type { reviews } from '../../schema/task.ts'

/** A streak, and the decision that ended the one before it; null: none is known. */
export interface KnownStreak extends Streak {
  ended: { at: number; person: string; verdict: 'edited' | 'rejected' | 'changed'; task: string } | null
}

const LATEST = `SELECT at, task, person, verdict, edited, basis FROM reviews
  WHERE team = ?1 AND workflow = ?2 AND at_step = ?3 AND kind = 'decide' AND (verdict IN ('approved', 'rejected') OR edited = 1)
  ORDER BY at DESC LIMIT ?4`

type Latest = Pick<typeof reviews.$inferSelect, 'at' | 'task' | 'person' | 'verdict' | 'edited' | 'basis'>

/**
 * The streak of each of these steps, up to `most`. What was taken back, or decided by time alone, does not count; an edit
 * does at once, though others are still to approve it.
 */
export async function streaksOf(
  db: D1Database,
  { team, workflow, steps }: { team: string; workflow: string; steps: string[] },
  most: number,
): Promise<Map<string, KnownStreak>> {
  if (steps.length === 0) return new Map()
  const latest = db.prepare(LATEST)
  const answers = await db.batch<Latest>(steps.map(step => latest.bind(team, workflow, step, most)))
  return new Map(steps.map((step, index) => [step, streakOf(answers[index]!.results)]))
}

function streakOf(latest: Latest[]): KnownStreak {
  const basis = latest[0]?.basis ?? null
  const end = latest.findIndex(one => one.verdict !== 'approved' || one.edited === 1 || one.basis !== basis)
  const ending = end < 0 ? undefined : latest[end]
  return { unchanged: end < 0 ? latest.length : end, basis, ended: ending === undefined ? null : endOf(ending) }
}

function endOf({ at, person, verdict, edited, task }: Latest): KnownStreak['ended'] {
  return { at, person, task, verdict: edited === 1 ? 'edited' : verdict === 'rejected' ? 'rejected' : 'changed' }
}
