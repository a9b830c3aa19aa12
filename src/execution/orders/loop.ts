/**
 * An agent's loop: a turn of the model, the calls that it asks for, the next turn, until it answers without a call. Every
 * turn and call is told to the task before it goes on, so that whoever takes over repeats none.
 */
import { crashPoint } from '../../crash-points.ts'
import type { Agent } from '../../domain/agent.ts'
import type { Loop, MadeCall, SaidTurn } from '../../domain/handler/order.ts'
import type { CallNote } from '../../domain/task/commands.ts'
import type { RunFailure, Usage } from '../../domain/task/run/outcome.ts'
import { circling, pendingCalls, transcript } from '../../domain/tools/loop.ts'
import type { Env } from '../../env.ts'
import { keeping } from '../egress/keep-answer.ts'
import type { ModelOutcome, ModelPort, ModelRequest, OfferedTool } from '../models/port.ts'
import { callTool } from '../tools/call.ts'
import { failureOf, type Noted, toldOf, withReceipt } from '../tools/receipt.ts'
import { failed, type Tool } from '../tools/tool.ts'
import type { Performing } from './performer.ts'

interface Around {
  /** null: the model only answers. */
  loop: Loop | null
  tools: Tool[]
  agent: Agent | null
  performing: Performing
  env: Env
}

/** A tool's call ends by itself after this, in ms (features D3). */
const CALL_TIMEOUT_MS = 30_000

export type Ended =
  | {
      kind: 'ended'
      outcome: ModelOutcome /** Whether a tool was called on the way that may have changed something. */
      wrote: boolean
    }
  /** The loop went on too long, in circles, or made a call whose outcome nobody knows. */
  | { kind: 'given_up'; failure: RunFailure; usage: Usage | null }
  /** This worker has nothing more to do: the attempt is void, or people are asked. */
  | { kind: 'void' }
  /** Baton's own storage is away. */
  | { kind: 'away' }

const VOID = { kind: 'void' } as const
const AWAY = { kind: 'away' } as const

/** Talks with the model until it answers. */
export async function converse(port: ModelPort, request: ModelRequest, around: Around): Promise<Ended> {
  const { loop, tools, performing } = around
  if (loop === null || (tools.length === 0 && loop.turns.length === 0)) {
    await crashPoint('C7')
    return { kind: 'ended', outcome: await port.complete(request), wrote: false }
  }
  const turns: SaidTurn[] = [...loop.turns]
  const made: MadeCall[] = [...loop.calls]
  for (;;) {
    const stop = await makeCalls(turns, made, around, loop)
    if (stop !== null) return stop
    const circle = circling(turns, loop.firstTurn)
    if (circle !== null) return giveUp('looping', `The model asked for ${circle} with the same arguments three times.`)
    if (turns.length - loop.firstTurn >= loop.maxTurns) {
      return giveUp('turn_limit', `The model took ${loop.maxTurns} turns without an answer.`)
    }
    await crashPoint('C7')
    const messages = [...request.messages, ...transcript(turns, made, loop.hidden)]
    const outcome = await port.complete({ ...request, messages, tools: tools.map(offered) })
    if (outcome.kind !== 'calls') return { kind: 'ended', outcome, wrote: !made.every(call => isRead(tools, call)) }
    const { text, calls, usage } = outcome
    turns.push({ text, calls })
    if (!(await performing.note({ turned: { turn: turns.length, text, calls, usage } }))) return VOID
  }
}

function isRead(tools: Tool[], { tool: name }: MadeCall): boolean {
  return tools.find(({ spec }) => spec.name === name)?.effect === 'read'
}

function offered({ spec, effect }: Tool): OfferedTool {
  return { ...spec, effect }
}

function giveUp(code: RunFailure['code'], message: string): Ended {
  return { kind: 'given_up', failure: { code, message, retryable: false }, usage: null }
}

/** Makes the calls of the latest turn that have no receipt: side by side where all only read, else one after another. */
async function makeCalls(turns: SaidTurn[], made: MadeCall[], around: Around, loop: Loop): Promise<Ended | null> {
  const pending = pendingCalls(turns, made)
  const toolOf = (name: string) => around.tools.find(tool => tool.spec.name === name)
  const areReads = pending.every(({ call }) => toolOf(call.tool)?.effect === 'read')
  const make = async ({ id, call }: (typeof pending)[number]): Promise<Ended | null> => {
    const earlier = made.find(each => each.id === id) ?? null
    const result = await callOne(toolOf(call.tool), call.tool, { id, args: call.args, made: earlier }, around, loop)
    if (result === null) return VOID
    if (result === 'away') return AWAY
    if (result.kind === 'failed' && result.lost) return { kind: 'given_up', failure: failureOf(result), usage: null }
    const failure = result.kind === 'failed' ? result.failure : null
    const receipt = { ok: failure === null, status: result.status ?? null, result: toldOf(result), failure }
    const { tool, args } = call
    const known = made.findIndex(each => each.id === id)
    const answered = { id, tool, args, attempt: 0, safe: true, allowed: null, receipt }
    made.splice(known < 0 ? made.length : known, known < 0 ? 0 : 1, answered)
    return null
  }
  if (areReads) return (await Promise.all(pending.map(make))).find(stop => stop !== null) ?? null
  for (const each of pending) {
    const stop = await make(each)
    if (stop !== null) return stop
  }
  return null
}

/** A call that is wrong in itself is answered to the model, and noted like any other. */
async function callOne(
  tool: Tool | undefined,
  name: string,
  calling: Parameters<typeof callTool>[1],
  { tools, agent, performing, env }: Around,
  { facts, key }: Loop,
): Promise<Noted> {
  const { team, task } = performing
  let isNoted = false
  const note = (said: CallNote) => {
    if ('called' in said) isNoted = true
    return performing.note(said)
  }
  const use = { env, team, facts, agent, key, written: '', timeoutMs: CALL_TIMEOUT_MS, keep: keeping(env, team, task) }
  const result =
    tool === undefined
      ? failed(
          'tool_missing',
          `There is no tool “${name}”. There are: ${tools.map(each => each.spec.name).join(', ')}.`,
        )
      : await callTool(tool, calling, use, note)
  if (result === null || result === 'away' || isNoted) return result
  const { id, args } = calling
  return withReceipt(note, { call: id, tool: name, args, safe: true, key: null }, async () => async () => result)
}
