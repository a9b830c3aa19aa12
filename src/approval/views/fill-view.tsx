/** What a question asks to be filled in: the fields of its schema, what they are needed for, and keeping them for later. */
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { TextArea, Within } from '../../http/components/field.tsx'
import { InputField } from '../../http/components/input-field.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { WHOLE } from '../../http/request/input-form.ts'
import { FIELDS, FILLED, type FillForm } from '../question/fill.ts'

interface Props {
  form: FillForm
  /** The buttons that need it, as they are called. */
  needed: string[]
  now: number
}

export const FillView = ({ form: { fields, given, errors, keptAt }, needed, now }: Props) => {
  const wrong = fields?.find(field => errors[field.name] !== undefined)
  return (
    <fieldset class="fill stack-tight" data-draft>
      <legend class="field-label">Fill in, to choose {needed.map(name => `“${name}”`).join(' or ')}</legend>
      {errors[''] !== undefined && <ErrorNotice>{errors['']}</ErrorNotice>}
      <input type="hidden" name={FILLED} value="1" />
      <Within.Provider value={FIELDS}>
        {fields === null ? (
          <TextArea
            id={`task-${WHOLE}`}
            name={WHOLE}
            label="As JSON"
            value={given[WHOLE] ?? ''}
            error={errors[WHOLE]}
            rows={6}
            code
          />
        ) : (
          fields.map(field => (
            <InputField field={field} given={given} error={errors[field.name]} first={field === wrong} />
          ))
        )}
      </Within.Provider>
      <p class="row no-print">
        <button class="button button--quiet" type="submit" name="draft" value="1" formnovalidate>
          Keep it for later
        </button>
        <span class="field-hint" role="status" data-draft-status>
          {keptAt !== null && (
            <>
              Kept as you left it <Time at={keptAt} now={now} />.
            </>
          )}
        </span>
      </p>
    </fieldset>
  )
}
