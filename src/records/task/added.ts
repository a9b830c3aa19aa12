/** What was added up of a period and what is counted one by one: how the two are read together, so that nothing counts twice. */

export const DAY_MS = 86_400_000
export const UNTIL = '(SELECT at FROM figures_until WHERE one = 1)'

export interface Span {
  from: number
  to: number
}

/** Whose figures, and of when. */
export interface Whose extends Span {
  team: string
  workflow: string | undefined
  /** These alone, each for itself. */
  workflows?: string[]
}

/** Up to when all is added up that was over by then. */
export async function addedUpTo(db: D1Database): Promise<number> {
  return (await db.prepare(`SELECT ${UNTIL} AS at`).first<number>('at')) ?? 0
}

/** How often a reading is begun anew because a pass came between. */
const READINGS = 3

/** What each statement finds that `read` makes of how the period is divided, of one moment: a pass that comes between begins it anew. */
export async function readAdded<Row>(
  db: D1Database,
  { from, to }: Span,
  read: (divided: { days: Span; rest: Span[] }, until: number) => D1PreparedStatement[],
): Promise<Row[][]> {
  for (let nth = 1; ; nth++) {
    const until = await addedUpTo(db)
    const answers = await db.batch<Row>([...read(divided(from, to, until), until), db.prepare(`SELECT ${UNTIL} AS at`)])
    const now = (answers.at(-1)!.results[0] as { at: number } | undefined)?.at ?? 0
    if (now === until || nth === READINGS) return answers.slice(0, -1).map(answer => answer.results)
  }
}

/** The whole days that are added up, numbered from the epoch, and the spans of the period that lie beside them. */
export function divided(from: number, to: number, until: number): { days: Span; rest: Span[] } {
  const first = Math.ceil(from / DAY_MS)
  // Of the day that is being added up all lies within the period when its end does.
  const end = to >= until ? until : Math.floor(to / DAY_MS) * DAY_MS
  if (first * DAY_MS >= end) return { days: { from: 0, to: 0 }, rest: [{ from, to }] }
  const rest = [
    { from, to: first * DAY_MS },
    { from: end, to },
  ]
  return { days: { from: first, to: Math.ceil(end / DAY_MS) }, rest: rest.filter(span => span.from < span.to) }
}

/**
 * Tasks of a team as a view of them has them, called `t`: by the index of open ones, workflow by workflow; of what is over, by
 * the team's. ?1: the team; ?4: its workflow, or a list of them.
 */
export function tasksOf(view: string, over: 0 | 1, isOne: boolean, areSome: boolean): [source: string, where: string] {
  if (isOne) return [`${view} t`, `t.team = ?1 AND t.workflow = ?4 AND t.over = ${over}`]
  if (over === 1) {
    const among = areSome ? ' AND t.workflow IN (SELECT value FROM json_each(?4))' : ''
    return [`${view} t`, `t.team = ?1 AND +t.over = 1${among}`]
  }
  if (areSome)
    return [`json_each(?4) j CROSS JOIN ${view} t ON t.team = ?1 AND t.workflow = j.value AND t.over = 0`, 'true']
  return [`workflows w CROSS JOIN ${view} t ON t.team = w.team AND t.workflow = w.id AND t.over = 0`, 'w.team = ?1']
}
