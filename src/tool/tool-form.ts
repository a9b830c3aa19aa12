/** A tool, and what a team sets of a built-in one, as the fields of a form, and back; pure. */
import type { HttpCall } from '../domain/call/http-call.ts'
import type { JsonSchema } from '../domain/json/json.ts'
import type { ToolSettings } from '../domain/tools/settings.ts'
import { type TeamTool, toolSchema } from '../domain/tools/tool.ts'
import { callValues, readCall } from '../workflow/forms/call-form.ts'
import {
  type FormMistake,
  mistake,
  numberOf,
  shown,
  textOf,
  type Values,
  wordOf,
} from '../workflow/forms/form-values.ts'
import { readSchemaForm, type SchemaNames, schemaValues } from '../workflow/forms/schema-form.ts'

export const PARAMETERS: SchemaNames = { as: 'params_as', row: 'param', json: 'params_json' }
const NO_CALL: HttpCall = { url: '' }

type Rules = Pick<TeamTool, 'effect' | 'ask' | 'undoCost'>

/** The tool as its form shows it. */
export function toolValues(tool: Partial<TeamTool>): Values {
  const { key, description, parameters, http = NO_CALL } = tool
  const isEmpty = Object.keys((parameters?.properties as object | undefined) ?? {}).length === 0
  return shown({
    key,
    description,
    ...schemaValues(isEmpty ? undefined : parameters, PARAMETERS),
    ...callValues(http),
    ...rulesValues(tool),
  })
}

/** When it asks, and the like, as a form shows it. */
export function rulesValues({ effect, ask = false, undoCost, recipients }: Rules & ToolSettings): Values {
  return shown({
    effect,
    ask_as: typeof ask === 'string' ? 'rule' : ask ? 'always' : 'never',
    ask_rule: typeof ask === 'string' ? ask : undefined,
    undo_cost: undoCost,
    recipients,
  })
}

/** Reads the form; `before`: the tool that it was made of, whose other words stay. */
export function readTool(
  values: Values,
  key: string,
  before: TeamTool | null,
): { ok: true; tool: TeamTool } | FormMistake {
  const description = textOf(values, 'description')?.trim() ?? ''
  if (description === '') return mistake('description', 'Say what it is for: models choose by these words.')
  const schema = readSchemaForm(values, before?.parameters ?? parsed(values[PARAMETERS.json]), PARAMETERS)
  if (!schema.ok) return schema
  const call = readCall(values, before?.http ?? NO_CALL)
  if (!call.ok) return call
  const rules = readRules(values)
  if (!rules.ok) return rules
  const parameters = schema.schema ?? { type: 'object', properties: {} }
  const read = toolSchema.safeParse({ key, description, parameters, http: call.call, ...rules.rules })
  if (read.success) return { ok: true, tool: read.data }
  const issue = read.error.issues[0]
  return mistake(String(issue?.path[0] ?? 'key'), `${issue?.path.join('.')}: ${issue?.message}.`)
}

/** Reads when it asks, and the like. */
export function readRules(values: Values): { ok: true; rules: Rules } | FormMistake {
  const effect = (['read', 'write'] as const).find(one => one === values.effect)
  const rule = wordOf(values, 'ask_rule')
  if (values.ask_as === 'rule' && rule === undefined) {
    return mistake('ask_rule', 'Write the rule, such as args.amount > 100.')
  }
  const ask = values.ask_as === 'rule' ? rule : values.ask_as === 'always' ? true : undefined
  const undoCost = numberOf(wordOf(values, 'undo_cost'))
  if (undoCost === null || (undoCost ?? 0) < 0) return mistake('undo_cost', 'An amount in USD, such as 250.')
  const rules = {
    ...(effect && { effect }),
    ...(ask !== undefined && { ask }),
    ...(undoCost !== undefined && { undoCost }),
  }
  return { ok: true, rules }
}

/** What the form was made of, where nothing is kept yet: words about arguments that a table has no column for. */
function parsed(text: string | undefined): JsonSchema | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : undefined
  } catch {
    return undefined
  }
}
