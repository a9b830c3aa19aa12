/** The form of a call: secrets are chosen, what is sent stands in rows, and every shape of a call comes back as it went. */
import { jsx } from 'hono/jsx'
import { describe, expect, test } from 'vitest'
import type { HttpCall } from '../../../src/domain/call/http-call.ts'
import type { Json } from '../../../src/domain/json/json.ts'
import { CallFields } from '../../../src/workflow/editor/handlers/call-fields.tsx'
import { callValues, readCall } from '../../../src/workflow/forms/call-form.ts'
import { shown, type Values } from '../../../src/workflow/forms/form-values.ts'

const URL = 'https://api.crm.example/contacts'
const EMPTY: HttpCall = { url: '' }

/** The values as a browser sends them: lines end in CRLF, and a text loses the line break that it begins with. */
function sent(call: HttpCall): Values {
  const entries = Object.entries(shown(callValues(call)))
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value.replace(/^\n/, '').replaceAll(/\r\n?|\n/g, '\r\n')]),
  )
}

const BODIES: [what: string, body: Json, as: string][] = [
  [
    'texts, numbers, truth and lists',
    { email: '{{ input.email }}', score: 7, ok: false, no: null, tags: ['a', { b: 1 }] },
    'fields',
  ],
  ['a secret', { token: '{{ secrets.crm }}', spelt: '{{secrets.crm}}', in: 'Key {{ secrets.crm }}' }, 'fields'],
  ['spaces, lines and empty texts', { a: '  x ', 'b c': 'one\ntwo', 'x: {y}': '', z: '"7"', n: '7' }, 'fields'],
  ['no field', {}, 'json'],
  ['names that a row would change', { ' a': 1, b: 2 }, 'json'],
  ['lines that a form would change', { a: 'one\r\ntwo' }, 'json'],
  ['a list', [1, { a: '{{ input.x }}' }], 'json'],
  ['a number', 7, 'json'],
  ['null', null, 'json'],
  ['a text', 'Hello {{ input.name }},\n\n"it" is: done', 'text'],
  ['a text with line ends of its own', '\nfrom\r\nelsewhere\r', 'text'],
  ['a text that looks like JSON', '{"a": 1}', 'text'],
  ['an empty text', '', 'text'],
  ['more fields than rows', Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`f${n}`, n])), 'json'],
]

describe.each(BODIES)('a body of %s', (_what, body, as) => {
  test('comes back to the letter, over what was there and over nothing', () => {
    const call: HttpCall = { method: 'POST', url: URL, body }
    const values = sent(call)
    expect(values.http_body_as).toBe(as)
    expect(JSON.stringify(readCall(values, call))).toBe(JSON.stringify({ ok: true, call }))
    // POST follows from there being a body.
    if (as !== 'text') expect(readCall(values, EMPTY)).toEqual({ ok: true, call: { url: URL, body } })
  })
})

const HEADERS: [
  headers: Record<string, string>,
  sign: string | undefined,
  as: string | undefined,
  left: [name: string, as: string, value?: string][],
][] = [
  [
    { accept: 'x', Authorization: 'bearer {{secrets.crm}}', 'x-b': '1' },
    'crm',
    'bearer',
    [
      ['accept', 'words', 'x'],
      ['x-b', 'words', '1'],
    ],
  ],
  [{ 'X-Api-Key': '{{ secrets.crm }}' }, 'crm', 'api_key', []],
  [{ authorization: 'Basic {{ secrets.crm }}' }, 'crm', 'basic', []],
  [{ authorization: '{{ secrets.crm }}', 'api-key': '{{ secrets.b }}' }, 'crm', 'bare', [['api-key', 'secret:b']]],
  [{ 'x-own': '{{ secrets.crm }}' }, undefined, undefined, [['x-own', 'secret:crm']]],
  [
    { authorization: 'Key {{ secrets.crm }}' },
    undefined,
    undefined,
    [['authorization', 'words', 'Key {{ secrets.crm }}']],
  ],
]

test.each(HEADERS)('the headers %j come back in their order and spelling', (headers, sign, as, left) => {
  const call = { url: URL, headers }
  const values = sent(call)
  const rows = left.map((_, n) =>
    ['name', 'as', 'value'].map(part => values[`http_header-${n}-${part}`]).filter(Boolean),
  )
  expect([values.http_sign, values.http_sign_as, rows]).toEqual([sign, as, left])
  expect(values[`http_header-${left.length}-name`]).toBeUndefined()
  expect(JSON.stringify(readCall(values, call))).toBe(JSON.stringify({ ok: true, call }))
})

test('a query and headers are rows; what rows would change is lines, and comes back the same', () => {
  const query = { full: 'true', q: '{{ input.name }}', key: '{{ secrets.crm }}', empty: '' }
  for (const call of [
    { url: URL, query, headers: { accept: 'x' } },
    { url: URL, query: { ' odd ': 'x', lines: 'a\r\nb' } },
    { url: URL, query: Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`q${n}`, `${n}`])) },
  ])
    expect(JSON.stringify(readCall(sent(call), call))).toBe(JSON.stringify({ ok: true, call }))
  const typed = {
    http_url: URL,
    ...{ 'http_param-0-name': 'full', 'http_param-0-value': 'true', 'http_param-1-name': 'key' },
    ...{ 'http_param-1-as': 'secret:crm', 'http_header-4-name': 'accept-language', 'http_header-4-value': 'de' },
  }
  const call = { url: URL, query: { full: 'true', key: '{{ secrets.crm }}' }, headers: { 'accept-language': 'de' } }
  expect(readCall(typed, EMPTY)).toMatchObject({ ok: true, call })
})

test('a person who knows no HTTP chooses a secret and names fields: no mark is typed', () => {
  const values = {
    ...{ http_method: 'POST', http_url: URL, http_sign: 'crm', http_sign_as: 'bearer', http_body_as: 'fields' },
    ...{ 'http_row-0-name': 'email', 'http_row-0-value': '{{ input.email }}' },
    ...{ 'http_row-1-name': 'token', 'http_row-1-as': 'secret:crm' },
    ...{ 'http_row-3-name': 'score', 'http_row-3-as': 'value', 'http_row-3-value': '7' },
  }
  expect(readCall(values, EMPTY)).toEqual({
    ok: true,
    call: {
      url: URL,
      headers: { authorization: 'Bearer {{ secrets.crm }}' },
      body: { email: '{{ input.email }}', token: '{{ secrets.crm }}', score: 7 },
    },
  })
  const before = { method: 'POST' as const, url: URL, headers: { Authorization: 'Bearer {{ secrets.old }}', a: 'b' } }
  const changed = readCall({ ...sent(before), http_sign: 'new_one' }, before)
  expect(changed).toMatchObject({ call: { headers: { authorization: 'Bearer {{ secrets.new_one }}', a: 'b' } } })
  const none = readCall({ ...sent(before), http_sign: '' }, before)
  expect(none).toMatchObject({ call: { headers: { a: 'b' } } })
})

test.each([
  ['a name twice', { 'http_row-0-name': 'a', 'http_row-1-name': 'a' }, 'http_row-0-name', 'two fields “a”'],
  ['no name', { 'http_row-0-value': 'x' }, 'http_row-0-name', 'Name at least one field'],
  [
    'a value that is none',
    { 'http_row-0-name': 'a', 'http_row-0-as': 'value', 'http_row-0-value': 'seven' },
    'http_row-0-name',
    '“a”: Write a number',
  ],
  [
    'a number that would be another',
    { 'http_row-0-name': 'a', 'http_row-0-as': 'value', 'http_row-0-value': '9007199254740993' },
    'http_row-0-name',
    '“a”',
  ],
  ['JSON that is none', { http_body_as: 'json', http_body: '{' }, 'http_body', ''],
  [
    'two who sign in',
    { http_body_as: 'none', http_sign: 'crm', http_headers: 'Authorization: x' },
    'http_headers',
    'signs in',
  ],
  [
    'a header that signs in twice',
    { http_body_as: 'none', http_sign: 'crm', 'http_header-1-name': 'Authorization', 'http_header-1-value': 'x' },
    'http_header-0-name',
    'signs in',
  ],
  ['a query twice', { 'http_param-0-name': 'a', 'http_param-1-name': 'a' }, 'http_param-0-name', 'two fields “a”'],
  ['a secret that can be none', { http_body_as: 'none', http_sign: 'x }}{{ y' }, 'http_header-0-name', 'Choose one'],
])('%s is said beside its field', (_what, values, field, message) => {
  const read = readCall({ http_url: URL, http_body_as: 'fields', ...values } as Values, EMPTY)
  expect(read).toMatchObject({ ok: false, field })
  expect(read.ok ? '' : read.message).toContain(message)
})

test('secrets are chosen with their hosts; one that is not set yet stays chosen', () => {
  const values = sent({
    url: URL,
    headers: { authorization: 'Bearer {{ secrets.gone }}' },
    body: { k: '{{ secrets.crm }}' },
  })
  const html = String(
    jsx(CallFields as never, {
      values,
      error: () => undefined,
      secrets: [{ name: 'crm', hosts: ['api.crm.example'] }],
      example: { url: '', body: '' },
    }),
  )
  expect(html).toContain('<option value="crm">Secret crm (api.crm.example)</option>')
  expect(html).toContain('<option value="gone" selected="">Secret gone (not set yet)</option>')
  expect(html).toContain('<option value="secret:crm" selected="">Secret crm (api.crm.example)</option>')
  expect(html).toContain('data-insert="{{ secrets.crm }}" data-into="field-http_body"')
  expect(html).not.toContain('(optional)</span></label><select')
})
