/** Takes an open task to its end, whatever it waits for: workers answer, people decide, the stuck are sent on. */
import type { Json } from '../../../src/domain/json/json.ts'

const HOUR = 3_600_000
/** More than any kept task needs; a task that is not done by then goes in circles. */
const ROUNDS = 80
const PEOPLE = ['ana@acme.test', 'ben@acme.test', 'boss@acme.test', 'cleo@acme.test']

/** A command, as loosely as the old engine and the new ones can all take it. */
export type Given = { type: string } & Record<string, unknown>
type Actor = { kind: 'system' } | { kind: 'person' | 'key'; id: string }

/** An open task as the finisher sees it: by its views and its log alone. */
export interface OpenTask {
  now: number
  look(): {
    view: { status: string; step: string | null; visit: number; stuck: { cause: string } | null }
    asks: {
      visit: number
      run: number
      digest: string
      labels: string[]
      assignees: { email: string; decided: boolean }[]
    }[]
    /** The labels that a model must choose from at the step, with where they lead. */
    labels: { label: string; to: string }[]
    due: ({ kind: string; visit?: number; run?: number } & Record<string, unknown>)[]
    alarm: number | null
    /** What the latest claim said; null: nothing was ever claimed. */
    claimed: { visit: number; run: number; attempt: number; lease: string } | null
  }
  /** Gives a command; answers whether it was carried out. */
  give(command: Given, actor?: Actor): boolean
}

/** Gives one command after the other until the task is over; answers its last status. */
export function finish(task: OpenTask): string {
  const tried = new Set<string>()
  for (let round = 0; round < ROUNDS; round++) {
    const { status } = task.look().view
    if (status === 'done' || status === 'cancelled') return status
    if (status === 'running') workOn(task)
    else if (status === 'held') wait(task)
    else if (status === 'waiting') decide(task)
    else sendOn(task, tried)
  }
  return task.look().view.status
}

function workOn(task: OpenTask): void {
  const { due, claimed, labels } = task.look()
  const [work] = due
  if (work?.kind === 'resolve') {
    const people = Object.fromEntries((work.roles as string[]).map(role => [role, PEOPLE]))
    task.give({ type: 'resolve', visit: work.visit, run: work.run, people })
  } else if (work !== undefined) {
    must(task.give({ type: 'claim', visit: work.visit, run: work.run, attempt: work.attempt }), 'a due run is claimed')
  } else {
    const handoff = (labels.find(({ to }) => to === 'complete') ?? labels[0])?.label
    const outcome = { kind: 'completed', output: 'Finished.' as Json, handoff, confidence: 1 }
    const reported = claimed && task.give({ ...claimed, type: 'report', outcome, usage: null, chain: false })
    if (!reported) wait(task)
  }
}

/** Lets time pass until the alarm: an open task that waits for time has one. */
function wait(task: OpenTask): void {
  const { alarm } = task.look()
  must(alarm !== null, 'an alarm is set')
  task.now = Math.max(task.now, alarm ?? 0)
  task.give({ type: 'wake' })
}

/** Whoever has not decided yet does; where they may not, a key of the team does. */
function decide(task: OpenTask): void {
  const { asks, labels } = task.look()
  const [ask] = asks
  must(ask !== undefined, 'a task that waits has a question')
  const { visit, run, digest } = ask!
  const ending = labels.find(({ label, to }) => to === 'complete' && ask!.labels.includes(label))
  const handoff = ending?.label ?? ask!.labels[0]
  const voters: Actor[] = [
    ...ask!.assignees.filter(({ decided }) => !decided).map(({ email }) => ({ kind: 'person' as const, id: email })),
    ...PEOPLE.map(id => ({ kind: 'key' as const, id: `key_of_${id}` })),
  ]
  task.now += HOUR / 60
  const decision = { type: 'decide', handoff, note: 'Seen.', visit, run, seen: digest }
  must(
    voters.some(voter => task.give(decision, voter)),
    'somebody may decide',
  )
}

const BOT: Actor = { kind: 'key', id: 'key_bot' }

/** What has stopped is tried again as its cause calls for, and the second time ended by hand. */
function sendOn(task: OpenTask, tried: Set<string>): void {
  const { status, visit, stuck } = task.look().view
  const cause = stuck?.cause ?? status
  const limits = { steps: visit + 2, cost: 1000, duration: '3650d' }
  const first: Record<string, Given> = {
    limit_steps: { type: 'raise', limits },
    limit_cost: { type: 'raise', limits },
    limit_duration: { type: 'raise', limits },
    nobody_assigned: { type: 'assign', to: PEOPLE },
    keeps_dying: { type: 'retry' },
    unknown_outcome: { type: 'retry' },
    failed: { type: 'retry' },
  }
  const command = tried.has(cause) ? undefined : first[cause]
  tried.add(cause)
  if (command !== undefined && task.give(command, BOT)) return
  must(task.give({ type: 'route', handoff: 'complete', note: 'Ended by hand.' }, BOT), `${cause} can be ended by hand`)
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`it does not hold that ${what}`)
}
