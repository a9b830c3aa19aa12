/** An agent's loop as rules: which calls are still to be made, what was said so far, and when it goes round in circles. */
import type { MadeCall, SaidTurn } from '../handler/order.ts'
import { canonical } from '../json/canonical.ts'
import type { Message, ToolCall } from '../messages.ts'
import { type Hidden, hideIn } from '../text/redact.ts'

/** The same call with the same arguments this often is a circle. */
const CIRCLE = 3

/** A call's number in the log: its turn, from 1, and its place in it. */
function callId(turn: number, index: number): string {
  return `${turn}.${index + 1}`
}

/** The calls of the latest turn that have no receipt yet, each with its number. */
export function pendingCalls(turns: readonly SaidTurn[], made: readonly MadeCall[]): { id: string; call: ToolCall }[] {
  const last = turns.at(-1)
  if (last === undefined) return []
  const numbered = last.calls.map((call, index) => ({ id: callId(turns.length, index), call }))
  return numbered.filter(({ id }) => !made.some(each => each.id === id && each.receipt !== null))
}

/** What was said and done after the prompt, as the model is told of it: results are results, never words of ours. */
export function transcript(
  turns: readonly SaidTurn[],
  made: readonly MadeCall[],
  hidden: readonly Hidden[] = [],
): Message[] {
  return turns.flatMap(({ text, calls }, index) => [
    { role: 'assistant' as const, text, calls },
    ...calls.map((call, place): Message => {
      const receipt = made.find(each => each.id === callId(index + 1, place))?.receipt
      return { role: 'tool', call: call.id, tool: call.tool, result: hideIn(receipt?.result ?? null, hidden) }
    }),
  ])
}

/** The tool that was asked for with the same arguments time and again, or null. */
export function circling(turns: readonly SaidTurn[], from: number): string | null {
  const counted = new Map<string, number>()
  for (const { tool, args } of turns.slice(from).flatMap(turn => turn.calls)) {
    const same = `${tool} ${canonical(args)}`
    const count = (counted.get(same) ?? 0) + 1
    if (count >= CIRCLE) return tool
    counted.set(same, count)
  }
  return null
}
