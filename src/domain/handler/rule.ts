/** The kind `rule`: a decision table says what comes out, with no model. */
import type { JsonSchema } from '../json/json.ts'
import type { Frame } from '../workflow/parts.ts'
import type { Handler, Start, View } from './handler.ts'
import { outputOf, readColumns, rowsThatFit, ruleSchema, type Table, THEN, valuesInWords } from './parts/table.ts'
import { remarksOn } from './parts/table-lint.ts'

const shape = { rule: ruleSchema.optional() }
type Own = { rule?: Table }

export interface RuleJob {
  kind: 'rule'
  frame: Frame
  rule: Table
}

export const rule: Handler<RuleJob, Own> = {
  shape,
  settings: [],
  words: {
    who: 'a table',
    work: 'the table',
    lesson: ({ rule: table }) => `A table of ${rowsIn(table)} decides here, with no model.`,
    rule: ({ rule: table }) =>
      `${table.hit === 'all' ? 'Every row that fits counts' : 'The first row that fits counts'}.`,
  },
  gives: ['done', 'failed'],
  chooses: null,
  read: step => ({ kind: 'rule', frame: step, rule: step.rule ?? { columns: {}, rows: [] } }),
  labels: () => ['done'],
  outputSchema: job => schemaOf(job.rule),
  texts: ({ rule: table }) =>
    Object.entries(table?.columns ?? {}).map(([name, text]) => ({
      path: ['rule', 'columns', name],
      text,
      expression: true as const,
    })),
  lint: ({ rule: table }, path, { typeOf }, report) => {
    const isWhole = (column: string) => typeOf(table.columns[column] ?? '') === 'integer'
    for (const { code, row, column, message, fix } of remarksOn(table, isWhole)) {
      const place = row === undefined ? ['columns'] : ['rows', row]
      const at = [...path, 'rule', ...place, ...(column === undefined ? [] : [column])]
      if (code === 'bad_table') report.error(at, code, message, fix)
      else report.warn(at, code, message, fix)
    }
  },
  spends: null,
  begin: (job, view) => [decided(job.rule, view)],
  judge: () => ({ kind: 'completed', label: 'done' }),
}

function rowsIn({ rows }: Table): string {
  return rows.length === 1 ? 'one row' : `${rows.length} rows`
}

function decided(table: Table, view: View): Start {
  const read = readColumns(table, view.scope())
  if (!read.ok) return failed('bad_condition', read.message)
  const decision = outputOf(table, rowsThatFit(table, read.values))
  const values = valuesInWords(read.values)
  if (decision === null) return failed('no_row', `No row fits: ${values}.`)
  const { output, places } = decision
  const rows = places.map(place => place + 1).join(', ')
  return { kind: 'completed', output, reasoning: `Row ${rows} of ${table.rows.length}: ${values}.` }
}

function failed(code: 'bad_condition' | 'no_row', message: string): Start {
  return { kind: 'failed', failure: { code, message, retryable: false } }
}

/** What rows come to: an object of the fields that they name, where each comes to an object. */
function schemaOf({ rows, hit }: Table): JsonSchema {
  const thens = rows.map(row => row[THEN])
  const objects = thens.filter(then => typeof then === 'object' && then !== null && !Array.isArray(then))
  const fields = objects.flatMap(then => Object.keys(then as object))
  const item: JsonSchema =
    rows.length > 0 && objects.length === rows.length
      ? { type: 'object', properties: Object.fromEntries(fields.map(name => [name, {}])) }
      : {}
  return hit === 'all' ? { type: 'array', items: item } : item
}
