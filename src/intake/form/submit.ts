/** From a form that was filled in to its task: once for each page and content, past the owner's filter, limit and Turnstile. */
import { renamed } from '../../domain/file/fields.ts'
import type { Json } from '../../domain/json/json.ts'
import { BODY_LIMITS, guardValue } from '../../domain/json/json-guard.ts'
import { validate } from '../../domain/schema/validate.ts'
import type { Env } from '../../env.ts'
import { type CameFile, contentIds, forTask } from '../../files/page-form.ts'
import { explain, type Problem } from '../../http/errors.ts'
import { type Given, OWN, readInput } from '../../http/request/input-form.ts'
import { derivedTaskId, sha256Hex } from '../../records/ids.ts'
import type { FoundIntake } from '../../records/intake/open-intakes.ts'
import type { PinnedVersion } from '../../task/pinned.ts'
import type { Target } from '../../task/start.ts'
import { madeUp } from '../arrival/delivery.ts'
import { overLimit } from '../entry/limit.ts'
import { type Applied, applySettings } from '../outcome/apply-settings.ts'
import { deliverEvent, outcomeOfEvent } from '../outcome/deliver-event.ts'
import { noteDelivery, refusedBy } from '../outcome/delivery-note.ts'
import { onceReplayed } from '../outcome/replay.ts'
import { startDelivery } from '../outcome/start-delivery.ts'
import { publicForm } from './form-view.tsx'
import type { Verdict } from './turnstile.ts'

/** A form that is open, with what it feeds. */
export interface OpenForm {
  intake: FoundIntake
  into: Target
}

export type Submitted =
  /** `task`: null where the owner's filter passed it over. */
  | { ok: true; task: string | null; held: boolean }
  /** It can be put right, or sent again: the form comes back with all that was written. */
  | { ok: false; status: 409 | 422 | 429 | 503; errors: Record<string, string>; retryAfter?: number }
  | { ok: false; problem: Problem }

/** Takes a form in. The same page sent twice with the same content is one task; filled in anew, it is another. */
export async function submit(
  env: Env,
  { intake, into }: OpenForm,
  { given, files }: { given: Given; files: CameFile[] },
  page: string,
  visitor: () => Promise<Verdict>,
): Promise<Submitted> {
  const { version } = into
  const bad = Object.keys(given).find(name => given[name]!.includes('\0'))
  if (bad !== undefined) return wrong({ [bad]: 'It holds a NUL character.' })
  const read = readInput(publicForm(version.pinned.definition.input), given)
  if (!read.ok) return wrong(read.errors)
  const guarded = guardValue(read.input, BODY_LIMITS)
  if (guarded) return wrong({ '': guarded.message })

  const text = JSON.stringify(read.input)
  const parts = { body: read.input, headers: {}, query: {} }
  const made = madeUp(intake.id, parts, { type: 'application/json', text, isForm: false }, Date.now())
  const delivery = files.length === 0 ? made : { ...made, files }
  const { skipped, event, input, problem } = applySettings(intake.config, version, delivery)
  if (skipped === null && (input === undefined || problem)) return wrong(errorsOf(version, read.input, problem))

  if (skipped !== null) {
    const unproven = await notAPerson(visitor)
    if (unproven) return told(unproven)
    const outcome = { verdict: 'skipped', status: 200, reason: skipped, task: null } as const
    await noteDelivery(env, intake.team, delivery, outcome)
    return { ok: true, task: null, held: false }
  }
  const key = `${page}.${await sha256Hex(JSON.stringify(renamed(read.input, contentIds(files))))}`
  // Not asked of what came before: a token of Turnstile's counts once, and a second click is no second task.
  const ifNew = async () => (await notAPerson(visitor)) ?? (await overLimit(env, intake))
  if (event) {
    const sent = await deliverEvent(env, intake, event, { actor: { kind: 'system' }, delivery: key, ifNew })
    if (!sent.ok) return told(sent.problem)
    await noteDelivery(env, intake.team, delivery, outcomeOfEvent(event, sent.value))
    return { ok: true, task: null, held: false }
  }
  const task = await derivedTaskId(intake.team, 'intake', intake.id, key)
  await forTask({ env }, intake.team, files, task)
  const started = await startDelivery(env, intake, into, delivery, {
    task,
    idempotency: { id: key, hash: intake.id },
    input,
    refused: null,
    actor: { kind: 'system' },
    ifNew,
  })
  if (!started.ok && started.problem.kind === 'duplicate_key') {
    await noteDelivery(env, intake.team, delivery, refusedBy(started.problem))
    return { ok: false, status: 409, errors: { '': DUPLICATE } }
  }
  return started.ok ? { ok: true, task, held: 'held' in started } : told(started.problem)
}

/**
 * A password manager may fill in what nobody sees: what came is listed among the deliveries, for someone to look at and
 * replay. Answers with its delivery and the task that it will then be.
 */
export async function keepTrapped(
  env: Env,
  { intake, into }: OpenForm,
  given: Given,
): Promise<{ delivery: string; task: string }> {
  const read = readInput(publicForm(into.version.pinned.definition.input), given)
  const own = Object.entries(given).filter(([name]) => !name.startsWith(OWN))
  const body = read.ok && guardValue(read.input, BODY_LIMITS) === null ? read.input : Object.fromEntries(own)
  const as = { type: 'application/json', text: JSON.stringify(body), isForm: false }
  const delivery = madeUp(intake.id, { body, headers: {}, query: {} }, as, Date.now())
  const reason =
    'unseen_field: A field that no person sees was filled in, by a machine or by a browser. Replay it if it is a person’s.'
  const { id } = await noteDelivery(env, intake.team, delivery, { verdict: 'held', status: 200, reason, task: null })
  return { delivery: id, task: await onceReplayed(intake.team, id) }
}

function wrong(errors: Record<string, string>): Submitted {
  return { ok: false, status: 422, errors }
}

/** Its sender learns no more of the earlier one than that. */
const DUPLICATE = 'This was sent before: what you sent now was not taken a second time.'
const UNSURE_SECONDS = 30

/** What stands against the visitor: a machine, or nobody can tell. */
async function notAPerson(visitor: () => Promise<Verdict>): Promise<Problem | null> {
  const verdict = await visitor()
  if (verdict === 'unsure') return { kind: 'unavailable', retryAfter: UNSURE_SECONDS }
  if (verdict === 'human') return null
  const message = 'The check that you are a person did not pass. Do it once more below, and send this again.'
  return { kind: 'invalid', code: 'not_a_person', message }
}

/** A problem in the words of the form, where its sender can do something about it. */
function told(problem: Problem): Submitted {
  if (problem.kind === 'invalid') return wrong({ '': problem.message })
  if (problem.kind === 'unavailable') {
    const message =
      'The check that you are a person cannot be made right now. Nothing was sent, and what you wrote stands below: send it again in a minute.'
    return { ok: false, status: 503, errors: { '': message }, retryAfter: problem.retryAfter }
  }
  if (problem.kind !== 'too_many') return { ok: false, problem }
  const message = `This form takes no more for now. Nothing was sent, and what you wrote stands below: send it again in ${inWords(problem.retryAfter)}.`
  return { ok: false, status: 429, errors: { '': message }, retryAfter: problem.retryAfter }
}

function inWords(seconds: number): string {
  if (seconds < 90) return `${seconds} s`
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} minutes` : `${Math.ceil(seconds / 3600)} hours`
}

/** Each error at its field; what has no field is told above the form. */
function errorsOf(version: PinnedVersion, body: Json, problem: Applied['problem']): Record<string, string> {
  const { input: schema } = version.pinned.definition
  const names = publicForm(schema).fields.map(field => field.name)
  const errors: Record<string, string> = {}
  for (const { path, message } of schema ? validate(schema, body) : []) {
    const field = path.split(/[.[]/)[0] ?? ''
    const at = names.includes(field) ? field : ''
    errors[at] ??= message
  }
  if (Object.keys(errors).length > 0) return errors
  return { '': problem ? explain(problem).message : 'It could not be read.' }
}
