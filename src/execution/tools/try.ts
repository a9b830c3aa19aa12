/** Tries a tool out: one call with these arguments, for no task, with what was sent and what came of it. It asks nobody. */
import { isOk } from '../../domain/call/http-call.ts'
import { type RenderedCall, renderCall } from '../../domain/call/render.ts'
import { shownCall } from '../../domain/call/shown.ts'
import type { TaskFacts } from '../../domain/handler/order.ts'
import type { Json } from '../../domain/json/json.ts'
import { validate } from '../../domain/schema/validate.ts'
import type { Actor } from '../../domain/task/events.ts'
import { givenOnly } from '../../domain/tools/arguments.ts'
import type { TeamTool } from '../../domain/tools/tool.ts'
import type { Env } from '../../env.ts'
import { actorId } from '../../records/acts.ts'
import { noteTriedCall } from '../../records/definitions/tried-calls.ts'
import { callOut } from '../egress/call-out.ts'
import { httpTool } from './http-tool.ts'
import { toolNamed } from './known.ts'
import { toldOf } from './receipt.ts'

const TIMEOUT_MS = 30_000

export interface Tried {
  /** What was sent, or would be: secrets by their names. */
  request: Json
  /** What a step or an agent would get; null: it was not called. */
  result: Json
  ok: boolean
  status: number | null
  ms: number
}

/** Why a tool was not tried. */
export interface NotTried {
  problem: string
}

/** Which tool is tried: one of the team's as it is written, or one that the team did not make, by its name. */
export type Trial = { tool: TeamTool } | { name: string; version: number | null }

/** `by`: who tries it, on record; the one person of the task that there is none of. `only`: shows what would be sent. */
export async function tryTool(
  env: Env,
  team: string,
  trial: Trial,
  args: Json,
  { by, only = false }: { by: Actor; only?: boolean },
): Promise<Tried | NotTried> {
  const tool = 'tool' in trial ? httpTool(trial.tool) : await toolNamed(env, team, trial.name, trial.version ?? 0)
  if (tool === null) return { problem: 'This tool is not set up here.' }
  const problems = validate(tool.spec.parameters, args)
  if (problems.length > 0) return { problem: problems.map(({ message }) => message).join('; ') }
  const facts: TaskFacts = {
    input: {},
    task: { id: 'tsk_trial', title: 'Try-out', visit: 1 },
    people: [actorId(by)],
    depth: 0,
  }
  const request = requestOf(trial, args, facts)
  if ('problem' in request) return request
  const nothing = { request: request.shown, result: null, ok: true, status: null, ms: 0 }
  if (only) return nothing
  const name = 'tool' in trial ? trial.tool.key : trial.name
  await noteTriedCall(env.DB, { team, call: name }, by, Date.now())
  const began = Date.now()
  const key = `try.${crypto.randomUUID()}`
  const ready = await tool.ready(args, { env, team, facts, agent: null, key, written: '', timeoutMs: TIMEOUT_MS })
  const result = typeof ready === 'function' ? await ready() : ready
  const said = toldOf(result)
  const { status = null } = result
  return { ...nothing, result: said, ok: result.kind === 'done', status, ms: Date.now() - began }
}

/** What came back of a call that was tried. */
interface TriedCall {
  ok: boolean
  /** Why nothing came back, or null. */
  problem: string | null
  status: number | null
  ms: number
  headers: Record<string, string>
  body: Json
}

/** Makes one call, for no task and with a key of its own. Throws only when Baton's own storage fails. */
export async function tryCall(env: Env, team: string, call: RenderedCall): Promise<TriedCall> {
  const began = Date.now()
  const outcome = await callOut(env, team, { call, key: `try.${crypto.randomUUID()}`, timeoutMs: TIMEOUT_MS })
  const ms = Date.now() - began
  if (outcome.kind === 'failed') {
    return { ok: false, problem: outcome.message, status: null, ms, headers: {}, body: null }
  }
  const { status, headers, body } = outcome.answer
  return { ok: isOk(call.ok, status), problem: null, status, ms, headers, body }
}

function requestOf(trial: Trial, args: Json, { task }: TaskFacts): { shown: Json } | NotTried {
  if ('name' in trial) return { shown: { tool: trial.name, args } }
  const rendered = renderCall(givenOnly(trial.tool.http, args), { args, task }, crypto.randomUUID().replaceAll('-', ''))
  return rendered.ok
    ? { shown: shownCall(rendered.call, null) as unknown as Json }
    : { problem: `${rendered.message}.` }
}
