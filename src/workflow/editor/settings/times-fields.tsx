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

/** For how long an answer is taken again. */
export const CacheField = ({ values, error }: { values: Values; error: ErrorOf }) => (
  <TextField
    label="Take the same answer again for"
    name="cache"
    value={values.cache}
    error={error('cache')}
    hint="Such as 1d: what is asked exactly so again costs nothing and says where its answer is from. Empty: it is always asked. Not for calls that do something."
  />
)
