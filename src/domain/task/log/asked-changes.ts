/** The state with a question changed: other people, edits, what was filled in, votes, and one taken back. */
import type { Ask } from '../people/ask.ts'
import { voterOf } from '../people/voter.ts'
import type { Pending, RunPhase, Stuck, TaskState, Vote } from '../state.ts'
import { type EventOf, goingOn, type Stamp, withDecision, withoutStops, withRun } from './changes.ts'

type Asked = Extract<RunPhase, { name: 'asked' }>

/** The run with its open question changed. */
function withAsked(
  state: TaskState,
  event: { run: number },
  stamp: Stamp,
  change: (phase: Asked) => RunPhase,
): TaskState {
  return withRun(state, event, stamp, run => (run.phase.name === 'asked' ? { ...run, phase: change(run.phase) } : run))
}

/** Other people are asked. */
export function withAssignees(state: TaskState, event: EventOf<'assigned'>, stamp: Stamp): TaskState {
  const next = withAsked(state, event, stamp, phase => ({
    ...phase,
    ask: {
      ...phase.ask,
      assignees: event.to,
      due: event.by === 'overdue' ? null : phase.ask.due,
      ...stagesWith(phase.ask, event.to),
    },
  }))
  if (event.to.length === 0 || state.halted !== 'stuck') return next
  const isAnswered = ({ cause, run }: Stuck) => cause === 'nobody_assigned' && (run === null || run === event.run)
  return { ...next, ...withoutStops(state, isAnswered) }
}

/** The stage that is asked keeps its people, should it be asked again. */
function stagesWith({ stages }: Ask, assignees: string[]): Pick<Ask, 'stages'> {
  if (stages === undefined) return {}
  return { stages: { ...stages, of: stages.of.map((each, at) => (at === stages.at ? { ...each, assignees } : each)) } }
}

/** Another stage is asked. */
export function withStage(state: TaskState, event: EventOf<'staged'>, stamp: Stamp): TaskState {
  const { assignees, needs, digest, stage: at } = event
  return withAsked(state, event, stamp, ({ ask, ...phase }) => ({
    ...phase,
    ask: { ...ask, assignees, needs, digest, ...(ask.stages && { stages: { ...ask.stages, at } }) },
  }))
}

/** An approver changed what is shown: another step's output. */
export function withEdit(state: TaskState, event: EventOf<'edited'>, stamp: Stamp): TaskState {
  const kept = state.steps[event.step]
  const steps = {
    ...state.steps,
    [event.step]: { visit: kept?.visit ?? state.visit.n, decision: kept?.decision ?? null, output: event.output },
  }
  return withContent({ ...state, steps }, event, stamp, () => ({
    artefact: { step: event.step, output: event.output },
  }))
}

/** The fields were filled in anew. */
export function withFields(state: TaskState, event: EventOf<'filled'>, stamp: Stamp): TaskState {
  return withContent(state, event, stamp, ({ form }) =>
    form === undefined ? {} : { form: { ...form, values: event.fields } },
  )
}

/** What people approve has changed. */
function withContent(
  state: TaskState,
  { cleared, digest, run }: { run: number; digest: string; cleared?: string[] },
  stamp: Stamp,
  content: (ask: Ask) => Partial<Ask>,
): TaskState {
  const changed = cleared === undefined ? {} : { changed: { by: stamp.actor, at: stamp.at, cleared } }
  return withAsked(state, { run }, stamp, phase => ({
    ...phase,
    ask: { ...phase.ask, ...content(phase.ask), digest },
    ...changed,
  }))
}

/** Somebody has decided; what settles the question ends its run, unless it can still be taken back. */
export function withVote(state: TaskState, event: EventOf<'decided'>, stamp: Stamp): TaskState {
  const { handoff, note, digest, until, output } = event
  const vote: Vote = { by: stamp.actor, voter: voterOf(stamp.actor), at: stamp.at, handoff, digest }
  const voted = withAsked(state, event, stamp, phase => ({ ...phase, votes: [...phase.votes, vote] }))
  if (!event.settles) return voted
  const byRun = { ...state.decided[event.visit], [event.run]: { by: stamp.actor, at: stamp.at, handoff } }
  const { error: _stays, ...on } = goingOn(state, event.run)
  const next = { ...voted, ...on, decided: { ...state.decided, [event.visit]: byRun } }
  const decision = { handoff, note, by: stamp.actor, at: stamp.at, ...(output === undefined ? {} : { output }) }
  if (until === undefined) return withCompleted(next, event, stamp, decision)
  return withAsked(next, event, stamp, asked => ({ name: 'undoable', asked, decision: { ...decision, until } }))
}

/** The decision holds: it is the step's, or what a branch puts out. */
function withCompleted(
  state: TaskState,
  event: { run: number },
  stamp: Stamp,
  { handoff, note, by: actor, output }: Omit<Pending, 'until'>,
): TaskState {
  const asked = state.visit.runs.find(run => run.id === event.run)
  // What is said of a call is not the step's decision: the run goes on with it.
  if (asked?.phase.name === 'asked' && asked.phase.ask.call !== undefined) return state
  const isBranch = asked !== undefined && asked.name !== null
  const decision = { handoff, note, by: voterOf(actor) }
  const given = isBranch ? (output ?? { decision: handoff, note, by: decision.by }) : output
  return withRun(isBranch ? state : withDecision(state, decision, output), event, stamp, run => ({
    ...run,
    output: given ?? run.output,
    phase: { name: 'completed' },
  }))
}

/** Those who had not decided were reminded. */
export function withReminder(state: TaskState, event: EventOf<'reminded'>, stamp: Stamp): TaskState {
  return withAsked(state, event, stamp, phase => ({ ...phase, reminded: event.at }))
}

/** Nothing came of the decision: it is asked as it was, without the vote that settled it. */
export function withoutVote(state: TaskState, event: EventOf<'undone'>, stamp: Stamp): TaskState {
  const { [event.run]: _undone, ...others } = state.decided[event.visit] ?? {}
  const next = { ...state, decided: { ...state.decided, [event.visit]: others } }
  return withRun(next, event, stamp, run =>
    run.phase.name === 'undoable' ? { ...run, phase: askedAgain(run.phase.asked, event.digest) } : run,
  )
}

/** Approvals of others count on: what they approved has not changed. */
function askedAgain({ ask, votes, ...asked }: Asked, digest: string): Asked {
  const counted = votes.slice(0, -1).map(vote => (vote.digest === ask.digest ? { ...vote, digest } : vote))
  return { ...asked, ask: { ...ask, digest, undone: (ask.undone ?? 0) + 1 }, votes: counted }
}

/** The visit is left: what could still be taken back came to nothing. */
export function withoutPending(state: TaskState): TaskState {
  const { n, runs } = state.visit
  const decided = Object.entries(state.decided[n] ?? {}).filter(
    ([id]) => runs.find(run => run.id === Number(id))?.phase.name !== 'undoable',
  )
  return state.decided[n] === undefined
    ? state
    : { ...state, decided: { ...state.decided, [n]: Object.fromEntries(decided) } }
}

/** Nobody was asked: it goes on as approved. */
export function withoutReview(state: TaskState, event: EventOf<'skipped'>, stamp: Stamp): TaskState {
  const decision = { handoff: event.handoff, note: null, by: voterOf(stamp.actor), skipped: true as const }
  return withRun(withDecision(state, decision), event, stamp, run => ({ ...run, phase: { name: 'completed' } }))
}

/** The decision can no longer be taken back. */
export function withEffect(state: TaskState, event: EventOf<'effected'>, stamp: Stamp): TaskState {
  const phase = state.visit.runs.find(run => run.id === event.run)?.phase
  return phase?.name === 'undoable' ? withCompleted(state, event, stamp, phase.decision) : state
}
