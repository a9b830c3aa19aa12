/** A piece of work that is one of several in a visit: a branch, or what is done with each item. It is written like a step without handoffs. */
import { z } from 'zod'
import type { JsonSchema } from '../../json/json.ts'
import { type Frame, settingsShape } from '../../workflow/parts.ts'
import { agent } from '../agent.ts'
import type { AnyJob, Handler } from '../handler.ts'
import { http } from '../http.ts'
import { human } from '../human.ts'
import { prompt } from '../prompt.ts'
import { tool } from '../tool.ts'
import { workflow } from '../workflow.ts'

/** The kinds that may handle it. */
const KINDS = { prompt, agent, human, http, tool, workflow }

export const BRANCH_KINDS: readonly string[] = Object.keys(KINDS)

/** Nobody asks how sure a model is where no handoff could take the answer. */
const { confidence: _confidence, ...settings } = settingsShape

export const branchSchema = z.strictObject({
  ...prompt.shape,
  ...agent.shape,
  ...human.shape,
  ...http.shape,
  ...tool.shape,
  ...workflow.shape,
  ...settings,
})
export type Branch = z.infer<typeof branchSchema>

/** Settings of a step that its branches take their own from. */
export const SHARED = ['model', 'fallback', 'params', 'timeout', 'retry'] as const

/** A branch as its kind reads it: a step named `key`, with the settings of the step around it where it has none. */
export function workOf(branch: Branch, key: string, step: Frame): Frame {
  const given = SHARED.filter(setting => step[setting] !== undefined)
  return { ...Object.fromEntries(given.map(setting => [setting, step[setting]])), ...branch, key }
}

/** What a person's branch puts out. */
const DECISION: JsonSchema = {
  type: 'object',
  required: ['decision', 'note', 'by'],
  properties: { decision: { type: 'string' }, note: { type: ['string', 'null'] }, by: { type: 'string' } },
}

/** The same with what was filled in, which only some decisions need. */
function decisionWith(fields: JsonSchema): JsonSchema {
  return { ...DECISION, properties: { ...(DECISION.properties as object), fields } }
}

/** What the branch puts out. */
export function outputOf(work: Frame): JsonSchema {
  const kind = Object.entries(KINDS).find(([name]) => Object.hasOwn(work, name))?.[1] as unknown
  if (kind === undefined) return {}
  const handler = kind as Handler<AnyJob>
  const schema = handler.outputSchema(handler.read(work))
  if (schema === null) return DECISION
  return handler.chooses === 'person' ? decisionWith(schema) : schema
}
