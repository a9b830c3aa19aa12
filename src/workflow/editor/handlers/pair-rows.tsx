/** Named values as a table of rows: what each is called, how it is meant, and what it says; no mark of a secret is typed. */
import { useContext } from 'hono/jsx'
import { type Option, Within } from '../../../http/components/field.tsx'
import type { ErrorOf, Values } from '../../forms/form-values.ts'
import { rowCount, rowsMark, SECRET_ROW } from '../../forms/rows-form.ts'

/** A secret as it is chosen: its name, and the hosts that it may go to. */
export interface ChoosableSecret {
  name: string
  hosts: string[]
}

interface RowsProps {
  /** `Header`: what one row is, for those who do not see the table. */
  one: string
  /** What the names of its fields begin with. */
  row: string
  values: Values
  /** Those that a value may be; none where none may stand. */
  secrets: readonly ChoosableSecret[]
  /** Whether a value may be of another type than text. */
  typed?: boolean
}

export const PairRows = ({ error, ...rows }: RowsProps & { error: ErrorOf }) => {
  const within = useContext(Within)
  const mark = rowsMark(rows.row)
  const wrong = error(mark)
  return (
    <>
      {wrong && (
        <p class="field-error" id={`field-${within}${mark}-error`}>
          {wrong}
        </p>
      )}
      <div class="table-scroll">
        <table class="table edit-fields" data-grow>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Is</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: rowCount(rows.values, rows.row) }, (_, index) => (
              <Row {...rows} index={index} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

const Row = ({ one, row, values, secrets, typed, index }: RowsProps & { index: number }) => {
  const within = useContext(Within)
  const start = `${row}-${index}`
  const value = (part: string) => values[`${start}-${part}`]
  const as = value('as') ?? 'words'
  const chosen = as.startsWith(SECRET_ROW) ? as.slice(SECRET_ROW.length) : undefined
  const options = [
    { value: 'words', label: 'Text' },
    ...(typed ? [{ value: 'value', label: 'Number, true or JSON' }] : []),
    ...secretOptions(secrets, SECRET_ROW, chosen),
  ]
  return (
    <tr>
      <td>
        <input
          class="input"
          name={`${within}${start}-name`}
          value={value('name')}
          aria-label={`${one} ${index + 1}: name`}
          spellcheck={false}
        />
      </td>
      <td>
        <select class="input" name={`${within}${start}-as`} aria-label={`${one} ${index + 1}: kind`} hx-ignore>
          {options.map(option => (
            <option value={option.value} selected={option.value === as}>
              {option.label}
            </option>
          ))}
        </select>
      </td>
      <td>
        <Value name={`${within}${start}-value`} value={value('value')} label={`${one} ${index + 1}: value`} />
      </td>
    </tr>
  )
}

/** One line, unless it holds several. */
const Value = ({ name, value, label }: { name: string; value: string | undefined; label: string }) =>
  value?.includes('\n') ? (
    <textarea class="input" name={name} rows={2} aria-label={label}>
      {value}
    </textarea>
  ) : (
    <input class="input" name={name} value={value} aria-label={label} />
  )

/** Each with the hosts that it may go to; one that was chosen and is not there stays chosen. */
export function secretOptions(
  secrets: readonly ChoosableSecret[],
  start: string,
  chosen: string | undefined,
): Option[] {
  const there = secrets.map(({ name, hosts }) => ({
    value: start + name,
    label: `Secret ${name} (${hosts.join(', ')})`,
  }))
  const isMissing = chosen !== undefined && chosen !== '' && !secrets.some(({ name }) => name === chosen)
  return isMissing ? [...there, { value: start + chosen, label: `Secret ${chosen} (not set yet)` }] : there
}
