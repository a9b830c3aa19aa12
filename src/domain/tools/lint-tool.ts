/** The lint of a team's tool: its parameters, the call that it makes, its templates, and when it asks. */
import { lintAddressTemplate, lintCall } from '../call/lint-call.ts'
import { textsAt } from '../handler/parts/call.ts'
import { checkCondition } from '../handoff/condition.ts'
import type { JsonSchema } from '../json/json.ts'
import { nearest } from '../nearest.ts'
import { findField } from '../schema/field.ts'
import { ASK_ROOTS, TOOL_ROOTS } from '../template/scope.ts'
import { checkTemplate } from '../template/template.ts'
import { type LintItem, type LintPath, Report, suggestion } from '../workflow/lint/item.ts'
import type { Known } from '../workflow/lint/known.ts'
import { reportSchema } from '../workflow/lint/schemas.ts'
import type { ToolSettings } from './settings.ts'
import type { TeamTool } from './tool.ts'

const TASK_FIELDS = ['id', 'title', 'visit']

/** Everything that can be said of the tool before it is called; errors stand in the way of saving it. */
export function lintTool(tool: TeamTool, known: Pick<Known, 'secrets' | 'local'>): LintItem[] {
  const report = new Report()
  const { parameters, http, ask } = tool
  reportSchema(parameters, ['parameters'], report)
  if (parameters.type !== 'object') {
    const fix = 'Write `type: object` with `properties`; without any, a tool takes no arguments.'
    report.error(['parameters', 'type'], 'bad_schema', 'The arguments of a tool are an object.', fix)
  }
  lintCall(http, ['http'], known, report)
  lintAddressTemplate(http.url, ['http', 'url'], report)
  lintTemplate(http.url, ['http', 'url'], parameters, report)
  for (const place of ['query', 'headers', 'body'] as const) {
    for (const { path, text } of textsAt(http[place], ['http', place])) {
      lintTemplate(text, path, parameters, report)
    }
  }
  lintAsk(ask, parameters, report)
  return report.items
}

/** The same of what a team sets of a built-in tool. */
export function lintSettings({ ask }: ToolSettings, parameters: JsonSchema): LintItem[] {
  const report = new Report()
  lintAsk(ask, parameters, report)
  return report.items
}

function lintTemplate(text: string, path: LintPath, parameters: JsonSchema, report: Report): void {
  const checked = checkTemplate(text)
  if (!checked.ok) {
    const fix = 'Correct the Liquid: `{{ args.name }}` prints an argument.'
    report.error(path, 'bad_template', `The template cannot be read: ${checked.message}.`, fix)
    return
  }
  for (const [root = '', ...rest] of checked.paths) {
    // The lint of the call says which secrets there are, and where none may stand.
    if (root !== 'secrets') lintRead(root, rest, TOOL_ROOTS, parameters, path, report)
  }
}

function lintAsk(ask: TeamTool['ask'], parameters: JsonSchema, report: Report): void {
  if (typeof ask !== 'string') return
  const checked = checkCondition(ask, 'call')
  if (!checked.ok) {
    const fix = 'Correct the CEL: `args.amount > 100`.'
    report.error(['ask'], 'bad_condition', `The condition cannot be read: ${checked.message}.`, fix)
    return
  }
  for (const [root = '', ...rest] of checked.paths) lintRead(root, rest, ASK_ROOTS, parameters, ['ask'], report)
}

function lintRead(
  root: string,
  rest: string[],
  roots: readonly string[],
  parameters: JsonSchema,
  path: LintPath,
  report: Report,
): void {
  if (!roots.includes(root)) {
    const fix = suggestion(nearest(root, roots), roots, '')
    report.error(path, 'unknown_variable', `There is no variable \`${root}\` in a tool.`, fix)
  } else if (root === 'args') {
    const answer = findField(parameters, rest)
    if (answer.known) return
    const name = rest[answer.at.length] ?? ''
    const fix = suggestion(nearest(name, answer.fields), answer.fields, `Add \`${name}\` to the parameters.`)
    const message = `\`${[root, ...rest].join('.')}\` is read, but the parameters have no \`${name}\`.`
    report.warn(path, 'unknown_field', message, fix)
  } else if (root === 'task' && rest[0] !== undefined && !TASK_FIELDS.includes(rest[0])) {
    const fix = suggestion(nearest(rest[0], TASK_FIELDS), TASK_FIELDS, '')
    report.warn(path, 'unknown_field', `\`task.${rest[0]}\` is read, but \`task\` has no such field.`, fix)
  }
}
