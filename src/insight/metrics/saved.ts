/** Time saved in a span of days, workflow by workflow, where somebody said how long a task took before. */
import { type Baseline, type DoneTasks, savedBy } from '../../domain/metrics/saved.ts'
import { baselinesOf } from '../../records/definitions/baselines.ts'
import { figuresByWorkflow } from '../../records/task/figures.ts'
import type { Range } from '../range.ts'

interface SavedIn extends DoneTasks {
  workflow: string
  baseline: Baseline
  ms: number
}

export interface Saved {
  ms: number
  workflows: SavedIn[]
}

/** Of one workflow or of all; null: nobody said how long a task took before. */
export async function timeSaved(
  db: D1Database,
  team: string,
  workflow: string | undefined,
  range: Range,
): Promise<Saved | null> {
  const all = await baselinesOf(db, team)
  const ids = [...all.keys()].filter(id => workflow === undefined || id === workflow)
  if (ids.length === 0) return null
  const found = await figuresByWorkflow(db, team, range, ids)
  const workflows = ids.map(id => {
    const done = found.filter(one => one.workflow === id && one.status === 'done')
    const sum = (of: 'tasks' | 'decided') => done.reduce((total, one) => total + one[of], 0)
    const tasks = { done: sum('tasks'), decided: sum('decided') }
    const baseline = all.get(id)!
    return { workflow: id, baseline, ...tasks, ms: savedBy(baseline, tasks) }
  })
  return {
    ms: workflows.reduce((total, { ms }) => total + ms, 0),
    workflows: workflows.toSorted((a, b) => b.ms - a.ms),
  }
}
