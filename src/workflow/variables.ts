/** What a step's templates can name: the input's fields, the outputs of other steps, and the visit before; pure. */

import { outputSchemaOf } from '../domain/handler/of-step.ts'
import { isSchemaObject } from '../domain/schema/walk.ts'
import type { Definition, Step } from '../domain/workflow/definition.ts'
import { itemFields, knownList } from '../domain/workflow/items.ts'

const NAME = /^[A-Za-z_]\w*$/
/** More would hide the form they stand in. */
const MOST = 16

/** The fields that the input schema names. */
export function inputNames({ input }: Definition): string[] {
  return isSchemaObject(input) && isSchemaObject(input.properties)
    ? Object.keys(input.properties).filter(name => NAME.test(name))
    : []
}

/** The paths worth offering beside a template of this step, the likeliest first. */
export function variablesFor(step: Step, definition: Definition): string[] {
  const place = definition.steps.findIndex(one => one.key === step.key)
  const names = inputNames(definition)
  const input = names.length > 0 ? names.map(name => `input.${name}`) : ['input']
  const leadsBack = definition.steps
    .slice(Math.max(0, place))
    .some(one => (one.handoffs ?? []).some(handoff => handoff.to === step.key))
  const outputs = definition.steps.flatMap((one, index) => (putsOut(one) && index < place ? outputsOf(one) : []))
  return [...input, ...outputs, ...(leadsBack ? ['last.note'] : [])].slice(0, MOST)
}

/** How texts of what is done with each item read one: by its fields, where the list's schema names them. */
export function itemVariables(over: string, name: string, definition: Definition): string[] {
  const list = knownList(over, definition)
  const fields = list === null ? [] : itemFields(list).filter(field => NAME.test(field))
  return fields.length === 0 ? [name] : fields.slice(0, MOST).map(field => `${name}.${field}`)
}

/** Whether it has an output of its own that says something. */
function putsOut(step: Step): boolean {
  const schema = outputSchemaOf(step)
  return schema !== null && (schema as { type?: unknown }).type !== 'null'
}

function outputsOf(step: Step): string[] {
  const path = `steps.${step.key}.output`
  const output = outputSchemaOf(step)
  if (!isSchemaObject(output) || !isSchemaObject(output.properties)) return [path]
  return Object.keys(output.properties)
    .filter(name => NAME.test(name))
    .map(name => `${path}.${name}`)
}
