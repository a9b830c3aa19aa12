/** Tells a task's log as the visits that it made, each with everything that happened in it. Pure. */

import type { Actor, TaskEvent } from '../../domain/task/events.ts'
import type { Usage } from '../../domain/task/run/outcome.ts'
import type { Status } from '../../domain/task/state.ts'
import type { EventView } from '../../domain/task/told/views.ts'
import { tellAssigned, tellEdited, tellEffected, tellStaged, tellUndone, tellVote } from './ask-story.ts'
import { tellAllowed, tellAnswered, tellAsked, tellCalled, tellSaid } from './call-story.ts'
import { tellRecalled, tellReturned, tellStarted } from './child-story.ts'
import type { AskStory, Attempt, RunStanding, RunStory, Totals, Visit } from './visit-story.ts'
import { markTaken, tellPassed, tellWait, tellWaited } from './wait-story.ts'

/** One event with its number, time (ms since the epoch) and actor. */
type Logged = TaskEvent & { seq: number; at: number; actor: Actor }
type Of<T extends TaskEvent['type']> = Extract<Logged, { type: T }>

const NOTHING: Totals = { models: [], knew: [], saw: [], inputTokens: 0, outputTokens: 0, calls: 0, cost: 0 }

/** The visits of a task, first to last. `status` is the task's: the open visit stands as the task does. */
export function timelineOf(events: EventView[], status: Status = 'running'): Visit[] {
  const teller = new Teller()
  for (const event of events) teller.tell(asLogged(event))
  markTaken(teller.visits)
  return teller.visits.map(visit => finish(visit, status))
}

/** What all visits used. */
export function totalsOf(visits: Visit[]): Totals {
  return visits.map(visit => visit.usage).reduce(sum, NOTHING)
}

/** An event view holds exactly what its event said, beside number, time and actor. */
function asLogged(event: EventView): Logged {
  const { seq, actor, type, data } = event
  // `due` has an `at` of its own: from when it may be worked on.
  const at = type === 'due' && typeof data.at === 'number' ? data.at : Date.parse(event.at)
  return { ...data, type, seq, actor, at } as unknown as Logged
}

class Teller {
  visits: Visit[] = []

  tell(event: Logged): void {
    if (event.type === 'entered') this.visits.push(entered(event))
    const visit = 'visit' in event ? this.visits.find(each => each.n === event.visit) : this.visits.at(-1)
    // Logs of other releases have events that this one does not know, or that it has another word for.
    if (visit === undefined || !Object.hasOwn(TELL, event.type)) return
    const tell = TELL[event.type] as ((visit: Visit, event: Logged) => void) | null
    tell?.(visit, event)
    if ('run' in event && event.run !== undefined) stand(runOf(visit, { run: event.run }), event)
  }
}

function entered(event: Of<'entered'>): Visit {
  const { visit, step, handler, by, from, input, actor, at } = event
  return {
    n: visit,
    step,
    handler,
    by,
    from,
    enteredBy: actor,
    enteredAt: at,
    endedAt: null,
    input: input ?? null,
    runs: [],
    routes: [],
    stops: [],
    news: [],
    comments: [],
    left: null,
    usage: NOTHING,
    waitMs: 0,
    workMs: 0,
    state: 'running',
  }
}

/** How a run stands after an event that says so. */
const STANDS: { [T in TaskEvent['type']]?: RunStanding } = {
  queued: 'queued',
  due: 'running',
  claimed: 'running',
  lapsed: 'running',
  asking: 'running',
  released: 'running',
  asked: 'waiting',
  awaiting: 'waiting',
  held: 'held',
  awaited: 'done',
  effected: 'done',
  skipped: 'done',
  fenced: 'cut',
}

function stand(run: RunStory, event: Logged): void {
  if (event.type === 'reported') run.standing = event.outcome.kind === 'completed' ? 'done' : 'failed'
  else if (event.type === 'decided')
    run.standing =
      event.settles && event.until === undefined && run.asks.at(-1)?.ask.call === undefined ? 'done' : run.standing
  else if (event.type === 'started' && event.waits) run.standing = 'waiting'
  else run.standing = STANDS[event.type] ?? run.standing
}

/** What each event adds to the story of its visit; null: nothing that is told there. */
const TELL: { [T in TaskEvent['type']]: ((visit: Visit, event: Of<T>) => void) | null } = {
  created: null,
  entered: null,
  planned: (visit, { names }) => {
    visit.runs = []
    for (const [index, name] of names.entries()) runOf(visit, { run: index + 1, name }).standing = 'queued'
  },
  queued: (visit, event) => {
    runOf(visit, event).fencedAt = null
  },
  due: (visit, event) => tellDue(runOf(visit, event), event),
  claimed: (visit, event) => {
    Object.assign(attemptIn(visit, event), { claimedAt: event.at, outcome: 'working' })
  },
  called: (visit, event) => tellCalled(runOf(visit, event).calls, event),
  answered: (visit, event) => tellAnswered(runOf(visit, event).calls, event),
  turned: (visit, event) => {
    visit.usage = sum(visit.usage, totals(event.usage))
    const { at, seq, turn, text, calls, usage } = event
    runOf(visit, event).turns.push({ n: turn, at, seq, text, calls, usage })
  },
  allowed: (visit, event) => tellAllowed(runOf(visit, event).calls, event),
  lapsed: (visit, event) => {
    Object.assign(attemptIn(visit, event), { lapses: event.lapses, outcome: 'pending' })
  },
  reported: (visit, event) => {
    visit.usage = sum(visit.usage, totals(event.usage))
    tellReport(attemptIn(visit, event), event)
    // Its time was over before any event came.
    tellWaited(runOf(visit, event), event.at)
  },
  joined: null,
  fenced: (visit, event) => {
    const run = runOf(visit, event)
    run.fencedAt = event.at
    const last = run.attempts.at(-1)
    if (last?.outcome === 'working' || last?.outcome === 'pending') last.outcome = 'cut'
  },
  booked: (visit, event) => {
    visit.usage = sum(visit.usage, totals(event.usage))
  },
  asking: (visit, event) => void runOf(visit, event),
  asked: (visit, event) => {
    const { at, seq, ask } = event
    const run = runOf(visit, event)
    run.asks.push({ at, seq, ask, assigned: [], reminded: [], votes: [], edits: [], again: [] })
    tellAsked(run.calls, event)
    // Nobody works on it while people are asked whether it may go on.
    const attempt = run.attempts.at(-1)
    if (attempt && ['call', 'question'].includes(ask.kind))
      Object.assign(attempt, { claimedAt: null, outcome: 'pending' })
  },
  awaiting: (visit, event) => tellWait(runOf(visit, event), event),
  listening: (visit, event) => tellWait(runOf(visit, event), event),
  weighed: (visit, event) => tellPassed(runOf(visit, event), event),
  awaited: (visit, event) => tellWaited(runOf(visit, event), event.at, event.took),
  started: (visit, event) => tellStarted(runOf(visit, event), event),
  recalled: (visit, event) => tellRecalled(runOf(visit, event), event),
  returned: (visit, event) => tellReturned(runOf(visit, event), event),
  told: null,
  assigned: (visit, event) => tellAssigned(askIn(visit, event), event),
  edited: (visit, event) => tellEdited(askIn(visit, event), event, event),
  filled: (visit, event) => {
    tellEdited(askIn(visit, event), event, {
      step: visit.step,
      output: event.fields,
      digest: event.digest,
      filled: true,
    })
  },
  reminded: (visit, event) => void askIn(visit, event)?.reminded.push({ at: event.at, to: event.to }),
  staged: (visit, event) => tellStaged(askIn(visit, event), event),
  undone: (visit, event) => tellUndone(askIn(visit, event), event),
  effected: (visit, event) => tellEffected(askIn(visit, event)),
  skipped: (visit, event) => {
    runOf(visit, event).skipped = { at: event.at, handoff: event.handoff, oneIn: event.oneIn }
  },
  decided: (visit, event) => {
    const { at, actor: by, handoff, note } = event
    const run = runOf(visit, event)
    const asked = run.asks.at(-1)
    tellVote(asked, event)
    if (asked?.ask.call !== undefined) tellSaid(run.calls, asked.ask, { at, by, handoff, note })
  },
  routed: (visit, event) => {
    const { at, actor: by, outcome, to, trace } = event
    visit.routes.push({ at, by, outcome, to, trace, byHand: event.by === 'hand' })
    if (to !== null) visit.endedAt = at
  },
  left: (visit, { at, actor: by, why }) => {
    visit.left = { at, by, why }
    visit.endedAt = at
  },
  stuck: (visit, { at, message, fix }) => {
    visit.stops.push({ at, kind: 'stuck', message, fix })
  },
  failed: (visit, { at, message }) => {
    visit.stops.push({ at, kind: 'failed', message, fix: null })
  },
  held: (visit, { at, message, fix }) => {
    visit.stops.push({ at, kind: 'held', message, fix })
  },
  released: null,
  raised: null,
  migrated: null,
  noticed: (visit, { at, actor: by, name, data, seq }) => {
    visit.news.push({ at, by, name, data, seq, takenBy: null })
  },
  commented: (visit, { at, actor: by, text, to }) => {
    visit.comments.push({ at, by, text, to })
  },
  finished: null,
  attached: null,
  detached: null,
  read: null,
  cancelled: null,
}

/** The question that the event is about: the run's latest. */
function askIn(visit: Visit, { run }: { run: number }): AskStory | undefined {
  return runOf(visit, { run }).asks.at(-1)
}

function runOf(visit: Visit, { run: id, name }: { run: number; name?: string }): RunStory {
  const known = visit.runs.find(run => run.id === id)
  if (known !== undefined) return known
  const nothing = {
    prompt: null,
    promptSeq: null,
    attempts: [],
    asks: [],
    waits: [],
    children: [],
    calls: [],
    turns: [],
    skipped: null,
    fencedAt: null,
  }
  const run: RunStory = { id, name: name ?? null, handler: null, standing: 'running', ...nothing }
  visit.runs.push(run)
  return run
}

function attemptIn(visit: Visit, event: { run: number; name?: string; attempt: number; at: number }): Attempt {
  return attemptOf(runOf(visit, event), event.attempt, event.at)
}

function tellDue(run: RunStory, event: Of<'due'>): void {
  const attempt = attemptOf(run, event.attempt, event.at)
  attempt.dueAt = event.at
  run.handler = event.handler ?? run.handler
  attempt.why = event.why ?? attempt.why
  if (event.prompt === undefined) return
  run.prompt = event.prompt
  run.promptSeq = event.seq
}

function tellReport(attempt: Attempt, event: Of<'reported'>): void {
  const { outcome, usage, at } = event
  Object.assign(attempt, { endedAt: at, usage, outcome: outcome.kind })
  if (outcome.kind === 'failed') attempt.failure = outcome.failure
  else {
    const { output, handoff, confidence, reasoning, recorded } = outcome
    attempt.output = output
    attempt.seq = event.seq
    attempt.handoff = handoff ?? null
    attempt.confidence = confidence ?? null
    attempt.reasoning = reasoning ?? null
    attempt.recorded = recorded ?? null
  }
}

function attemptOf(run: RunStory, n: number, at: number): Attempt {
  const known = run.attempts.find(attempt => attempt.n === n)
  if (known !== undefined) return known
  const attempt: Attempt = {
    n,
    dueAt: at,
    why: null,
    claimedAt: null,
    endedAt: null,
    lapses: 0,
    outcome: 'pending',
    failure: null,
    output: null,
    handoff: null,
    confidence: null,
    reasoning: null,
    recorded: null,
    usage: null,
    seq: null,
  }
  run.attempts.push(attempt)
  return attempt
}

function finish(visit: Visit, status: Status): Visit {
  const attempts = visit.runs.flatMap(run => run.attempts)
  const wait = (each: Attempt) => (each.claimedAt === null ? 0 : Math.max(0, each.claimedAt - each.dueAt))
  const work = (each: Attempt) =>
    each.claimedAt === null || each.endedAt === null ? 0 : Math.max(0, each.endedAt - each.claimedAt)
  return {
    ...visit,
    waitMs: attempts.reduce((ms, each) => ms + wait(each), 0),
    workMs: attempts.reduce((ms, each) => ms + work(each), 0),
    state: stateOf(visit, status),
  }
}

/** A visit that ended by failing, or was left, does not look done. */
function stateOf(visit: Visit, status: Status): Status {
  if (visit.left !== null) return 'cancelled'
  if (visit.endedAt === null) return status
  const last = visit.routes.at(-1)
  return last !== undefined && ['failed', 'timeout'].includes(last.outcome) ? 'failed' : 'done'
}

function totals(usage: Usage | null): Totals {
  if (usage === null) return NOTHING
  const { model, inputTokens, outputTokens, calls } = usage
  const unpriced = usage.cost === null || usage.cost === undefined
  const told = usage.insteadOf === undefined ? model : `${model} in place of ${usage.insteadOf}`
  const { knew = [], saw = [] } = usage
  return {
    models: [told],
    knew,
    saw,
    inputTokens,
    outputTokens,
    calls,
    cost: unpriced ? (calls > 0 ? null : 0) : usage.cost!,
  }
}

function sum(a: Totals, b: Totals): Totals {
  return {
    models: [...new Set([...a.models, ...b.models])],
    knew: [...new Set([...a.knew, ...b.knew])],
    saw: [...new Set([...a.saw, ...b.saw])],
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    calls: a.calls + b.calls,
    cost: a.cost === null || b.cost === null ? null : Math.round((a.cost + b.cost) * 1e6) / 1e6,
  }
}
