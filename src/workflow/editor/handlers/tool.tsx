/** The kind `tool` in the editor: which of the team's tools, and what it is called with. */

import { renderCall } from '../../../domain/call/render.ts'
import { requestText, shownCall } from '../../../domain/call/shown.ts'
import type { Json } from '../../../domain/json/json.ts'
import { renderValue } from '../../../domain/template/template.ts'
import { givenOnly } from '../../../domain/tools/arguments.ts'
import { TextArea, TextField } from '../../../http/components/field.tsx'
import { mistake, textOf, type Values, wordOf } from '../../forms/form-values.ts'
import { pairsOf, pairsText } from '../../forms/pairs.ts'
import { fitRows, readRows, rowsMark, rowValues } from '../../forms/rows-form.ts'
import { KEY_OF_RUN } from './http.tsx'
import type { FieldsProps, HandlerPages } from './pages.ts'
import { PairRows } from './pair-rows.tsx'

/** What the names of an argument's fields begin with. */
const ROW = 'tool_arg'

export const tool: HandlerPages<'tool'> = {
  name: 'Tool',
  about: 'one of your tools, with no model',
  offers: () => [{ value: 'tool', label: 'Tool: one of your tools, with no model' }],
  begin: (offer, { owner }) =>
    offer === 'tool'
      ? { tool: 'send_email', with: { to: owner, subject: '{{ task.title }}', text: '{{ last.output }}' } }
      : null,
  Fields,
  marks: ['tool', rowsMark(ROW)],
  values: job => ({
    tool: job.tool,
    ...(fitRows(job.args) ? rowValues(ROW, job.args) : { tool_with: pairsText(job.args) }),
  }),
  read: values => {
    const name = wordOf(values, 'tool')
    if (name === undefined) return mistake('tool', 'Name a tool, such as send_email.')
    const read = values.tool_with === undefined ? readRows(values, ROW) : readLines(values)
    if (!read.ok) return read
    const args = read.pairs
    return {
      ok: true,
      own: { tool: name, with: Object.keys(args).length > 0 ? (args as Record<string, Json>) : undefined },
    }
  },
  sends: {
    whose: 'What the tool is called with',
    render: (job, scope, token, { tools }) => {
      const rendered = renderValue(job.args, scope)
      if (!rendered.ok) return rendered
      const args = rendered.value
      const said = `${job.tool}\n\n${JSON.stringify(args, null, 2)}`
      const own = tools.find(({ key }) => key === job.tool)
      if (own === undefined) return { ok: true, text: said }
      const call = renderCall(givenOnly(own.http, args), { args, task: scope.task }, token)
      return call.ok
        ? { ok: true, text: `${said}\n\nIt sends:\n\n${requestText(shownCall(call.call, KEY_OF_RUN))}` }
        : call
    },
  },
  line: job => `Calls ${job.tool}.`,
}

/** As lines, where rows would change what its author wrote. */
function readLines(values: Values): ReturnType<typeof readRows> {
  const pairs = pairsOf(textOf(values, 'tool_with') ?? '')
  return typeof pairs === 'string' ? mistake('tool_with', pairs) : { ok: true, pairs }
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
      {view.values.tool_with === undefined ? (
        <fieldset class="stack-tight schema">
          <legend class="field-label">With</legend>
          <PairRows one="Argument" row={ROW} values={view.values} secrets={[]} error={error} typed />
          <p class="field-hint">
            One row an argument, such as to, subject and text of send_email. A value may be of the task, as in{' '}
            {'{{ input.email }}'}.
          </p>
        </fieldset>
      ) : (
        <TextArea
          label="With"
          name="tool_with"
          value={view.values.tool_with}
          rows={5}
          maxlength={60_000}
          error={error('tool_with')}
          hint="One argument a line, such as  to: {{ input.email }}  — or one JSON object."
        />
      )}
    </>
  )
}
