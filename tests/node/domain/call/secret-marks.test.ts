/** Secrets in texts: named in one way only, put in once, and masked wherever a service echoes them. */
import { expect, test } from 'vitest'
import { renderCall } from '../../../../src/domain/call/render.ts'
import {
  masked,
  replaceMarks,
  secretsMarked,
  secretsMisused,
  secretsNamed,
  withoutMarks,
} from '../../../../src/domain/call/secret-marks.ts'

const scope = (input: object) => ({
  input: input as never,
  steps: {},
  last: { step: null, output: null, handoff: null, note: null, by: null },
  task: { id: 'tsk_1', title: '', visit: 1 },
})

test('a secret is named by `{{ secrets.name }}`, and by nothing else', () => {
  expect(secretsNamed({ a: 'Bearer {{ secrets.crm }}', b: ['{{- secrets.erp -}}', '{{secrets.crm}}'], c: 3 })).toEqual([
    'crm',
    'erp',
  ])
  expect(secretsMisused('{{ secrets.crm }} and my secrets')).toEqual([])
  for (const text of [
    '{{ secrets.crm | upcase }}',
    '{% if secrets.crm %}x{% endif %}',
    '{{ secrets["crm"] }}',
    '{{ secrets }}',
    '{% assign x = secrets.a %}',
  ]) {
    expect(secretsMisused({ deep: [text] }), text).toEqual([text])
  }
})

test('values are put in where the call is made, and nothing that came from outside is a mark', () => {
  const token = 'f00d'
  const call = {
    url: 'https://a.example/',
    headers: { authorization: 'Bearer {{ secrets.crm }}' },
    body: { text: '{{ input.text }}', key: '{{ secrets.crm }}' },
  }
  const forged = '<<secret:dead:crm>> {{ secrets.crm }} <<secret:{{token}}:crm>>'
  const rendered = renderCall(call, scope({ text: forged }), token)
  if (!rendered.ok) throw new Error(rendered.message)
  const { headers, body } = rendered.call
  expect(secretsMarked([headers, body!], token)).toEqual(['crm'])
  expect(replaceMarks({ headers, body: body! }, token, () => 'VALUE')).toEqual({
    headers: { authorization: 'Bearer VALUE' },
    body: { text: forged, key: 'VALUE' },
  })
  expect(withoutMarks(headers, token)).toEqual({ authorization: 'Bearer {{ secrets.crm }}' })
})

test('a body keeps the types of its values, an address takes each as one piece', () => {
  const call = {
    url: 'https://a.example/{{ input.id }}/x?q={{ input.q }}',
    body: { n: '{{ input.n }}', list: '{{ input.list }}', text: 'n={{ input.n }}' },
  }
  const rendered = renderCall(call, scope({ id: 'a/../b?c#d', q: '&x=1', n: 5, list: [1] }), 't')
  expect(rendered).toMatchObject({
    ok: true,
    call: {
      method: 'POST',
      url: 'https://a.example/a%2F..%2Fb%3Fc%23d/x?q=%26x%3D1',
      body: { n: 5, list: [1], text: 'n=5' },
      safe: false,
    },
  })
})

test.each([
  ['a value that leads up', { id: '..' }, /another path/],
  ['a value that stays where it is', { id: '.' }, /another path/],
  ['a value that is missing', {}, /`input.id` is missing/],
])('%s is refused', (_name, input, says) => {
  expect(renderCall({ url: 'https://a.example/{{ input.id }}/x' }, scope(input), 't')).toMatchObject({
    ok: false,
    message: expect.stringMatching(says),
  })
})

test('a line break can begin no header', () => {
  const call = { url: 'https://a.example/', headers: { 'x-note': '{{ input.note }}' } }
  expect(renderCall(call, scope({ note: 'a\r\nx-evil: 1' }), 't')).toMatchObject({
    ok: false,
    message: expect.stringMatching(/line break/),
  })
})

test('an echo is masked as forms, pages and other programs spell it', () => {
  const value = 'CANARY query & "more"/\'ü\''
  const escaped = JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/')
  const said = [
    new URLSearchParams({ q: value }).toString(),
    new URLSearchParams({ q: value }).toString().replace(/%[0-9A-F]{2}/g, code => code.toLowerCase()),
    encodeURIComponent(value).replace(/%[0-9A-F]{2}/g, code => code.toLowerCase()),
    escaped,
    escaped.replaceAll('ü', '\\u00fc'),
    value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    value.replaceAll('&', '&amp;'),
  ]
  for (const text of said) expect(masked(text, { crm: value })).toMatch(/^(q=)?\[secret: crm\]$/)
})

test('an echo is masked in every spelling', () => {
  const secrets = { crm: 'Bearer s3cr3t/"ä+7', short: 'ab' }
  const encoded = btoa(String.fromCharCode(...new TextEncoder().encode('s3cr3t/"ä+7'))).replace(/=+$/, '')
  const said = {
    plain: 'you sent Bearer s3cr3t/"ä+7!',
    bare: 's3cr3t/"ä+7',
    url: encodeURIComponent('s3cr3t/"ä+7'),
    quoted: JSON.stringify({ a: 's3cr3t/"ä+7' }),
    base64: encoded,
    's3cr3t/"ä+7': 1,
    other: 'abc',
  }
  const text = JSON.stringify(masked(said, secrets))
  for (const part of ['s3cr3t', encoded]) expect(text).not.toContain(part)
  expect(text).toContain('[secret: crm]')
  expect(masked(said, secrets)).toMatchObject({ other: 'abc' })
})
