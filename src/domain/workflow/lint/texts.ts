/** The lint of templates, conditions and schemas: that they can be read, and that what they look at is there. */

import { outputSchemaOf, partsOf, textsOf } from '../../handler/of-step.ts'
import { checkCondition } from '../../handoff/condition.ts'
import type { JsonSchema } from '../../json/json.ts'
import { nearest } from '../../nearest.ts'
import { type FieldAnswer, findField } from '../../schema/field.ts'
import { CONDITION_ROOTS, EVENT_ROOTS, TEMPLATE_ROOTS, VALUE_ROOTS } from '../../template/scope.ts'
import { checkTemplate } from '../../template/template.ts'
import { type Definition, type Step, stepOf } from '../definition.ts'
import { findInItem, knownList } from '../items.ts'
import { type LintPath, listed, type Report, suggestion } from './item.ts'
import { reportSchema } from './schemas.ts'

const LAST_FIELDS = ['step', 'output', 'handoff', 'note', 'by']
const TASK_FIELDS = ['id', 'title', 'visit']
const EVENT_FIELDS = ['name', 'data']
const STEP_FIELDS = ['output', 'decision']
const DECISION_FIELDS = ['handoff', 'note', 'by']

/** Lints every template, condition and schema of a definition. */
export function lintTexts(definition: Definition, report: Report): void {
  const { title, result, key, input, steps } = definition
  if (input !== undefined) reportSchema(input, ['input'], report)
  if (title !== undefined) lintTemplate(title, ['title'], { definition }, report)
  if (key !== undefined) lintTemplate(key, ['key'], { definition }, report)
  if (result !== undefined) lintTemplate(result, ['result'], { definition }, report)
  for (const [index, step] of steps.entries()) lintStepTexts(step, ['steps', index], definition, report)
}

function lintStepTexts(step: Step, path: LintPath, definition: Definition, report: Report): void {
  const about: About = { definition, step }
  if (step.output !== undefined) reportSchema(step.output, [...path, 'output'], report)
  for (const { path: place, work } of partsOf(step)) {
    if (work.output !== undefined) reportSchema(work.output, [...path, ...place, 'output'], report)
  }
  for (const { text, path: place, secrets, expression, weighs, names, over } of textsOf(step)) {
    if (weighs) lintWeighing(text, [...path, ...place], about, report)
    else if (expression) lintExpression(text, [...path, ...place], about, report)
    else lintTemplate(text, [...path, ...place], { ...about, secrets, names, over }, report)
  }
  for (const [index, handoff] of (step.handoffs ?? []).entries()) {
    if (handoff.if !== undefined) lintCondition(handoff.if, [...path, 'handoffs', index, 'if'], about, report)
  }
}

/** Whose text it is; `output` in a condition is this step's. */
interface About {
  definition: Definition
  step?: Step
  /** Whether it may read secrets; the kind itself says of which names. */
  secrets?: true
  /** Names that it may read besides. */
  names?: readonly string[]
  /** The list of whose items the first of these names is one. */
  over?: string
}

function lintTemplate(template: string, path: LintPath, about: About, report: Report): void {
  const checked = checkTemplate(template)
  if (!checked.ok) {
    const fix = 'Correct the Liquid: `{{ input.name }}` prints, `{% if … %}…{% endif %}` decides.'
    report.error(path, 'bad_template', `The template cannot be read: ${checked.message}.`, fix)
    return
  }
  for (const read of checked.paths)
    lintRead(read, path, about, [...TEMPLATE_ROOTS.slice(0, -1), ...(about.names ?? [])], report)
}

function lintCondition(condition: string, path: LintPath, about: About, report: Report): void {
  const checked = checkCondition(condition)
  if (!checked.ok) {
    const fix = 'Correct the CEL: `output.score < 20 && input.country == "DE"`.'
    report.error(path, 'bad_condition', `The condition cannot be read: ${checked.message}.`, fix)
    return
  }
  for (const read of checked.paths) lintRead(read, path, about, CONDITION_ROOTS, report)
}

function lintExpression(expression: string, path: LintPath, about: About, report: Report): void {
  const checked = checkCondition(expression, 'value')
  if (!checked.ok) {
    const fix = 'Correct the CEL: `input.employees`, or `size(input.lines)`.'
    report.error(path, 'bad_condition', `The expression cannot be read: ${checked.message}.`, fix)
    return
  }
  for (const read of checked.paths) lintRead(read, path, about, VALUE_ROOTS, report)
}

function lintWeighing(condition: string, path: LintPath, about: About, report: Report): void {
  const checked = checkCondition(condition, 'event')
  if (!checked.ok) {
    const fix = 'Correct the CEL: `event.data.from == input.email`.'
    report.error(path, 'bad_condition', `The condition cannot be read: ${checked.message}.`, fix)
    return
  }
  for (const read of checked.paths) lintRead(read, path, about, EVENT_ROOTS, report)
}

function lintRead(read: string[], path: LintPath, about: About, roots: readonly string[], report: Report): void {
  const [root, ...rest] = read
  if (root === 'secrets' && about.secrets) return
  if (about.names?.includes(root ?? '')) return lintItemRead(read, path, about, report)
  switch (root) {
    case 'input':
      return lintInputField(about.definition, rest, path, report)
    case 'files':
      return lintField(FILES, ['files'], rest, 'the task’s files', path, report)
    case 'output':
      return about.step && roots.includes('output')
        ? lintOutputField(about.step, ['output'], rest, path, report)
        : lintRoot(root, roots, path, report)
    case 'steps':
      return lintStepRead(about.definition, rest, path, report)
    case 'last':
      return lintOneOf('last', rest, LAST_FIELDS, path, report)
    case 'event':
      if (roots.includes('event')) return lintOneOf('event', rest, EVENT_FIELDS, path, report)
      return lintRoot('event', roots, path, report)
    case 'task':
      return lintOneOf('task', rest, TASK_FIELDS, path, report)
    default:
      return lintRoot(root ?? '', roots, path, report)
  }
}

/** A list of files: `files[0].name`, `files.size`. */
const FILES = { type: 'array', items: { format: 'file' } }

function lintRoot(root: string, roots: readonly string[], path: LintPath, report: Report): void {
  const message = root === 'item' ? '`item` is there only in a map step.' : `There is no variable \`${root}\`.`
  report.error(path, 'unknown_variable', message, suggestion(nearest(root, roots), roots, ''))
}

function lintInputField({ input }: Definition, rest: string[], path: LintPath, report: Report): void {
  if (input === undefined) return
  lintField(input, ['input'], rest, 'the input schema', path, report)
}

/** An item has what the schema of its list says. */
function lintItemRead([root = '', ...rest]: string[], path: LintPath, about: About, report: Report): void {
  const list = about.over === undefined || root !== about.names?.[0] ? null : knownList(about.over, about.definition)
  if (list === null) return
  const answer = findInItem(list, rest)
  if (answer.known) return
  const within = answer.at.slice(list.path.length + 1)
  reportField([root], rest, { ...answer, at: within }, `an item of \`${list.name}\``, path, report)
}

function lintStepRead(definition: Definition, [key, part, ...rest]: string[], path: LintPath, report: Report): void {
  if (key === undefined) return
  const step = stepOf(definition, key)
  if (step === undefined) {
    const keys = definition.steps.map(({ key: name }) => name)
    report.error(path, 'unknown_step', `There is no step \`${key}\`.`, suggestion(nearest(key, keys), keys, ''))
  } else if (part === 'output') {
    lintOutputField(step, ['steps', key, 'output'], rest, path, report)
  } else if (part === 'decision') {
    lintOneOf(`steps.${key}.decision`, rest, DECISION_FIELDS, path, report)
  } else if (part !== undefined) {
    lintOneOf(`steps.${key}`, [part], STEP_FIELDS, path, report)
  }
}

function lintOutputField(step: Step, base: string[], rest: string[], path: LintPath, report: Report): void {
  // What a human step puts out is what the person saw or edited: another step's output.
  const schema = outputSchemaOf(step)
  if (schema === null) return
  lintField(schema, base, rest, `the output of \`${step.key}\``, path, report)
}

function lintField(
  schema: JsonSchema,
  base: string[],
  rest: string[],
  holder: string,
  path: LintPath,
  report: Report,
): void {
  const answer = findField(schema, rest)
  if (!answer.known) reportField(base, rest, answer, holder, path, report)
}

function reportField(
  base: string[],
  rest: string[],
  answer: Extract<FieldAnswer, { known: false }>,
  holder: string,
  path: LintPath,
  report: Report,
): void {
  const name = rest[answer.at.length] ?? ''
  const read = [...base, ...rest].join('.')
  const fix = suggestion(
    nearest(name, answer.fields),
    answer.fields,
    `Add \`${name}\` to the schema, or do not read it.`,
  )
  report.warn(path, 'unknown_field', `\`${read}\` is read, but ${holder} has no \`${name}\`.`, fix)
}

function lintOneOf(base: string, [field]: string[], fields: string[], path: LintPath, report: Report): void {
  if (field === undefined || fields.includes(field)) return
  report.warn(
    path,
    'unknown_field',
    `\`${base}.${field}\` is read, but \`${base}\` has ${listed(fields)}.`,
    suggestion(nearest(field, fields), fields, ''),
  )
}
