/** Answers that were recorded, for steps that say `cache`: what was asked exactly so within that time is not asked again. */
import { secretsMarked, withoutMarks } from '../domain/call/secret-marks.ts'
import type { HttpOrder, ModelOrder } from '../domain/handler/order.ts'
import { canonical } from '../domain/json/canonical.ts'
import type { Json } from '../domain/json/json.ts'
import type { Completed } from '../domain/task/run/outcome.ts'
import type { Env } from '../env.ts'
import { sha256Hex } from '../records/ids.ts'
import { secretsByName } from '../records/people/secrets.ts'
import { keepRecordedAnswer, recordedAnswer } from '../records/task/recorded-answers.ts'
import type { ModelRequest } from './models/port.ts'
import type { Tool } from './tools/tool.ts'

/** A larger answer is not recorded. */
const MAX_CHARS = 64 * 1024

/** What was asked, and for how long an answer to it may be taken again. */
export interface Asked {
  digest: string
  forMs: number
}

/**
 * What a model is asked: the model, all that is said to it, its parameters, and what it may do and must answer. Null where
 * the step does not say that an answer may be taken again, or its agent has begun already.
 */
export async function askedOfModel(order: ModelOrder, request: ModelRequest, tools: Tool[]): Promise<Asked | null> {
  const { cacheMs, loop, agent } = order
  if (!cacheMs || (loop !== null && loop.turns.length > 0)) return null
  const { timeoutMs: _, ...said } = request
  const may = tools.map(({ spec, effect }) => ({ ...spec, effect, version: loop?.versions[spec.name] ?? 0 }))
  // What tools read of an agent belongs to its version.
  const asked = { kind: 'model', ...said, tools: may, agent: may.length > 0 ? agent : null }
  return { digest: await digestOf(asked), forMs: cacheMs }
}

/**
 * What a service is asked: the call as it was rendered, with its secrets by name and version. Null where the step does not
 * say that an answer may be taken again, the call does more than read, or a secret of it is not there.
 */
export async function askedOfService(
  { call, cacheMs, schema }: HttpOrder,
  env: Env,
  team: string,
): Promise<Asked | null> {
  if (!cacheMs || !['GET', 'HEAD'].includes(call.method)) return null
  const { method, url, query, headers, body = null, ok, token } = call
  const names = secretsMarked([query, headers, body], token)
  const stored = names.length === 0 ? [] : await secretsByName(env.DB, team, names)
  if (stored.length < names.length) return null
  const secrets = Object.fromEntries(stored.map(({ name, sealed }) => [name, sealed.version]))
  const sent = withoutMarks({ method, url, query, headers, body }, token)
  return { digest: await digestOf({ kind: 'http', ...sent, ok, secrets, schema }), forMs: cacheMs }
}

function digestOf(asked: object): Promise<string> {
  // Without what is undefined, which is no JSON.
  return sha256Hex(canonical(JSON.parse(JSON.stringify(asked)) as Json))
}

/** The answer as it was recorded, which says so; null: there is none. What is not there costs a call, never a task. */
export async function takeRecorded(
  env: Env,
  team: string,
  asked: Asked | null,
  now: number,
): Promise<Completed | null> {
  if (asked === null) return null
  try {
    const found = await recordedAnswer(env.DB, team, asked.digest, now - asked.forMs)
    if (found === null) return null
    const { task, at } = found
    return { ...(JSON.parse(found.answer) as Completed), recorded: { task, at } }
  } catch (error) {
    return missed(error)
  }
}

/** Records the answer. It was checked already; one that is too large is left out. */
export async function record(
  env: Env,
  team: string,
  asked: Asked,
  answered: { answer: Completed; task: string },
  now: number,
): Promise<void> {
  const answer = JSON.stringify(answered.answer)
  if (answer.length > MAX_CHARS) return
  const row = { answer, task: answered.task, at: now }
  await keepRecordedAnswer(env.DB, team, asked.digest, row, now + asked.forMs).catch(missed)
}

function missed(error: unknown): null {
  console.error(JSON.stringify({ level: 'warn', what: 'recorded answers', error: String(error) }))
  return null
}
