/** Which models may answer in another's place, and what they are asked with; folded until it says something. */
import { REASONING_EFFORTS } from '../../../domain/workflow/parts.ts'
import { Select, TextField } from '../../../http/components/field.tsx'
import type { ErrorOf, Values } from '../../forms/form-values.ts'
import { PARAM_FIELDS } from '../../forms/params-form.ts'

const { reasoningEffort, ...NUMBERS } = PARAM_FIELDS

/** Its fields that show what is wrong with them. */
export const MODEL_MARKS = ['fallback', ...Object.values(PARAM_FIELDS).map(({ field }) => field)]

export const ModelFields = ({ values, error }: { values: Values; error: ErrorOf }) => {
  const open = MODEL_MARKS.some(name => Boolean(values[name]) || error(name) !== undefined)
  return (
    <details class="explain" open={open}>
      <summary>Models to fall back on, temperature and the like</summary>
      <div class="form">
        <TextField
          label="Models to fall back on"
          name="fallback"
          value={values.fallback}
          maxlength={600}
          error={error('fallback')}
          hint="Between commas. They are asked in this order while a provider is away or at its limit."
        />
        <div class="edit-pair">
          {Object.values(NUMBERS).map(({ field, label, takes }) => (
            <TextField
              label={label}
              name={field}
              value={values[field]}
              inputmode="decimal"
              error={error(field)}
              hint={`Empty: the model’s own. Else ${takes}.`}
            />
          ))}
        </div>
        <Select
          label={reasoningEffort.label}
          name={reasoningEffort.field}
          value={values[reasoningEffort.field] ?? ''}
          error={error(reasoningEffort.field)}
          options={[
            { value: '', label: 'The model’s own' },
            ...REASONING_EFFORTS.map(effort => ({ value: effort, label: effort })),
          ]}
        />
      </div>
    </details>
  )
}
