/** Putting questions to people: what they see, who they are, and which of them are open. What they answer is deciding.ts. */
import type { Question } from '../../handler/handler.ts'
import { labelsOf } from '../../handler/of-step.ts'
import { remindersOf } from '../../handler/parts/human-times.ts'
import { canonical } from '../../json/canonical.ts'
import type { Json } from '../../json/json.ts'
import type { Step } from '../../workflow/definition.ts'
import { stepName } from '../../workflow/parts.ts'
import { rulesOf } from '../run/rules.ts'
import { PLAIN_RUN, type Run, type TaskState } from '../state.ts'
import { getStuck } from '../stop.ts'
import type { TaskChange } from '../task-change.ts'
import type { Ask, Reminders } from './ask.ts'

/** A run that waits for people. */
export type AskedRun = Run & { phase: Extract<Run['phase'], { name: 'asked' }> }

/** The runs of the open visit that wait for people. */
export function openAsks(state: TaskState): AskedRun[] {
  return state.visit.open ? state.visit.runs.filter((run): run is AskedRun => run.phase.name === 'asked') : []
}

/** Which run a question belongs to. */
export interface AskingRun {
  id: number
  name: string | null
}

/** The fields of an event that name its run. */
export function refOf({ id, name }: AskingRun): { run: number; name?: string } {
  return name === null ? { run: id } : { run: id, name }
}

/** Puts a question; without anybody to answer it the run is stuck until somebody is assigned. */
export function ask(change: TaskChange, run: AskingRun, question: Question): void {
  const digest = digestOf(change, question)
  const remind = question.kind === 'decide' ? undefined : teamsReminders(change)
  const ask = { ...question, digest, ...(remind && { remind }) }
  change.emit({ type: 'asked', visit: change.state.visit.n, ...refOf(run), ask })
  if (question.assignees.length === 0) nobodyAssigned(change, run.id)
}

/** A human step says itself when people are reminded; of everything else that is asked they are as the team has it. */
function teamsReminders({ state: { terms }, ctx: { now } }: TaskChange): Reminders | undefined {
  return remindersOf(terms.remind, now, terms.hours ?? null)
}

/** A question that nobody can answer. */
export function nobodyAssigned(change: TaskChange, run: number): void {
  const message = `Nobody is assigned to ${change.nameOf(run)}.`
  getStuck(change, { cause: 'nobody_assigned', message, fix: 'Assign someone.', run })
}

/** Puts a model's doubtful answer to the workflow's owner; the buttons are the step's labels. */
export function askOwner(change: TaskChange): void {
  const { step, pinned } = change
  const labels = labelsOf(step)
  const owner = pinned.definition.owner
  ask(
    change,
    { id: PLAIN_RUN, name: null },
    {
      kind: 'unsure',
      instructions: `The model was not sure enough how "${stepName(step)}" came out. Choose how it goes on.`,
      artefact: shownOutput(change.state, step.key),
      assignees: owner === undefined ? [] : [owner.toLowerCase()],
      escalate: [],
      labels: labels.length > 0 ? labels : ['done'],
      approve: null,
      needs: 1,
      reason: [],
      edits: null,
      due: null,
      requester: true,
    },
  )
}

type Digested = Pick<Ask, 'instructions' | 'artefact' | 'call' | 'form' | 'undone' | 'stages'>

/**
 * What a person approves: exactly these words and this content; of a call, that one and no other with the same arguments.
 * Once a decision was taken back, and in each stage, it is another: no form which was sent before decides anew.
 */
export function digestOf(change: TaskChange, { instructions, artefact, call, form, undone, stages }: Digested): string {
  const content = artefact === null ? null : change.value<Json>(artefact.output)
  const meant = call === undefined ? [] : [call.id, call.tool, call.at ?? null]
  const stage = stages === undefined || stages.at === 0 ? [] : [{ stage: stages.at }]
  const again = undone === undefined ? [] : [{ undone }]
  const filled = form === undefined ? [] : [{ fields: canonical(change.value<Json>(form.values)) }]
  return change.ctx.sha256(
    JSON.stringify([instructions, artefact?.step ?? null, content, ...meant, ...filled, ...again, ...stage]),
  )
}

/** The output that is put before people: that of the named step, else the latest one there is. */
export function shownOutput(state: TaskState, step: string | null): Ask['artefact'] {
  if (step !== null && state.steps[step] !== undefined) return { step, output: state.steps[step].output }
  const latest = Object.entries(state.steps)
    .filter(([, record]) => record.output !== null)
    .sort(([, a], [, b]) => b.visit - a.visit)[0]
  return latest === undefined ? null : { step: latest[0], output: latest[1].output }
}

/** When a question of `step` becomes overdue, in ms since the epoch; null: passing its due time does nothing. */
export function overdueAt(step: Step, run: AskedRun): number | null {
  const { handler, job } = rulesOf(step, run)
  return (handler.overdue?.(job) ?? null) === null ? null : run.phase.ask.due
}
