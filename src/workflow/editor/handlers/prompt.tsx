/** The kind `prompt` in the editor: one text, which a model answers. */
import { TextArea } from '../../../http/components/field.tsx'
import { mistake, textOf } from '../../forms/form-values.ts'
import type { FieldsProps, HandlerPages } from './pages.ts'
import { TemplateHint } from './template-hint.tsx'
import { firstBrief, lineOf } from './texts.ts'

export const prompt: HandlerPages<'prompt'> = {
  name: 'Prompt',
  about: 'a text request to a model',
  offers: () => [{ value: 'prompt', label: 'Prompt: a text request to a model' }],
  begin: (offer, added) => (offer === 'prompt' ? { prompt: firstBrief(added) } : null),
  Fields,
  marks: ['prompt'],
  values: job => ({ prompt: job.prompt }),
  read: values => {
    const text = textOf(values, 'prompt') ?? ''
    return text.trim() === '' ? mistake('prompt', 'Say what the model is to do.') : { ok: true, own: { prompt: text } }
  },
  template: { field: 'prompt', whose: 'What the model gets' },
  brief: 'prompt',
  line: job => lineOf(job.prompt),
}

function Fields({ view, error }: FieldsProps) {
  return (
    <TextArea
      label="What the model is to do"
      name="prompt"
      value={view.values.prompt}
      aria-required="true"
      rows={8}
      maxlength={60_000}
      error={error('prompt')}
      hint={<TemplateHint view={view} field="prompt" />}
    />
  )
}
