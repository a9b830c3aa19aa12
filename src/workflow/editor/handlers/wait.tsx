/** The kind `wait` in the editor: how long. */
import { durationMs } from '../../../domain/workflow/parts.ts'
import { TextField } from '../../../http/components/field.tsx'
import { mistake, wordOf } from '../../forms/form-values.ts'
import { DURATION } from '../../forms/times-form.ts'
import type { FieldsProps, HandlerPages } from './pages.ts'

export const wait: HandlerPages<'wait'> = {
  name: 'Wait',
  about: 'a time that must pass',
  offers: () => [{ value: 'wait', label: 'Wait: a time that must pass' }],
  begin: offer => (offer === 'wait' ? { wait: { for: '1d' } } : null),
  Fields,
  marks: ['wait_for'],
  values: job => ({ wait_for: job.wait.for }),
  read: (values, before) => {
    const text = wordOf(values, 'wait_for') ?? ''
    if ((durationMs(text) ?? 0) <= 0) return mistake('wait_for', DURATION)
    return { ok: true, own: { wait: { ...before.wait, for: text } } }
  },
  line: job => `Waits for ${job.wait.for}.`,
}

function Fields({ view, error }: FieldsProps) {
  return (
    <TextField
      label="How long"
      name="wait_for"
      value={view.values.wait_for}
      aria-required="true"
      maxlength={20}
      error={error('wait_for')}
      hint="Such as 30s, 5m, 2h or 3d. Tasks go on by themselves then."
    />
  )
}
