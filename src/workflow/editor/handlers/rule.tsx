/** The kind `rule` in the editor: a table with a column for what it looks at and a row for each case. */
import { outputOf, type Row, readColumns, rowsThatFit, type Table } from '../../../domain/handler/parts/table.ts'
import { remarksOn } from '../../../domain/handler/parts/table-lint.ts'
import type { Scope } from '../../../domain/template/scope.ts'
import type { Definition } from '../../../domain/workflow/definition.ts'
import { typeOfPath } from '../../../domain/workflow/lint/steps.ts'
import { Select, TextField } from '../../../http/components/field.tsx'
import { Icon } from '../../../http/components/icon.tsx'
import { variablesFor } from '../../variables.ts'
import type { FieldsProps, HandlerPages } from './pages.ts'
import {
  cellField,
  columnField,
  orderField,
  readTable,
  shownColumns,
  shownRows,
  tableSize,
  tableValues,
  thenField,
} from './rule-form.ts'

export const rule: HandlerPages<'rule'> = {
  name: 'Rule',
  about: 'a decision table, with no model',
  offers: () => [{ value: 'rule', label: 'Rule: a decision table, with no model' }],
  begin: offer =>
    offer === 'rule'
      ? {
          rule: {
            columns: { visit: 'task.visit' },
            rows: [{ visit: '<= 1', then: 'first' } as Row, { then: 'later' }],
          },
        }
      : null,
  Fields,
  marks: ['rule_hit'],
  values: job => tableValues(job.rule),
  read: (values, before) => {
    const read = readTable(values, before.rule)
    return read.ok ? { ok: true, own: { rule: read.table } } : read
  },
  sends: {
    whose: 'Which row it takes',
    render: ({ rule: table }, scope, _token, { definition }) => {
      const taken = takenIn(table, scope)
      return taken.ok ? { ok: true, text: [taken.text, ...remarksIn(table, definition)].join('\n\n') } : taken
    },
  },
  line: ({ rule: { columns, rows } }) => {
    const count = rows.length === 1 ? 'One row' : `${rows.length} rows`
    return `${count} over ${Object.keys(columns).join(', ') || 'nothing'}`
  },
}

/** The row that the table takes of a task, with what it looked at. */
function takenIn(table: Table, scope: Scope): { ok: true; text: string } | { ok: false; message: string } {
  const read = readColumns(table, scope)
  if (!read.ok) return read
  const looked = Object.entries(read.values).map(([name, value]) => {
    return `${name}: ${value === undefined ? '(missing)' : JSON.stringify(value)}`
  })
  const decision = outputOf(table, rowsThatFit(table, read.values))
  const taken =
    decision === null
      ? 'No row fits: the step fails.'
      : `Row ${decision.places.map(place => place + 1).join(', ')} → ${JSON.stringify(decision.output, null, 2)}`
  return { ok: true, text: [...looked, taken].join('\n') }
}

function remarksIn(table: Table, definition: Definition): string[] {
  const isWhole = (column: string) => typeOfPath(table.columns[column] ?? '', definition) === 'integer'
  return remarksOn(table, isWhole).map(({ message, fix }) => `${message} ${fix}`)
}

function Fields({ view, error }: FieldsProps) {
  const { values, step, definition } = view
  const size = tableSize(values)
  return (
    <div class="stack-tight">
      <p class="field-hint">
        Each column looks at one value of the task. A cell holds a value, several between commas, a comparison such as{' '}
        <code>{'<= 10'}</code> or a range such as <code>11..500</code>; empty takes anything.
      </p>
      <datalist id="rule-paths">
        {variablesFor(step, definition).map(path => (
          <option value={path} />
        ))}
      </datalist>
      {shownColumns(size.columns).map(place => (
        <ColumnFields values={values} place={place} isNew={place >= size.columns} />
      ))}
      <div class="table-scroll">
        <table class="table edit-rule" data-grow data-sort-table>
          <thead>
            <tr>
              <th scope="col">Order</th>
              {Array.from({ length: size.columns }, (_, place) => (
                <th scope="col" hx-ignore>
                  {nameOf(values, place)}
                </th>
              ))}
              <th scope="col">Comes to</th>
            </tr>
          </thead>
          <tbody>
            {shownRows(size.rows).map(row => (
              <RowFields values={values} row={row} columns={size.columns} isNew={row >= size.rows} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="field-hint">
        Empty a row to take it away; change its order to move it. A new column’s cells appear when you save.
      </p>
      <Select
        label="Which rows count"
        name="rule_hit"
        value={values.rule_hit ?? 'first'}
        error={error('rule_hit')}
        options={[
          { value: 'first', label: 'The first that fits' },
          { value: 'all', label: 'All that fit, as a list' },
        ]}
      />
    </div>
  )
}

type Given = FieldsProps['view']['values']

function nameOf(values: Given, place: number): string {
  return values[columnField(place, 'name')] ?? `Column ${place + 1}`
}

const ColumnFields = ({ values, place, isNew }: { values: Given; place: number; isNew: boolean }) => {
  const name = columnField(place, 'name')
  const value = columnField(place, 'value')
  return (
    <div class="edit-pair">
      <TextField
        label={isNew ? 'New column' : `Column ${place + 1}`}
        name={name}
        value={values[name]}
        maxlength={40}
        placeholder="country"
      />
      <TextField
        label={isNew ? 'What it looks at' : `What column ${place + 1} looks at`}
        name={value}
        value={values[value]}
        list="rule-paths"
        maxlength={2000}
        spellcheck={false}
        placeholder="input.country"
      />
    </div>
  )
}

interface RowProps {
  values: Given
  row: number
  columns: number
  isNew: boolean
}

const RowFields = ({ values, row, columns, isNew }: RowProps) => {
  const label = isNew ? 'new row' : `row ${row + 1}`
  return (
    <tr>
      <td>
        <span class="rule-order">
          <span class="handoff-grip needs-js" aria-hidden="true">
            <Icon name="grip" size={14} />
          </span>
          <input
            class="input"
            name={orderField(row)}
            value={values[orderField(row)] ?? String(row + 1)}
            inputmode="decimal"
            size={2}
            aria-label={`Order of ${label}`}
          />
        </span>
      </td>
      {Array.from({ length: columns }, (_, place) => (
        <td>
          <input
            class="input"
            name={cellField(row, place)}
            value={values[cellField(row, place)]}
            aria-label={`${nameOf(values, place)} of ${label}`}
            placeholder="anything"
            spellcheck={false}
          />
        </td>
      ))}
      <td>
        <input
          class="input"
          name={thenField(row)}
          value={values[thenField(row)]}
          aria-label={`What ${label} comes to`}
          placeholder="segment: smb"
          spellcheck={false}
        />
      </td>
    </tr>
  )
}
