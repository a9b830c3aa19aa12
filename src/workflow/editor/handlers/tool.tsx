/** The kind `tool` in the editor: which of the team's tools, and what it is called with. */
import type { Json } from '../../../domain/json/json.ts'
import { renderValue } from '../../../domain/template/template.ts'
import { TextArea, TextField } from '../../../http/components/field.tsx'
import { mistake, textOf, wordOf } from '../../forms/form-values.ts'
import type { FieldsProps, HandlerPages } from './pages.ts'
import { pairsOf, pairsText } from './pairs.ts'

export const tool: HandlerPages<'tool'> = {
  name: 'Tool',
  about: 'one of your tools, with no model',
  offers: () => [{ value: 'tool', label: 'Tool: one of your tools, with no model' }],
  begin: (offer, { owner }) =>
    offer === 'tool'
      ? { tool: 'send_email', with: { to: owner, subject: '{{ task.title }}', text: '{{ last.output }}' } }
      : null,
  Fields,
  marks: ['tool', 'tool_with'],
  values: job => ({ tool: job.tool, tool_with: pairsText(job.args) }),
  read: values => {
    const name = wordOf(values, 'tool')
    if (name === undefined) return mistake('tool', 'Name a tool, such as send_email.')
    const args = pairsOf(textOf(values, 'tool_with') ?? '')
    if (typeof args === 'string') return mistake('tool_with', args)
    return {
      ok: true,
      own: { tool: name, with: Object.keys(args).length > 0 ? (args as Record<string, Json>) : undefined },
    }
  },
  sends: {
    whose: 'What the tool is called with',
    render: (job, scope) => {
      const rendered = renderValue(job.args, scope)
      return rendered.ok ? { ok: true, text: `${job.tool}\n\n${JSON.stringify(rendered.value, null, 2)}` } : rendered
    },
  },
  line: job => `Calls ${job.tool}.`,
}

function Fields({ view, error }: FieldsProps) {
  return (
    <>
      <TextField
        label="Tool"
        name="tool"
        value={view.values.tool}
        aria-required="true"
        maxlength={100}
        error={error('tool')}
        hint="Its name: one of your team’s tools, or a built-in one such as send_email or post_slack."
      />
      <TextArea
        label="With"
        name="tool_with"
        value={view.values.tool_with}
        rows={5}
        maxlength={60_000}
        error={error('tool_with')}
        hint="One argument a line, such as  to: {{ input.email }}  — or one JSON object."
      />
    </>
  )
}
