/** How long a model may take and how often it is tried: the same fields for one step and for all. */
import { TextField } from '../../../http/components/field.tsx'
import type { ErrorOf, Values } from '../../forms/form-values.ts'

export const TimesFields = ({ values, error }: { values: Values; error: ErrorOf }) => {
  const field = (name: string, label: string, hint: string | undefined, inputmode?: 'numeric' | 'decimal') => (
    <TextField label={label} name={name} value={values[name]} hint={hint} inputmode={inputmode} error={error(name)} />
  )
  return (
    <div class="edit-pair">
      {field('timeout', 'Time limit', 'Such as 60s.')}
      {field('attempts', 'Attempts', '3, unless set.', 'numeric')}
      {field('delay', 'Pause between', 'Such as 2s.')}
      {field('factor', 'Growing by', 'Such as 2.', 'decimal')}
    </div>
  )
}
