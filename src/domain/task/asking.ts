/** What is asked of people: the question as it is put, its votes, the decision, and what happens when nobody decides. */

import type { Human } from '../handler/human-shape.ts'
import { labelsOf } from '../handler/of-step.ts'
import type { Json, JsonSchema } from '../json.ts'
import { validate } from '../schema/validate.ts'
import { renderText } from '../text/template.ts'
import { stepOf } from '../workflow/definition.ts'
import { durationMs, stepName } from '../workflow/parts.ts'
import type { Command, Refusal } from './commands.ts'
import type { Course } from './course.ts'
import type { Ask } from './events.ts'
import { voterOf } from './evolve.ts'
import { failRun, getStuck, PLAIN_RUN, settle } from './flow.ts'
import type { Run, TaskState } from './state.ts'

/** A run that waits for people. */
export type AskedRun = Run & { phase: Extract<Run['phase'], { name: 'asked' }> }

/** The run of the open visit that waits for people, or undefined. */
export function openAsk(state: TaskState): AskedRun | undefined {
  return state.visit.open ? state.visit.runs.find((run): run is AskedRun => run.phase.name === 'asked') : undefined
}

/** Asks the people of a human step; roles are looked up first, as they stand for people only when the visit starts. */
export function askPeople(course: Course, human: Human): void {
  const roles = rolesOf(human)
  if (roles.length > 0) return course.emit({ type: 'asking', visit: course.state.visit.n, run: PLAIN_RUN, roles })
  putAsk(course, human, {})
}

const ROLE = 'role:'

/** The team roles that a human step names. */
function rolesOf(human: Human): string[] {
  const names = [...(human.assign ?? []), ...(human.overdue?.assign ?? [])]
  return [...new Set(names.filter(name => name.startsWith(ROLE)).map(name => name.slice(ROLE.length)))]
}

function peopleOf(names: string[] | undefined, people: Record<string, string[]>): string[] {
  return distinct(
    (names ?? []).flatMap(name => (name.startsWith(ROLE) ? (people[name.slice(ROLE.length)] ?? []) : [name])),
  )
}

/** Puts the question once the people behind its roles are known. */
export function resolveRoles(course: Course, command: Extract<Command, { type: 'resolve' }>): Refusal | null {
  const { visit } = course.state
  const run = visit.open && visit.n === command.visit ? course.run(command.run) : undefined
  const { human } = course.step
  if (run?.phase.name !== 'asking' || human === undefined) return { kind: 'stale_attempt' }
  putAsk(course, human, command.people)
  return null
}

function putAsk(course: Course, human: Human, people: Record<string, string[]>): void {
  const { step, state, ctx } = course
  const rendered = renderText(human.instructions ?? '', course.scope())
  if (!rendered.ok) return failRun(course, { code: 'template', message: rendered.message, retryable: false })
  const labels = labelsOf(step)
  const dueIn = human.due === undefined ? null : durationMs(human.due)
  emitAsk(course, {
    kind: 'decide',
    instructions: rendered.text,
    artefact: artefactOf(state, human.edits ?? null),
    assignees: peopleOf(human.assign, people),
    escalate: peopleOf(human.overdue?.assign, people),
    labels,
    approve: human.approve ?? (labels.includes('approved') ? 'approved' : (labels[0] ?? null)),
    needs: human.needs ?? 1,
    reason: human.reason ?? [],
    edits: human.edits ?? null,
    due: dueIn === null ? null : ctx.now + dueIn,
    requester: human.requester ?? true,
  })
}

/** Puts a model's doubtful answer to the workflow's owner; the buttons are the step's labels. */
export function askOwner(course: Course): void {
  const { step, pinned } = course
  const labels = labelsOf(step)
  const owner = pinned.definition.owner
  emitAsk(course, {
    kind: 'unsure',
    instructions: `The model was not sure enough how "${stepName(step)}" came out. Choose how it goes on.`,
    artefact: artefactOf(course.state, step.key),
    assignees: owner === undefined ? [] : [owner.toLowerCase()],
    escalate: [],
    labels: labels.length > 0 ? labels : ['done'],
    approve: null,
    needs: 1,
    reason: [],
    edits: null,
    due: null,
    requester: true,
  })
}

function emitAsk(course: Course, ask: Omit<Ask, 'digest'>): void {
  const digest = digestOf(course, ask)
  course.emit({ type: 'asked', visit: course.state.visit.n, run: PLAIN_RUN, ask: { ...ask, digest } })
  if (ask.assignees.length === 0) nobodyAssigned(course)
}

function nobodyAssigned(course: Course): void {
  getStuck(course, 'nobody_assigned', `Nobody is assigned to "${stepName(course.step)}".`, 'Assign someone.')
}

/** What a person approves: exactly these words and this content. */
function digestOf(course: Course, ask: Pick<Ask, 'instructions' | 'artefact'>): string {
  const content = ask.artefact === null ? null : course.value<Json>(ask.artefact.output)
  return course.ctx.sha256(JSON.stringify([ask.instructions, ask.artefact?.step ?? null, content]))
}

/** The output that is shown: that of the named step, else the latest one there is. */
function artefactOf(state: TaskState, step: string | null): Ask['artefact'] {
  if (step !== null && state.steps[step] !== undefined) return { step, output: state.steps[step].output }
  const latest = Object.entries(state.steps)
    .filter(([, record]) => record.output !== null)
    .sort(([, a], [, b]) => b.visit - a.visit)[0]
  return latest === undefined ? null : { step: latest[0], output: latest[1].output }
}

function distinct(people: string[]): string[] {
  return [...new Set(people.map(person => person.toLowerCase()))]
}

type Decide = Extract<Command, { type: 'decide' }>

/** A person's decision: a vote, an edit, or what settles the visit. */
export function decideAsk(course: Course, command: Decide): Refusal | null {
  const run = openAsk(course.state)
  if (run === undefined) return nothingOpen(course.state, command.visit)
  const { ask } = run.phase
  const barred = refuseVoter(course, ask)
  if (barred !== null) return barred
  if (command.seen !== undefined && command.seen !== ask.digest) {
    return { kind: 'content_changed', seen: command.seen, digest: ask.digest }
  }
  if (!ask.labels.includes(command.handoff))
    return { kind: 'unknown_label', label: command.handoff, labels: ask.labels }
  const note = command.note?.trim() || null
  if (ask.reason.includes(command.handoff) && note === null) return { kind: 'reason_required', label: command.handoff }
  if (command.edits !== undefined) {
    const refusal = edit(course, run, command.edits)
    if (refusal !== null) return refusal
  }
  return vote(course, run.id, command.handoff, note)
}

/** What was meant is no longer open: whoever comes late learns who decided it, the latest one if they named no visit. */
export function nothingOpen(state: TaskState, visit?: number): Refusal {
  const meant = visit ?? Math.max(...Object.keys(state.decided).map(Number))
  const decided = state.decided[meant]
  return decided === undefined ? movedOn(state) : { kind: 'already_decided', visit: meant, ...decided }
}

export function movedOn(state: TaskState): Refusal {
  return { kind: 'moved_on', visit: state.visit.n, step: state.visit.step || null }
}

function refuseVoter(course: Course, ask: Ask): Refusal | null {
  const { actor } = course.ctx
  if (!ask.requester && voterOf(actor) === voterOf(course.state.startedBy)) return { kind: 'requester_barred' }
  const named = actor.kind === 'person' || actor.kind === 'link'
  return named && !ask.assignees.includes(actor.id.toLowerCase())
    ? { kind: 'not_assigned', assignees: ask.assignees }
    : null
}

/** An approver's edit is the step's output from now on; approvals given to the earlier content count no more. */
function edit(course: Course, run: AskedRun, edits: Json): Refusal | null {
  const { ask } = run.phase
  const edited = ask.edits === null ? undefined : stepOf(course.pinned.definition, ask.edits)
  if (edited === undefined) return { kind: 'edits_not_allowed' }
  const errors = invalidEdit(edited.output, edits)
  if (errors.length > 0) return { kind: 'invalid_edits', errors }
  const digest = digestOf(course, { instructions: ask.instructions, artefact: { step: edited.key, output: edits } })
  if (digest === ask.digest) return null
  course.emit({ type: 'edited', visit: course.state.visit.n, run: run.id, step: edited.key, output: edits, digest })
  return null
}

function invalidEdit(schema: JsonSchema | undefined, edits: Json): string[] {
  if (schema === undefined) return typeof edits === 'string' ? [] : ['the edited output must be text']
  return validate(schema, edits).map(problem => problem.message)
}

function vote(course: Course, runId: number, handoff: string, note: string | null): Refusal | null {
  const run = openAsk(course.state)
  if (run === undefined) return nothingOpen(course.state)
  const { ask, votes } = run.phase
  const approvals = votes.filter(each => each.digest === ask.digest && each.handoff === ask.approve)
  const voter = voterOf(course.ctx.actor)
  const approving = handoff === ask.approve
  if (approving && approvals.some(each => each.voter === voter)) return { kind: 'already_voted', by: voter }
  const counted = approving ? approvals.length + 1 : 1
  const needs = approving ? ask.needs : 1
  const settles = counted >= needs
  course.emit({
    type: 'decided',
    visit: course.state.visit.n,
    run: runId,
    handoff,
    note,
    counted,
    needs,
    digest: ask.digest,
    settles,
  })
  if (settles) settle(course, { kind: 'completed', label: handoff })
  return null
}

/** The due time passed: others are asked too, or the named default (never the approving label) is taken. */
export function overdue(course: Course): void {
  const run = openAsk(course.state)
  const rule = course.step.human?.overdue
  if (run === undefined || rule === undefined) return
  const { ask } = run.phase
  if (rule.handoff !== undefined && rule.handoff !== ask.approve && ask.labels.includes(rule.handoff)) {
    vote(course, run.id, rule.handoff, 'Nobody decided in time.')
    return
  }
  const to = distinct([...ask.assignees, ...ask.escalate])
  course.emit({ type: 'assigned', visit: course.state.visit.n, run: run.id, to, by: 'overdue' })
}

/** Whether passing the due time does anything. */
export function overdueAt(ask: Ask, human: Human | undefined): number | null {
  return human?.overdue === undefined ? null : ask.due
}

/** Asks these people from now on instead. */
export function assign(course: Course, to: string[]): Refusal | null {
  const run = openAsk(course.state)
  if (run === undefined) return nothingOpen(course.state)
  course.emit({ type: 'assigned', visit: course.state.visit.n, run: run.id, to: distinct(to), by: 'command' })
  if (to.length === 0 && course.state.status === 'waiting') nobodyAssigned(course)
  return null
}
