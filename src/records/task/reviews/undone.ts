/** Which decisions were taken back, as the audit knows it. */
import { factsIn } from '../../../domain/proof/link.ts'

/** A row of the audit with a decision in it; `facts` is JSON. */
interface Decision {
  task: string
  seq: number
  facts: string
}

interface Fact {
  type: string
  visit?: number
  run?: number
  until?: number
}

// A task's rows lie side by side, so that only those of the tasks that are asked about are read.
const OF_TASKS = `SELECT a.task, a.seq, a.actor, a.facts FROM json_each(?2) i CROSS JOIN audit a ON a.task = i.value
  WHERE a.team = ?1 AND (instr(' ' || a.types || ' ', ' undone ') > 0 OR instr(' ' || a.types || ' ', ' decided ') > 0)
  ORDER BY a.task, a.seq`

/** Who took each of these decisions back, as JSON, by `task.seq`; those that stand are not in it. */
export async function takenBack(db: D1Database, team: string, decisions: Decision[]): Promise<Map<string, string>> {
  const tasks = new Set(decisions.filter(({ facts }) => pendingIn(facts) !== undefined).map(({ task }) => task))
  if (tasks.size === 0) return new Map()
  const { results } = await db
    .prepare(OF_TASKS)
    .bind(team, JSON.stringify([...tasks]))
    .all<Decision & { actor: string }>()
  const pending = new Map<string, string>()
  const back = new Map<string, string>()
  for (const { task, seq, actor, facts } of results) {
    const decided = pendingIn(facts)
    if (decided !== undefined) pending.set(questionOf(task, decided), `${task}.${seq}`)
    const undone = factsIn<Fact>(facts).find(({ type }) => type === 'undone')
    const last = undone && pending.get(questionOf(task, undone))
    if (last !== undefined) back.set(last, actor)
  }
  return back
}

/** A decision that could still be taken back when it was made. */
function pendingIn(facts: string): Fact | undefined {
  return factsIn<Fact>(facts).find(({ type, until }) => type === 'decided' && typeof until === 'number')
}

/** Rows of before the run was told know the visit alone. */
function questionOf(task: string, { visit, run = 1 }: Fact): string {
  return `${task}:${visit}:${run}`
}
