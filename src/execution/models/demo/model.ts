/** The embedded demo model: no key, no network, the same answer to the same request, and labelled as a demo in its text. */
import type { Json, JsonObject } from '../../../domain/json/json.ts'
import { asText, type Message, type ToolCall } from '../../../domain/messages.ts'
import { choose } from '../../../domain/sample/choice.ts'
import { type Facts, readFacts } from '../../../domain/sample/facts.ts'
import { valueFor } from '../../../domain/sample/value.ts'
import { FAILURE_CODES, type FailureCode, type RunFailure, type Usage } from '../../../domain/task/run/outcome.ts'
import { estimateTokens } from '../../../domain/text/tokens.ts'
import type { Validate } from '../answer/envelope.ts'
import type { Away, ModelAnswer, ModelOutcome, ModelPort, ModelRequest } from '../port.ts'
import { type Directives, readDirectives } from './directives.ts'
import { draftOf } from './text.ts'
import { callsOf, factsHeard } from './tools.ts'

/** As sure as the demo model is unless a prompt tells it otherwise. */
const CONFIDENCE = 0.92

/**
 * The demo model behind the port. With a validator its data is checked like any model's; directives in the prompt
 * (directives.ts) make it fail, hesitate or wait.
 */
export const demoModels = ({ validate }: { validate?: Validate } = {}): ModelPort => ({
  async complete(request) {
    const started = Date.now()
    const { directives, text: prompt } = readDirectives(promptOf(request.messages))
    const text = [prompt, ...request.messages.flatMap(filesIn)].join('\n\n')
    const used = (answer: ModelAnswer | ToolCall[] | null): Usage => ({
      model: request.model,
      inputTokens: estimateTokens((request.system ?? '') + heard(request.messages)),
      outputTokens: answer ? estimateTokens(JSON.stringify(answer)) : 0,
      calls: 1,
      durationMs: Date.now() - started,
    })
    const failed = (failure: RunFailure): ModelOutcome => ({ kind: 'failed', failure, usage: used(null) })

    await pause(Math.min(directives.delayMs, request.timeoutMs))
    if (directives.delayMs >= request.timeoutMs) return failed(tooLate(request.timeoutMs))
    const away = directives.fail && awayAsTold(directives.fail)
    if (away) return { kind: 'away', away, usage: used(null) }
    if (directives.fail) return failed(asTold(directives.fail))
    const calls = callsOf(request, directives, readFacts(text))
    if (calls.length > 0) return { kind: 'calls', calls, text: null, usage: used(calls) }
    const answer = answerTo(request, directives, factsHeard(text, request.messages))
    const problems = request.schema && validate ? validate(request.schema, answer.output) : []
    if (problems.length > 0) return failed(beyondDemo(problems))
    return { kind: 'completed', answer, usage: used(answer) }
  },
})

/** What it was asked. Only there do directives count: what a tool says is no word of whoever asks. */
const promptOf = (messages: Message[]): string =>
  messages.flatMap(message => (message.role === 'user' ? [message.text] : [])).join('\n\n')

/** What stands in the files it was given: it sees none. */
const filesIn = (message: Message): string[] => (message.role === 'user' ? (message.files ?? []).map(asText) : [])

/** All that was said, as one text: the prompt, and the results of calls beneath it. */
const heard = (messages: Message[]): string =>
  messages
    .flatMap(message =>
      message.role === 'tool' ? [JSON.stringify(message.result)] : [message.text ?? '', ...filesIn(message)],
    )
    .filter(Boolean)
    .join('\n\n')

const answerTo = (request: ModelRequest, directives: Directives, facts: Facts): ModelAnswer => {
  const made = request.schema ? valueFor(request.schema, facts) : draftOf(facts)
  const answer: ModelAnswer = { output: directives.set.reduce(put, made) }
  const label = labelFor(request.labels ?? [], directives, facts)
  if (label !== undefined) answer.handoff = label
  if (request.judged) {
    answer.confidence = directives.confidence ?? CONFIDENCE
    answer.reasoning = reasonFor(label, facts)
  }
  return answer
}

const labelFor = (labels: string[], directives: Directives, facts: Facts): string | undefined => {
  const told = labels.find(label => label === directives.choose)
  return told ?? choose(labels, facts)
}

const reasonFor = (label: string | undefined, facts: Facts): string => {
  const decided = label === undefined ? 'The demo model answered' : `The demo model chose “${label}”`
  return facts.note
    ? `${decided} after reading the prompt and the reviewer's note.`
    : `${decided} by matching words of the prompt.`
}

/** Puts a value where `[demo: set a.b=…]` says, making the objects on the way. */
const put = (whole: Json, { path, value }: { path: string[]; value: Json }): Json => {
  const [key, ...rest] = path
  if (key === undefined) return value
  const object: JsonObject = typeof whole === 'object' && whole !== null && !Array.isArray(whole) ? whole : {}
  return { ...object, [key]: put(object[key] ?? null, { path: rest, value }) }
}

const pause = (ms: number): Promise<void> =>
  ms > 0 ? new Promise(resolve => setTimeout(resolve, ms)) : Promise.resolve()

const tooLate = (timeoutMs: number): RunFailure => ({
  code: 'timeout',
  message: `The demo model was told to take longer than the ${timeoutMs} ms it has.`,
  retryable: true,
})

/** Words for a provider that is away or at its limit: the task waits, as it does with a real one. */
const AWAY: Record<string, [reason: Away['reason'], as: string]> = {
  rate_limited: ['provider_limit', 'its rate limit was hit'],
  quota: ['provider_limit', 'its quota was used up'],
  overloaded: ['provider_offline', 'it was overloaded'],
  unreachable: ['provider_offline', 'it could not be reached'],
}

const awayAsTold = ({ code, afterMs }: { code: string; afterMs?: number }): Away | null => {
  if (!Object.hasOwn(AWAY, code)) return null
  const [reason, as] = AWAY[code]!
  return {
    reason,
    message: `The demo model was told to act as if ${as} (“${code}”).`,
    fix: 'Take the directive out of the prompt to have it answer; until then the task is held again and again.',
    ...(afterMs !== undefined && { retryAfterMs: afterMs }),
  }
}

const LASTING: FailureCode[] = [
  'output_too_large',
  'refused',
  'schema_refused',
  'bad_request',
  'provider_auth',
  'agent_missing',
  'skill_missing',
  'template',
]

const asTold = ({ code, afterMs }: { code: string; afterMs?: number }): RunFailure => {
  const known = FAILURE_CODES.find(one => one === code)
  if (!known) {
    const message = `The demo model was told to fail with “${code}”, which is not a code. Use one of ${[...new Set([...Object.keys(AWAY), ...FAILURE_CODES])].join(', ')}.`
    return { code: 'bad_request', message, retryable: false }
  }
  return {
    code: known,
    message: `The demo model was told to fail with “${known}”. Take the directive out of the prompt to have it answer.`,
    retryable: !LASTING.includes(known),
    ...(afterMs !== undefined && { retryAfterMs: afterMs }),
  }
}

const beyondDemo = (problems: { path: string; message: string }[]): RunFailure => ({
  code: 'invalid_output',
  message: `The demo model cannot fill this output schema: ${problems
    .slice(0, 3)
    .map(problem => `${problem.path || 'output'} ${problem.message}`)
    .join('; ')}. Configure a real model, or simplify the schema.`,
  retryable: false,
})
