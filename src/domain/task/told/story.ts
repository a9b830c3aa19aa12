/** Everything that a page about a task shows, as of one moment, so that its parts never disagree. Made from state and log alone. */
import type { JsonSchema } from '../../json/json.ts'
import { type Definition, type Pinned, type Step, stepOf } from '../../workflow/definition.ts'
import type { CommandType } from '../commands.ts'
import type { Context } from '../context.ts'
import { type CostAsk, costAskOf, costLimit } from '../cost.ts'
import type { Actor, Begin, LogRow } from '../events.ts'
import { callsLimit, stepsLimit } from '../limits.ts'
import { allowedIn } from '../machine.ts'
import { undoable } from '../people/undoing.ts'
import { rulesOf } from '../run/rules.ts'
import type { TaskState, Vote } from '../state.ts'
import { eventViews, openAsksOf, shownAsks, viewOf } from './view.ts'
import type { EventView, OpenAsk, TaskView } from './views.ts'
import { whyOf } from './why.ts'

/** An open question with what its page needs besides: which label approves, who may not, and the votes so far. */
export interface StoryAsk extends OpenAsk {
  approve: string | null
  /** Whether the one who started the task may decide. */
  requester: boolean
  votes: Vote[]
  /** What a lost call's answer must fit, where it is the step's output. */
  expects?: JsonSchema
}

export interface Story {
  view: TaskView
  /** The one command that unblocks it; null: nothing needs doing. */
  act: CommandType | null
  /** The commands that people may give now. */
  allowed: CommandType[]
  startedBy: Actor
  source: TaskState['source']
  /** Where a rerun began and what it took over; null: at the entry step, with nothing. */
  began: Begin | null
  /** The limits as they hold for this task; null: none. */
  limits: { steps: number; cost: number | null; until: number | null; calls: number }
  /** How it may go on where its cost limit stopped it; null: that did not. */
  costAsk: CostAsk | null
  asks: StoryAsk[]
  /** Values over 16 KiB stay references; `events` has them whole. */
  events: EventView[]
  definition: Definition
  /** Which versions of agents and skills the task keeps to; absent: it was not asked. */
  pins?: Pick<Pinned, 'agents' | 'skills'>
}

/** Tells the story of a task from its state and its log. */
export function storyOf(
  state: TaskState,
  rows: readonly LogRow[],
  definition: Definition,
  now: number,
  blob: Context['blob'],
  pinned?: Pinned,
): Story {
  return {
    view: viewOf(state, definition, now, blob),
    act: whyOf(state, definition, now).act,
    allowed: allowedNow(state),
    startedBy: state.startedBy,
    source: state.source,
    began: beganAt(rows),
    limits: {
      steps: stepsLimit(state, definition),
      cost: costLimit(state, definition),
      until: state.until,
      calls: callsLimit(state, definition),
    },
    costAsk: costAskOf(state, definition),
    asks: storyAsks(state, definition, blob),
    events: eventViews(rows, null),
    definition,
    ...(pinned && { pins: { agents: pinned.agents, skills: pinned.skills } }),
  }
}

/** Where a task waits for a time alone there is nothing to decide, and nobody to assign it to. */
function allowedNow(state: TaskState): CommandType[] {
  const isAsked = shownAsks(state).some(run => run.phase.ask.kind === 'outcome')
  const isUndoable = undoable(state).length > 0
  const allowed = allowedIn(state.status)
    .filter(command => command !== 'answer' || isAsked)
    .filter(command => command !== 'undo' || isUndoable)
  if (state.status !== 'waiting' || shownAsks(state).length > 0) return allowed
  return allowed.filter(command => command !== 'decide' && command !== 'assign')
}

function beganAt(rows: readonly LogRow[]): Begin | null {
  const created = rows[0]?.events[0]
  return (created?.type === 'created' && created.begin) || null
}

function storyAsks(state: TaskState, definition: Definition, blob: Context['blob']): StoryAsk[] {
  const open = openAsksOf(state, blob)
  return shownAsks(state).map((run, index) => {
    const { ask, votes } = run.phase
    const { approve, requester } = ask
    const expects = ask.kind === 'outcome' ? expected(stepOf(definition, state.visit.step), run) : undefined
    return { ...open[index]!, approve, requester, votes, ...(expects === undefined ? {} : { expects }) }
  })
}

function expected(step: Step | undefined, run: { name: string | null }): JsonSchema | undefined {
  if (step === undefined) return undefined
  const { handler, job } = rulesOf(step, run)
  return handler.happened === undefined ? undefined : job.frame.output
}
