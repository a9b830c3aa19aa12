/** The kind `http` in the editor: which address is called, how, and with what. */
import { methodOf } from '../../../domain/call/http-call.ts'
import { renderCall } from '../../../domain/call/render.ts'
import { requestText, shownCall } from '../../../domain/call/shown.ts'
import { CALL_MARKS, callValues, readCall } from '../../forms/call-form.ts'
import { CallFields } from './call-fields.tsx'
import type { HandlerPages } from './pages.ts'

/** What stands in the header of the key where no run has one. */
export const KEY_OF_RUN = '(the key of the run)'

export const http: HandlerPages<'http'> = {
  name: 'HTTP',
  about: 'a call to a service, with no model',
  offers: () => [{ value: 'http', label: 'HTTP: a call to a service, with no model' }],
  begin: offer => (offer === 'http' ? { http: { method: 'GET', url: 'https://api.example.com/' } } : null),
  Fields: ({ view, error }) => (
    <CallFields
      values={view.values}
      error={error}
      secrets={view.secrets}
      example={{ url: 'https://api.example.com/companies/{{ input.domain }}', body: '{{ input.email }}' }}
    />
  ),
  marks: CALL_MARKS,
  values: ({ http: call }) => callValues(call),
  read: (values, before) => {
    const read = readCall(values, before.http)
    return read.ok ? { ok: true, own: { http: read.call } } : read
  },
  sends: {
    whose: 'What is sent',
    render: ({ http: call }, scope, token) => {
      const rendered = renderCall(call, scope, token)
      return rendered.ok ? { ok: true, text: requestText(shownCall(rendered.call, KEY_OF_RUN)) } : rendered
    },
  },
  line: ({ http: call }) => `Calls ${methodOf(call)} ${call.url}`,
}
