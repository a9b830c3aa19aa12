/**
 * Calls to the outside and an agent's turns, as the log keeps them: intent before a call, receipt after it, a question where
 * a person must allow it, and what they say of one whose answer was lost.
 */
import type { Json } from '../../json/json.ts'
import { validate } from '../../schema/validate.ts'
import type { CallNote, CallQuestion, Command, Refusal } from '../commands.ts'
import type { Course } from '../course.ts'
import type { Ask, RunFailure } from '../events.ts'
import { voterOf } from '../evolve.ts'
import { endRun, reachLimit } from '../flow.ts'
import { beyondCalls, beyondCost } from '../limits.ts'
import { ask } from '../people/asking.ts'
import type { Call, Run } from '../state.ts'
import { cancelTask, getStuck } from '../stop.ts'
import { leased, leaseEnd, priced, promptOf } from './lease.ts'

/** Notes what a worker says of its calls; the lease is prolonged. What was noted before, as its answer was lost, is not noted again. */
export function note(course: Course, command: Extract<Command, { type: 'note' }>): Refusal | null {
  const run = leased(course.state, command)
  if (run === undefined || run.phase.until <= course.ctx.now) return { kind: 'stale_attempt' }
  const { note } = command
  const ref = { visit: command.visit, run: run.id, attempt: run.attempt, until: leaseEnd(course, run) }
  if ('called' in note) return begun(course, run, ref, note.called)
  if ('turned' in note) return turned(course, run, ref, note.turned)
  if ('asks' in note) return askFirst(course, run, note.asks)
  const known = run.calls.find(call => call.id === note.answered.call)
  if (known === undefined || known.receipt === null) course.emit({ type: 'answered', ...ref, ...note.answered })
  return null
}

interface Ref {
  visit: number
  run: number
  attempt: number
  until: number
}

function begun(course: Course, run: Run, ref: Ref, called: Extract<CallNote, { called: unknown }>['called']): null {
  const isNoted = run.calls.some(call => call.id === called.call && call.open && call.attempt === run.attempt)
  if (isNoted) return null
  if (beyondCalls(course)) return putBack(course, run, 'limit_calls')
  course.emit({ type: 'called', ...ref, ...called })
  return null
}

type Turned = Extract<CallNote, { turned: unknown }>['turned']

function turned(course: Course, run: Run, ref: Ref, said: Turned): null {
  if (said.turn <= run.turns.length) return null
  course.emit({ type: 'turned', ...ref, ...said, usage: priced(said.usage) })
  if (beyondCost(course, course.rulesOf(run).job.frame, promptOf(course, run))) putBack(course, run, 'limit_cost')
  return null
}

/** A limit stands in the way of a run that is being worked on: it is put back as it was, and goes on once the limit is raised. */
function putBack(course: Course, { id, attempt }: Run, cause: 'limit_calls' | 'limit_cost'): null {
  const { n } = course.state.visit
  course.emit({ type: 'due', visit: n, run: id, attempt, at: course.ctx.now, why: cause })
  reachLimit(course, cause, { run: id })
  return null
}

/** The call waits for a person, or is itself a question to one. */
function askFirst(course: Course, run: Run, question: CallQuestion): null {
  const options = question.options ?? []
  const [labels, approve] =
    question.kind === 'call' ? [['allow', 'deny'], 'allow'] : [options.length > 0 ? options : ['answer'], null]
  ask(course, run, {
    ...asked(course, question.to),
    kind: question.kind,
    instructions: question.why,
    artefact: { step: course.step.key, output: question.args },
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
  course: Course,
  to?: string[],
): Pick<Ask, 'assignees' | 'escalate' | 'needs' | 'edits' | 'due' | 'requester'> {
  const { owner } = course.pinned.definition
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
export function unknownOutcome(course: Course, run: Run, call: Call): void {
  const name = course.nameOf(run.id)
  const tool = ['', 'http'].includes(call.tool) ? 'A call' : `The call of ${call.tool}`
  const message = `${tool} at ${name} began, and its answer was lost; it must not be made twice unseen.`
  const fix = 'Find out whether it happened, and say so: it happened, it did not, or stop here.'
  ask(course, run, {
    ...asked(course),
    kind: 'outcome',
    instructions: `${message} ${fix}`,
    artefact: { step: course.step.key, output: call.args },
    labels: ['happened', 'not_happened', 'stop'],
    approve: null,
    reason: [],
    call: { id: call.id, tool: call.tool, args: call.args, at: call.at },
  })
  getStuck(course, { cause: 'unknown_outcome', message, fix, run: run.id })
}

/** Whether what a person put in fits: changed arguments of a call, or what a call answered. */
export function invalidCallEdit(
  course: Course,
  run: Run,
  { kind, call }: Ask,
  handoff: string,
  edits: Json,
): string[] | null {
  if (kind === 'call' && handoff === 'allow' && call?.parameters !== undefined) {
    return validate(call.parameters, edits).map(problem => problem.message)
  }
  if (kind !== 'outcome' || handoff !== 'happened') return null
  const { output } = course.rulesOf(run).job.frame
  const isStep = course.rulesOf(run).handler.happened !== undefined
  return !isStep || output === undefined ? [] : validate(output, edits).map(problem => problem.message)
}

/** What was decided of a call takes effect: it is made, made again, has its receipt, or the task stops. */
export function decidedCall(
  course: Course,
  run: Run,
  ask: Ask,
  said: { handoff: string; note: string | null; edits?: Json },
): void {
  const call = ask.call!
  switch (ask.kind) {
    case 'call': {
      if (said.handoff !== 'allow') return denied(course, run, call.id, said.note)
      course.emit({
        type: 'allowed',
        visit: course.state.visit.n,
        run: run.id,
        call: call.id,
        args: said.edits ?? call.args,
      })
      return goOn(course, run, 'allowed')
    }
    case 'question': {
      const answer = ask.reason.includes(said.handoff) ? said.note : said.handoff
      const result = {
        answer,
        note: ask.reason.includes(said.handoff) ? null : said.note,
        by: voterOf(course.ctx.actor),
      }
      return received(course, run, call.id, result)
    }
    case 'outcome': {
      if (said.handoff === 'stop') return cancelTask(course, 'Whether a call happened was not known.')
      if (said.handoff === 'not_happened') return goOn(course, run, 'not_happened', true)
      return received(course, run, call.id, said.edits ?? null)
    }
    default:
  }
}

/** The run is worked on again, from where it was; `fresh`: with all its attempts, as a person looked at it. */
function goOn(course: Course, { id, attempt }: Run, why: string, fresh?: true): void {
  course.emit({ type: 'due', visit: course.state.visit.n, run: id, attempt, at: course.ctx.now, fresh, why })
}

/** A person says what came of the call: a step that is one call is done with it, an agent goes on. */
function received(course: Course, run: Run, call: string, result: Json): void {
  receipt(course, run, call, true, result)
  const { handler, job } = course.rulesOf(run)
  if (handler.happened === undefined) return goOn(course, run, 'answered', true)
  const outcome = { kind: 'completed' as const, output: handler.happened(job, result) }
  const { n } = course.state.visit
  course.emit({ type: 'reported', visit: n, run: run.id, attempt: run.attempt, lease: '', outcome, usage: null })
  endRun(course, run.id, outcome)
}

function denied(course: Course, run: Run, call: string, note: string | null): void {
  receipt(course, run, call, false, { error: 'denied', note: note ?? 'A person did not allow this call.' })
  if (course.rulesOf(run).handler.happened === undefined) return goOn(course, run, 'denied')
  const failure: RunFailure = {
    code: 'denied',
    message: `A person did not allow the call${note === null ? '.' : `: ${note}`}`,
    retryable: false,
  }
  const outcome = { kind: 'failed' as const, failure }
  const { n } = course.state.visit
  course.emit({ type: 'reported', visit: n, run: run.id, attempt: run.attempt, lease: '', outcome, usage: null })
  endRun(course, run.id, outcome)
}

function receipt(course: Course, { id, attempt }: Run, call: string, ok: boolean, result: Json): void {
  const { now } = course.ctx
  course.emit({ type: 'answered', visit: course.state.visit.n, run: id, attempt, until: now, call, ok, result, ms: 0 })
}
