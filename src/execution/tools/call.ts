/** One call of a tool, from its intent to its receipt, so that no crash makes it twice. Blueprint: handlers.md, Calls to the outside. */
import type { MadeCall } from '../../domain/handler/order.ts'
import type { Json } from '../../domain/json.ts'
import { validate } from '../../domain/schema/validate.ts'
import type { CallNote } from '../../domain/task/commands.ts'
import { failed, type Result, type Tool, type Use } from './tool.ts'

/** Tells the task; false: the attempt is void, or people are asked first. */
export type Note = (note: CallNote) => Promise<boolean>

/** Bytes of a result that are kept (definition.md, Sizes). */
const MAX_RESULT = 64 * 1024

export interface Calling {
  /** Its number in the run's log. */
  id: string
  args: Json
  /** The call as it was made or asked about before; null: it was not. */
  made: MadeCall | null
}

/** Makes the call, or asks first; null: this worker has nothing more to do. */
export async function callTool(
  tool: Tool,
  { id, args: wanted, made }: Calling,
  use: Use,
  note: Note,
): Promise<Result | null> {
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
  if (!(await note({ called: { call: id, tool: tool.spec.name, args, safe: tool.safe, key } }))) return null
  const began = Date.now()
  const result = bounded(await tool.call(args, { ...use, key }))
  // Without a receipt the call stays open: whether it happened is for a person to say.
  if (result.kind === 'failed' && result.lost) return result
  const receipt = result.kind === 'done' ? result.result : (result.result ?? errorOf(result))
  const { status } = result
  const isKnown = await note({
    answered: { call: id, ok: result.kind === 'done', status, result: receipt, ms: Date.now() - began },
  })
  return isKnown ? result : null
}

/** A failed call as its receipt tells of it, and a model. */
export function errorOf({ failure }: Extract<Result, { kind: 'failed' }>): Json {
  return { error: failure.code, message: failure.message }
}

/** What is beyond the limit is cut: the call took effect, and much of what it said is there. */
function bounded(result: Result): Result {
  if (result.result === undefined) return result
  const text = typeof result.result === 'string' ? result.result : JSON.stringify(result.result)
  if (text.length <= MAX_RESULT) return result
  return { ...result, result: { cut: true, text: text.slice(0, MAX_RESULT - 200) } }
}
