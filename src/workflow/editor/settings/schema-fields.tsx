/** A schema on a form: nothing, a table of fields, or JSON. The input of a workflow and the output of a step look the same. */
import { Check, TextArea } from '../../../http/components/field.tsx'
import type { ErrorOf, Values } from '../../forms/form-values.ts'
import { rowCount, type SchemaNames } from '../../forms/schema-form.ts'
import { FIELD_LABELS, FIELD_TYPES } from '../../forms/schema-table.ts'

interface SchemaFieldsProps {
  legend: string
  /** What no schema means. */
  none: string
  hint: string
  names: SchemaNames
  values: Values
  error: ErrorOf
}

export const SchemaFields = ({ legend, none, hint, names, values, error }: SchemaFieldsProps) => {
  const as = ['fields', 'json'].find(one => one === values[names.as]) ?? 'none'
  const places = Array.from({ length: rowCount(values, names) + 2 }, (_, index) => index)
  const wrong = places.map(index => error(`${names.row}-${index}-name`)).find(message => message !== undefined)
  return (
    <fieldset class="stack-tight schema" id={names.row}>
      <legend class="field-label">{legend}</legend>
      <div class="row">
        <Check type="radio" name={names.as} value="none" checked={as === 'none'} label={none} />
        <Check type="radio" name={names.as} value="fields" checked={as === 'fields'} label="Fields" />
        <Check type="radio" name={names.as} value="json" checked={as === 'json'} label="JSON Schema" />
      </div>
      <p class="field-hint">{hint}</p>
      {wrong && <p class="field-error">{wrong}</p>}
      <div class="stack-tight schema-as" data-as="fields">
        <div class="table-scroll">
          <table class="table edit-fields" data-grow>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Type</th>
                <th scope="col">Choices</th>
                <th scope="col">Required</th>
              </tr>
            </thead>
            <tbody>
              {places.map(index => (
                <FieldRowInputs values={values} start={`${names.row}-${index}`} place={index + 1} />
              ))}
            </tbody>
          </table>
        </div>
        <p class="field-hint">
          Empty the name to take a field away.<span class="no-js"> Two more rows appear when you save.</span>
        </p>
      </div>
      <div class="schema-as" data-as="json">
        <TextArea
          label="JSON Schema"
          name={names.json}
          value={values[names.json]}
          code
          rows={6}
          spellcheck={false}
          error={error(names.json)}
        />
      </div>
    </fieldset>
  )
}

const FieldRowInputs = ({ values, start, place }: { values: Values; start: string; place: number }) => {
  const name = (part: string) => `${start}-${part}`
  const type = values[name('type')] ?? 'string'
  return (
    <tr>
      <td>
        <input class="input" name={name('name')} value={values[name('name')]} aria-label={`Name of field ${place}`} />
        <input type="hidden" name={name('was')} value={values[name('was')]} />
      </td>
      <td>
        <select class="input" name={name('type')} aria-label={`Type of field ${place}`}>
          {FIELD_TYPES.map(one => (
            <option value={one} selected={one === type}>
              {FIELD_LABELS[one]}
            </option>
          ))}
        </select>
      </td>
      <td>
        <input
          class="input"
          name={name('choices')}
          value={values[name('choices')]}
          aria-label={`Choices of field ${place}`}
          placeholder="low, high"
        />
      </td>
      <td>
        <Check
          name={name('required')}
          checked={values[name('required')] !== undefined}
          aria-label={`Field ${place} is required`}
          label="Required"
        />
      </td>
    </tr>
  )
}
