/** What people answer: votes, edits, the decision, other people to ask, and what happens when nobody decides. */
import type { Question } from '../../handler/handler.ts'
import { chooserOf } from '../../handler/of-step.ts'
import type { Json, JsonSchema } from '../../json/json.ts'
import { validate } from '../../schema/validate.ts'
import { stepOf } from '../../workflow/definition.ts'
import type { Command, Refusal } from '../commands.ts'
import { attach } from '../filing.ts'
import { startRun, viewOf } from '../flow.ts'
import { decidedCall, invalidCallEdit } from '../run/calling.ts'
import { mayGoOn, type Run } from '../state.ts'
import type { TaskChange } from '../task-change.ts'
import type { Ask } from './ask.ts'
import { type AskedRun, digestOf, nobodyAssigned, openAsks } from './asking.ts'
import { clearedBy, fill, givenWith } from './filling.ts'
import { meantAsk, nothingOpen } from './meant.ts'
import { isSurelyDrafted } from './sampling.ts'
import { goOn, undoUntil } from './settling.ts'
import { askNext, backToFirst, hasApprovedStage, hasNext } from './stages.ts'
import { voterOf } from './voter.ts'

/** Puts a question once the people behind its roles and the team's working hours are known. */
export function resolveRoles(change: TaskChange, command: Extract<Command, { type: 'resolve' }>): Refusal | null {
  const { visit } = change.state
  const run = visit.open && visit.n === command.visit ? change.run(command.run) : undefined
  if (run?.phase.name !== 'asking' || !mayGoOn(change.state, run)) return { kind: 'stale_attempt' }
  const { handler, job } = change.rulesOf(run)
  const question = handler.question?.(job, viewOf(change, run), command.people, command.hours)
  if (question === undefined) return { kind: 'stale_attempt' }
  if (command.skip && question.kind === 'asked' && skip(change, run, question.question)) return null
  startRun(change, run, question)
  return null
}

/** Goes on as approved, where nobody needs to be asked; false: the question must be put. */
function skip(change: TaskChange, run: Run, { approve, artefact }: Question): boolean {
  const { handler, job } = change.rulesOf(run)
  const oneIn = handler.sample?.(job) ?? null
  const by = artefact === null ? undefined : stepOf(change.pinned.definition, artefact.step)
  if (oneIn === null || approve === null || run.name !== null || by === undefined || chooserOf(by) !== 'model')
    return false
  if (!isSurelyDrafted(change.state, by.key)) return false
  change.emit({ type: 'skipped', visit: change.state.visit.n, run: run.id, handoff: approve, oneIn })
  goOn(change, run, approve)
  return true
}

type Decide = Extract<Command, { type: 'decide' }>

/** A person's decision: a vote, an edit, or what settles the question. */
export function decideAsk(change: TaskChange, command: Decide): Refusal | null {
  const found = meantAsk(change.state, command)
  if ('kind' in found) return found
  const { ask } = found.phase
  const barred = refuseVoter(change, ask)
  if (barred !== null) return barred
  if (ask.risk === 'high' && change.ctx.actor.kind === 'link' && command.proven !== true)
    return { kind: 'code_required' }
  if (command.seen !== undefined && command.seen !== ask.digest) {
    return { kind: 'content_changed', seen: command.seen, digest: ask.digest }
  }
  if (!ask.labels.includes(command.handoff))
    return { kind: 'unknown_label', label: command.handoff, labels: ask.labels }
  const note = command.note?.trim() || null
  if (ask.reason.includes(command.handoff) && note === null) return { kind: 'reason_required', label: command.handoff }
  // Before all that comes of it: a later step may name them.
  const unkept = attach(change, { type: 'attach', files: command.files ?? [] })
  if (unkept !== null) return unkept
  if (ask.call !== undefined) return decideCall(change, found, command, note)
  if (command.edits !== undefined) {
    const refusal = edit(change, found, command.edits, note)
    if (refusal !== null) return refusal
  }
  const unfit = fill(change, found.id, command, note)
  if (unfit !== null) return unfit
  return isOfLaterStage(change, found.id, command.handoff)
    ? null
    : vote(change, found.id, command.handoff, note, command.files)
}

/** Whoever changed the content in a later stage is asked again in their turn: their approval does not count for the first. */
function isOfLaterStage(change: TaskChange, id: number, handoff: string): boolean {
  const ask = openAsks(change.state).find(each => each.id === id)?.phase.ask
  return ask?.stages !== undefined && handoff === ask.approve && refuseVoter(change, ask) !== null
}

/** What is decided of a call changes no output: it is allowed, answered, or said to have happened. */
function decideCall(
  change: TaskChange,
  run: AskedRun,
  { handoff, edits, files }: Decide,
  note: string | null,
): Refusal | null {
  const { ask } = run.phase
  const errors = edits === undefined ? [] : invalidCallEdit(change, run, ask, handoff, edits)
  if (errors === null) return { kind: 'edits_not_allowed' }
  if (errors.length > 0) return { kind: 'invalid_edits', errors }
  const { digest } = ask
  const visit = change.state.visit.n
  const counted = { counted: 1, needs: 1, digest, settles: true, ...filesOf(files) }
  change.emit({ type: 'decided', visit, run: run.id, handoff, note, ...counted })
  decidedCall(change, run, ask, { handoff, note, edits })
  return null
}

/** The answer by command: whether a call happened, and what it answered. */
export function answerOutcome(change: TaskChange, command: Extract<Command, { type: 'answer' }>): Refusal | null {
  const { happened, output, visit, run } = command
  const found = meantAsk(change.state, { visit, run })
  if ('kind' in found) return found
  if (found.phase.ask.kind !== 'outcome') {
    return { kind: 'wrong_status', status: change.state.status, command: 'answer', allowed: ['decide'] }
  }
  const edits = happened ? output : undefined
  return decideAsk(change, {
    type: 'decide',
    handoff: happened ? 'happened' : 'not_happened',
    edits,
    visit,
    run: found.id,
  })
}

function refuseVoter(change: TaskChange, ask: Ask): Refusal | null {
  const { actor } = change.ctx
  if (!ask.requester && voterOf(actor) === voterOf(change.state.startedBy)) return { kind: 'requester_barred' }
  const named = actor.kind === 'person' || actor.kind === 'link'
  return named && !ask.assignees.includes(actor.id.toLowerCase())
    ? { kind: 'not_assigned', assignees: ask.assignees }
    : null
}

/** An approver's edit is the step's output from now on; approvals given to the earlier content count no more. */
function edit(change: TaskChange, run: AskedRun, edits: Json, note: string | null): Refusal | null {
  const { ask } = run.phase
  const edited = ask.edits === null ? undefined : stepOf(change.pinned.definition, ask.edits)
  if (edited === undefined) return { kind: 'edits_not_allowed' }
  const errors = invalidEdit(edited.output, edits)
  if (errors.length > 0) return { kind: 'invalid_edits', errors }
  const artefact = { step: edited.key, output: edits }
  if (digestOf(change, { ...ask, artefact }) === ask.digest) return null
  for (const shown of openAsks(change.state)) {
    // Whoever else is shown it is shown the edit, and approves that.
    if (shown.id !== run.id && shown.phase.ask.artefact?.step !== edited.key) continue
    const digest = digestOf(change, { ...shown.phase.ask, artefact })
    const { n } = change.state.visit
    const cleared = clearedBy(shown)
    change.emit({ type: 'edited', visit: n, run: shown.id, step: edited.key, output: edits, digest, cleared })
    backToFirst(change, shown.id, shown.id === run.id ? note : null)
  }
  return null
}

function invalidEdit(schema: JsonSchema | undefined, edits: Json): string[] {
  if (schema === undefined) return typeof edits === 'string' ? [] : ['the edited output must be text']
  return validate(schema, edits).map(problem => problem.message)
}

function vote(
  change: TaskChange,
  id: number,
  handoff: string,
  note: string | null,
  files?: Decide['files'],
): Refusal | null {
  const run = openAsks(change.state).find(each => each.id === id)
  if (run === undefined) return nothingOpen(change.state)
  const { ask, votes } = run.phase
  const approvals = votes.filter(each => each.digest === ask.digest && each.handoff === ask.approve)
  const voter = voterOf(change.ctx.actor)
  const approving = handoff === ask.approve
  if (approving && (approvals.some(each => each.voter === voter) || hasApprovedStage(change, run, voter)))
    return { kind: 'already_voted', by: voter }
  const counted = approving ? approvals.length + 1 : 1
  const needs = approving ? ask.needs : 1
  const isEnough = counted >= needs
  const staged = isEnough && approving && hasNext(ask)
  const settles = isEnough && !staged
  const { digest } = ask
  const visit = change.state.visit.n
  const until = settles ? undoUntil(change, ask) : null
  const output = settles ? givenWith(change, run, { handoff, note, by: voter }) : undefined
  const more = { ...(until !== null && { until }), ...(output !== undefined && { output }), ...filesOf(files) }
  change.emit({ type: 'decided', visit, run: id, handoff, note, counted, needs, digest, settles, ...more })
  if (staged) askNext(change, id)
  if (settles && until === null) goOn(change, run, handoff)
  return null
}

/** What a decision says of the files that came with it. */
function filesOf(files: Decide['files']): { files?: { id: string; name: string }[] } {
  return files === undefined || files.length === 0 ? {} : { files: files.map(({ id, name }) => ({ id, name })) }
}

/** The due time passed: others are asked too, or the named default (never the approving label) is taken. */
export function overdue(change: TaskChange, run: AskedRun): void {
  const { handler, job } = change.rulesOf(run)
  const rule = handler.overdue?.(job) ?? null
  if (rule === null) return
  const { ask } = run.phase
  if (rule.handoff !== undefined && rule.handoff !== ask.approve && ask.labels.includes(rule.handoff)) {
    vote(change, run.id, rule.handoff, 'Nobody decided in time.')
    return
  }
  const to = distinct([...ask.assignees, ...ask.escalate])
  change.emit({ type: 'assigned', visit: change.state.visit.n, run: run.id, to, by: 'overdue' })
}

/** Asks these people from now on instead. */
export function assign(change: TaskChange, command: Extract<Command, { type: 'assign' }>): Refusal | null {
  const found = meantAsk(change.state, command)
  if ('kind' in found) return found
  const to = distinct(command.to)
  const because = command.because && command.because.length > 0 && { because: command.because }
  change.emit({ type: 'assigned', visit: change.state.visit.n, run: found.id, to, by: 'command', ...because })
  // A question about a lost answer is stuck for that reason, whoever is asked.
  const isKnown = change.state.stops.some(
    stop => ['nobody_assigned', 'unknown_outcome'].includes(stop.cause) && (stop.run ?? found.id) === found.id,
  )
  if (to.length === 0 && !isKnown) nobodyAssigned(change, found.id)
  return null
}

function distinct(people: string[]): string[] {
  return [...new Set(people.map(person => person.toLowerCase()))]
}
