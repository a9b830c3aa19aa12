/** A task's document as Markdown that shows texts and runs nothing of them, its log as CSV, and the names of both as files. */
import { harmlessName } from '../../../file/name.ts'
import type { Json } from '../../../json/json.ts'
import { dollars } from '../../../money.ts'
import { CSV_MARK, csvLines } from '../../../text/csv.ts'
import { cut } from '../../../text/cut.ts'
import type { TaskDocument } from './document.ts'
import type { DocumentDecision, DocumentStep } from './steps.ts'

export const DOCUMENT_FORMATS = ['md', 'json', 'csv'] as const
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number]

const TITLE_IN_NAME = 80

/** What the document is saved as. */
export function documentName({ title, id }: Pick<TaskDocument, 'title' | 'id'>, format: DocumentFormat): string {
  return harmlessName(`${cut(title.replace(/[./\\]+/g, ' ').trim(), TITLE_IN_NAME) || id}.${format}`)
}

/** The document as a text of this format; CSV has its log alone. */
export function documentText(document: TaskDocument, format: DocumentFormat): string {
  if (format === 'json') return `${JSON.stringify(document, null, 2)}\n`
  return format === 'csv' ? csvOf(document) : markdownOf(document)
}

const COLUMNS = ['seq', 'at', 'type', 'by', 'step', 'data']

function csvOf({ log = [] }: TaskDocument): string {
  const rows = log.map(({ seq, at, type, by, step, data }) => [
    ...[String(seq), at, type, by, step ?? ''],
    JSON.stringify(data),
  ])
  return CSV_MARK + csvLines([COLUMNS, ...rows])
}

function markdownOf(document: TaskDocument): string {
  const { title, steps, result, input, comments = [], files, log } = document
  const parts = [
    `# ${line(title)}`,
    factsOf(document),
    ...(input === undefined ? [] : ['## What came in', block(input)]),
    ...(files.length === 0
      ? []
      : ['## Files', files.map(file => `- ${line(file.name)} (${file.bytes} bytes)`).join('\n')]),
    '## Steps',
    ...steps.flatMap(stepParts),
    ...(comments.length === 0 ? [] : ['## Comments', ...comments.flatMap(commentParts)]),
    ...(result === null ? [] : ['## Result', block(result)]),
    ...(log === undefined ? [] : ['## Log', logOf(log)]),
  ]
  return `${parts.join('\n\n')}\n`
}

function factsOf({ id, workflow, version, status, step, why, startedBy, createdAt, ...more }: TaskDocument): string {
  const { key, finishedAt, cost, tokens } = more
  const facts = [
    `Task: ${id}`,
    ...(key === undefined ? [] : [`Key: ${line(key)}`]),
    `Workflow: ${line(workflow)}, version ${version}`,
    `Status: ${status}${step === null ? '' : `, at ${line(step)}`}`,
    ...(why === undefined ? [] : [line(why)]),
    `Started: ${createdAt} by ${line(startedBy)}`,
    ...(finishedAt === null ? [] : [`Ended: ${finishedAt}`]),
    `Cost: ${priceOf(cost)}, ${tokens.input} tokens in and ${tokens.output} out`,
  ]
  return facts.map(fact => `- ${fact}`).join('\n')
}

function stepParts(step: DocumentStep): string[] {
  const { visit, step: name, handler, from, to, outcome, next, models, cost, decisions, stopped } = step
  const facts = [
    `${from} to ${to ?? 'now'}`,
    ...(models.length === 0 ? [] : [`${models.map(line).join(', ')}, ${priceOf(cost)}`]),
    ...stopped.map(line),
    ...decisions.map(decisionLine),
    ...(step.confidence === undefined ? [] : [`Confidence: ${step.confidence}`]),
    ...(outcome === null ? [] : [`${line(outcome)}${next === null ? '' : `, then ${line(next)}`}`]),
  ]
  return [
    `### ${visit}. ${line(name)} (${handler})`,
    facts.map(fact => `- ${fact}`).join('\n'),
    ...(step.reasoning ? ['Reasoning:', block(step.reasoning)] : []),
    ...(step.output === undefined ? [] : ['Output:', block(step.output)]),
  ]
}

function decisionLine({ at, by, handoff, note, undone }: DocumentDecision): string {
  const said = note ? `: ${line(note)}` : ''
  return `**${line(handoff)}** by ${line(by)}, ${at}${undone ? ', taken back' : ''}${said}`
}

function commentParts({ at, by, text }: { at: string; by: string; text: string }): string[] {
  return [`${line(by)}, ${at}:`, block(text)]
}

function logOf(log: NonNullable<TaskDocument['log']>): string {
  const rows = log.map(({ seq, at, type, by, step }) => [
    String(seq),
    at,
    type,
    line(by),
    step === null ? '' : line(step),
  ])
  return [COLUMNS.slice(0, -1), COLUMNS.slice(0, -1).map(() => '---'), ...rows]
    .map(row => `| ${row.join(' | ')} |`)
    .join('\n')
}

function priceOf(cost: number | null): string {
  return cost === null ? 'cost unknown' : dollars(cost)
}

/** Text within a line: no sign of it begins markup, a link or HTML. */
function line(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_{}[\]<>#|~&!$]/g, '\\$&')
    .replace(/^([-+=]|\d+[.)])/, '\\$1')
}

/** A value as it is, in a fence that nothing in it can close. */
function block(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${typeof value === 'string' ? 'text' : 'json'}\n${text}\n${fence}`
}
