/** What alerts are judged by, from the index and the figures: each statement reads a bounded number of rows, whatever the team has. */
import { figuresOf } from '../task/figures.ts'
import { byProvider, lastOutcomes, type Outcomes } from './outcomes.ts'

const DAY_MS = 86_400_000

/** Workflows that one look is for. */
const PORTION = 100
/** Of each workflow its newest tasks of the last day are looked at, at most so many. */
const SAMPLE = 200
const MOST_COUNTED = 10_000
/** Days that costs are compared with. */
const [USUAL_DAYS, TASK_DAYS] = [14, 30]

/** A workflow, and what its newest tasks of the last day come to. */
export interface WorkflowSample {
  workflow: string
  name: string
  /** Those that came to something: they wait for people, are done, or are stuck or failed. */
  tasks: number
  bad: number
  unsure: number
  /** When the oldest was made that was looked at. */
  first: number | null
  /** Those that cost enough to be looked at, whatever became of them, the dearest first. */
  dear: { task: string; cost: number }[]
  /** What its tasks of a month cost, and how many they are. */
  usual: { cost: number; tasks: number }
  stuck: number
  overdue: number
}

interface Sampled {
  tasks: number
  bad: number | null
  unsure: number | null
  first: number | null
  dear: WorkflowSample['dear']
}

const NAMED = `SELECT id, name FROM workflows WHERE team = ?1 AND deleted_at IS NULL AND status <> 'archived' AND id > ?2 ORDER BY id LIMIT ${PORTION + 1}`

/** The team's next workflows after this one, and whether there are more. */
export async function portionOf(db: D1Database, team: string, after: string) {
  const { results } = await db.prepare(NAMED).bind(team, after).all<{ id: string; name: string }>()
  return { workflows: results.slice(0, PORTION), more: results.length > PORTION }
}

const NEWEST = (
  over: 0 | 1,
) => `SELECT * FROM (SELECT id, status, told, cost, created_at FROM tasks INDEXED BY tasks_by_workflow
  WHERE team = ?1 AND workflow = w.value AND over = ${over} AND created_at >= ?3 ORDER BY created_at DESC LIMIT ${SAMPLE})`
const SETTLED = "status IN ('waiting', 'done', 'failed', 'stuck')"
const SAMPLES = `SELECT w.value AS workflow, (SELECT json_object('tasks', count(*) FILTER (WHERE ${SETTLED}),
    'bad', sum(status IN ('failed', 'stuck')), 'unsure', sum(told & 1) FILTER (WHERE ${SETTLED}), 'first', min(created_at),
    'dear', json_group_array(json_object('task', id, 'cost', cost)) FILTER (WHERE cost >= ?4))
    FROM (SELECT * FROM (${NEWEST(0)} UNION ALL ${NEWEST(1)}) ORDER BY created_at DESC LIMIT ${SAMPLE})) AS sample
  FROM json_each(?2) w`
const USUAL = `SELECT workflow, sum(cost) AS cost, sum(priced) AS tasks FROM json_each(?2) w CROSS JOIN figures f
  ON f.team = ?1 AND f.workflow = w.value AND f.day >= ?3 GROUP BY workflow`
const STUCK = `SELECT workflow, count(*) AS n FROM
  (SELECT workflow FROM tasks INDEXED BY tasks_by_status WHERE team = ?1 AND status = 'stuck' LIMIT ${MOST_COUNTED}) GROUP BY workflow`
const OVERDUE = `SELECT t.workflow, count(*) AS n FROM
  (SELECT task FROM questions INDEXED BY questions_by_due WHERE team = ?1 AND due < ?2 LIMIT ${MOST_COUNTED}) q
  CROSS JOIN tasks t ON t.id = q.task AND t.team = ?1 GROUP BY t.workflow`
const DAYS = `SELECT day, sum(cost) AS cost FROM figures WHERE team = ?1 AND workflow = '' AND day >= ?2 AND day < ?3 GROUP BY day HAVING sum(cost) > 0`

/** What the workflows' tasks, questions and costs are; tasks that cost less than `least` USD are not looked at for it. */
export async function workflowSamples(
  db: D1Database,
  team: string,
  workflows: { id: string; name: string }[],
  least: number,
  now: number,
): Promise<WorkflowSample[]> {
  const ids = JSON.stringify(workflows.map(({ id }) => id))
  const [samples = [], usual = [], stuck = [], overdue = []] = await rowsOf(db, [
    db.prepare(SAMPLES).bind(team, ids, now - DAY_MS, Math.max(least, Number.MIN_VALUE)),
    db.prepare(USUAL).bind(team, ids, Math.floor(now / DAY_MS) - TASK_DAYS),
    db.prepare(STUCK).bind(team),
    db.prepare(OVERDUE).bind(team, now),
  ])
  const rowOf = <Row>(rows: object[], id: string) =>
    (rows as (Row & { workflow: string })[]).find(({ workflow }) => workflow === id)
  return workflows.map(({ id, name }) => {
    const { sample } = rowOf<{ sample: string }>(samples, id)!
    const { tasks, bad, unsure, first, dear } = JSON.parse(sample) as Sampled
    return {
      workflow: id,
      name,
      ...{ tasks, bad: bad ?? 0, unsure: unsure ?? 0, first },
      dear: dear.toSorted((a, b) => b.cost - a.cost),
      usual: rowOf<{ cost: number; tasks: number }>(usual, id) ?? { cost: 0, tasks: 0 },
      stuck: rowOf<{ n: number }>(stuck, id)?.n ?? 0,
      overdue: rowOf<{ n: number }>(overdue, id)?.n ?? 0,
    }
  })
}

/** What the whole team is judged by. */
export interface TeamSample {
  /** Today by the team's clock, such as 2026-11-28. */
  day: string
  /** USD of the tasks that were made today so far, and of those of each day of two weeks that cost anything. */
  today: number
  days: number[]
  providers: Outcomes[]
}

/** What the team spent today, which began at `from` and is called so, and on the days before; and how its providers do. */
export async function teamSample(
  db: D1Database,
  team: string,
  { name, from }: { name: string; from: number },
  now: number,
): Promise<TeamSample> {
  const today = Math.floor(from / DAY_MS)
  const [days = [], outcomes = []] = await rowsOf(db, [
    db.prepare(DAYS).bind(team, today - USUAL_DAYS, today),
    lastOutcomes(db, team, now),
  ])
  const figures = await figuresOf(db, team, undefined, from, now + 1)
  return {
    day: name,
    today: figures.reduce((sum, { cost }) => sum + cost, 0),
    days: (days as { cost: number }[]).map(({ cost }) => cost),
    providers: byProvider(outcomes as Outcomes[]),
  }
}

/** The rows of each. */
async function rowsOf(db: D1Database, statements: D1PreparedStatement[]): Promise<object[][]> {
  return (await db.batch<object>(statements)).map(({ results }) => results)
}
