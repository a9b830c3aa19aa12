/** One call of a tool: its arguments are checked, people are asked where it asks, then it is made. */
import type { MadeCall } from '../../domain/handler/order.ts'
import type { Json } from '../../domain/json/json.ts'
import { validate } from '../../domain/schema/validate.ts'
import { type Note, type Noted, withReceipt } from './receipt.ts'
import { failed, type Result, type Tool, type Use } from './tool.ts'

/** Bytes of a result that are kept (definition.md, Sizes). */
const MAX_RESULT = 64 * 1024

export interface Calling {
  /** Its number in the run's log. */
  id: string
  args: Json
  /** The call as it was made or asked about before; null: it was not. */
  made: MadeCall | null
}

/** Makes the call, or asks first. */
export async function callTool(tool: Tool, { id, args: wanted, made }: Calling, use: Use, note: Note): Promise<Noted> {
  const args = made?.allowed ?? wanted
  const problems = validate(tool.spec.parameters, args)
  if (problems.length > 0) {
    const said = problems.slice(0, 5).map(problem => problem.message)
    return failed('bad_arguments', `The arguments of ${tool.spec.name} do not fit: ${said.join('; ')}.`)
  }
  const ask = made?.allowed == null ? tool.asks(args, use.facts) : null
  if (ask !== null) {
    const { name, parameters } = tool.spec
    await note({ asks: { ...ask, call: id, tool: name, args, ...(ask.kind === 'call' ? { parameters } : {}) } })
    return null
  }
  const key = `${use.key}.${id}`
  const called = { call: id, tool: tool.spec.name, args, safe: tool.safe, key }
  return withReceipt(note, called, async () => {
    const ready = await tool.ready(args, { ...use, key })
    return typeof ready === 'function' ? async () => bounded(await ready()) : ready
  })
}

/** What is beyond the limit is cut: the call took effect, and much of what it said is there. */
function bounded(result: Result): Result {
  if (result.result === undefined) return result
  const text = typeof result.result === 'string' ? result.result : JSON.stringify(result.result)
  if (text.length <= MAX_RESULT) return result
  return { ...result, result: { cut: true, text: text.slice(0, MAX_RESULT - 200) } }
}
