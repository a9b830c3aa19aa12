/**
 * Calls to the outside and an agent's turns, as the log keeps them: intent before a call, receipt after it, a question where
 * a person must allow it, and what they say of one whose answer was lost.
 */
import type { Json } from '../../json/json.ts'
import { validate } from '../../schema/validate.ts'
import type { CallNote, CallQuestion, Command, Refusal } from '../commands.ts'
import { beyondCost } from '../cost.ts'
import { attach } from '../filing.ts'
import { endRun, reachLimit } from '../flow.ts'
import { beyondCalls } from '../limits.ts'
import type { Ask } from '../people/ask.ts'
import { ask } from '../people/asking.ts'
import { voterOf } from '../people/voter.ts'
import type { Call, Run } from '../state.ts'
import { cancelTask, getStuck } from '../stop.ts'
import type { TaskChange } from '../task-change.ts'
import { childIsThere } from './child-start.ts'
import { givenTo, leased, leaseEnd, priced } from './lease.ts'
import type { RunFailure } from './outcome.ts'

/** Notes what a worker says of its calls; the lease is prolonged. What was noted before, as its answer was lost, is not noted again. */
export function note(change: TaskChange, command: Extract<Command, { type: 'note' }>): Refusal | null {
  const run = leased(change.state, command)
  if (run === undefined || run.phase.until <= change.ctx.now) return { kind: 'stale_attempt' }
  const { note } = command
  const ref = { visit: command.visit, run: run.id, attempt: run.attempt, until: leaseEnd(change, run) }
  if ('called' in note) return begun(change, run, ref, note.called)
  if ('turned' in note) return turned(change, run, ref, note.turned)
  if ('started' in note) {
    childIsThere(change, run, note.started)
    return null
  }
  if ('asks' in note) return askFirst(change, run, note.asks)
  const { files = [], ...answered } = note.answered
  const known = run.calls.find(call => call.id === answered.call)
  if (known !== undefined && known.receipt !== null) return null
  const refused = attach(change, { type: 'attach', files })
  if (refused === null) change.emit({ type: 'answered', ...ref, ...answered })
  return refused
}

interface Ref {
  visit: number
  run: number
  attempt: number
  until: number
}

function begun(change: TaskChange, run: Run, ref: Ref, called: Extract<CallNote, { called: unknown }>['called']): null {
  const isNoted = run.calls.some(call => call.id === called.call && call.open && call.attempt === run.attempt)
  if (isNoted) return null
  if (beyondCalls(change)) return putBack(change, run, 'limit_calls')
  change.emit({ type: 'called', ...ref, ...called })
  return null
}

type Turned = Extract<CallNote, { turned: unknown }>['turned']

function turned(change: TaskChange, run: Run, ref: Ref, said: Turned): null {
  if (said.turn <= run.turns.length) return null
  change.emit({ type: 'turned', ...ref, ...said, usage: priced(said.usage) })
  if (beyondCost(change, change.rulesOf(run), givenTo(change, run))) putBack(change, run, 'limit_cost')
  return null
}

/** A limit stands in the way of a run that is being worked on: it is put back as it was, and goes on once the limit is raised. */
function putBack(change: TaskChange, { id, attempt }: Run, cause: 'limit_calls' | 'limit_cost'): null {
  const { n } = change.state.visit
  change.emit({ type: 'due', visit: n, run: id, attempt, at: change.ctx.now, why: cause })
  reachLimit(change, cause, { run: id })
  return null
}

/** The call waits for a person, or is itself a question to one. */
function askFirst(change: TaskChange, run: Run, question: CallQuestion): null {
  const options = question.options ?? []
  const [labels, approve] =
    question.kind === 'call' ? [['allow', 'deny'], 'allow'] : [options.length > 0 ? options : ['answer'], null]
  ask(change, run, {
    ...asked(change, question.to),
    kind: question.kind,
    instructions: question.why,
    artefact: { step: change.step.key, output: question.args },
    labels,
    approve,
    // Without options the note is the answer.
    reason: question.kind === 'question' && options.length === 0 ? ['answer'] : [],
    call: { id: question.call, tool: question.tool, args: question.args, parameters: question.parameters },
  })
  return null
}

/** What all questions about calls have in common: the workflow's owner is asked, and one of them is enough. */
function asked(
  change: TaskChange,
  to?: string[],
): Pick<Ask, 'assignees' | 'escalate' | 'needs' | 'edits' | 'due' | 'requester'> {
  const { owner } = change.pinned.definition
  const assignees = to ?? (owner === undefined ? [] : [owner])
  return {
    assignees: assignees.map(person => person.toLowerCase()),
    escalate: [],
    needs: 1,
    edits: null,
    due: null,
    requester: true,
  }
}

/** Nobody knows whether the call happened: the run stands still until a person says. */
export function unknownOutcome(change: TaskChange, run: Run, call: Call): void {
  const name = change.nameOf(run.id)
  const tool = ['', 'http'].includes(call.tool) ? 'A call' : `The call of ${call.tool}`
  const message = `${tool} at ${name} began, and its answer was lost; it must not be made twice unseen.`
  const fix = 'Find out whether it happened, and say so: it happened, it did not, or stop here.'
  ask(change, run, {
    ...asked(change),
    kind: 'outcome',
    instructions: `${message} ${fix}`,
    artefact: { step: change.step.key, output: call.args },
    labels: ['happened', 'not_happened', 'stop'],
    approve: null,
    reason: [],
    call: { id: call.id, tool: call.tool, args: call.args, at: call.at },
  })
  getStuck(change, { cause: 'unknown_outcome', message, fix, run: run.id })
}

/** Whether what a person put in fits: changed arguments of a call, or what a call answered. */
export function invalidCallEdit(
  change: TaskChange,
  run: Run,
  { kind, call }: Ask,
  handoff: string,
  edits: Json,
): string[] | null {
  if (kind === 'call' && handoff === 'allow' && call?.parameters !== undefined) {
    return validate(call.parameters, edits).map(problem => problem.message)
  }
  if (kind !== 'outcome' || handoff !== 'happened') return null
  const { output } = change.rulesOf(run).job.frame
  const isStep = change.rulesOf(run).handler.happened !== undefined
  return !isStep || output === undefined ? [] : validate(output, edits).map(problem => problem.message)
}

/** What was decided of a call takes effect: it is made, made again, has its receipt, or the task stops. */
export function decidedCall(
  change: TaskChange,
  run: Run,
  ask: Ask,
  said: { handoff: string; note: string | null; edits?: Json },
): void {
  const call = ask.call!
  switch (ask.kind) {
    case 'call': {
      if (said.handoff !== 'allow') return denied(change, run, call.id, said.note)
      change.emit({
        type: 'allowed',
        visit: change.state.visit.n,
        run: run.id,
        call: call.id,
        args: said.edits ?? call.args,
      })
      return goOn(change, run, 'allowed')
    }
    case 'question': {
      const answer = ask.reason.includes(said.handoff) ? said.note : said.handoff
      const result = {
        answer,
        note: ask.reason.includes(said.handoff) ? null : said.note,
        by: voterOf(change.ctx.actor),
      }
      return received(change, run, call.id, result)
    }
    case 'outcome': {
      if (said.handoff === 'stop') return cancelTask(change, 'Whether a call happened was not known.')
      if (said.handoff === 'not_happened') return goOn(change, run, 'not_happened', true)
      return received(change, run, call.id, said.edits ?? null)
    }
    default:
  }
}

/** The run is worked on again, from where it was; `fresh`: with all its attempts, as a person looked at it. */
function goOn(change: TaskChange, { id, attempt }: Run, why: string, fresh?: true): void {
  change.emit({ type: 'due', visit: change.state.visit.n, run: id, attempt, at: change.ctx.now, fresh, why })
}

/** A person says what came of the call: a step that is one call is done with it, an agent goes on. */
function received(change: TaskChange, run: Run, call: string, result: Json): void {
  receipt(change, run, call, true, result)
  const { handler, job } = change.rulesOf(run)
  if (handler.happened === undefined) return goOn(change, run, 'answered', true)
  const outcome = { kind: 'completed' as const, output: handler.happened(job, result) }
  const { n } = change.state.visit
  change.emit({ type: 'reported', visit: n, run: run.id, attempt: run.attempt, lease: '', outcome, usage: null })
  endRun(change, run.id, outcome)
}

function denied(change: TaskChange, run: Run, call: string, note: string | null): void {
  receipt(change, run, call, false, { error: 'denied', note: note ?? 'A person did not allow this call.' })
  if (change.rulesOf(run).handler.happened === undefined) return goOn(change, run, 'denied')
  const failure: RunFailure = {
    code: 'denied',
    message: `A person did not allow the call${note === null ? '.' : `: ${note}`}`,
    retryable: false,
  }
  const outcome = { kind: 'failed' as const, failure }
  const { n } = change.state.visit
  change.emit({ type: 'reported', visit: n, run: run.id, attempt: run.attempt, lease: '', outcome, usage: null })
  endRun(change, run.id, outcome)
}

function receipt(change: TaskChange, { id, attempt }: Run, call: string, ok: boolean, result: Json): void {
  const { now } = change.ctx
  change.emit({ type: 'answered', visit: change.state.visit.n, run: id, attempt, until: now, call, ok, result, ms: 0 })
}
