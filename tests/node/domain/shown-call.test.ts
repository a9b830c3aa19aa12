/** A call as people see it: no secret, nothing that signs anybody in, and a curl line that a shell reads as it is meant. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { renderCall } from '../../../src/domain/call/render.ts'
import { curlOf, type ShownCall, shownCall, shownPrompt } from '../../../src/domain/call/shown.ts'
import { typedOutput } from '../../../src/domain/call/typed-output.ts'

const TOKEN = '5f2c61aa-0000-4000-8000-000000000000'

function rendered(over: Record<string, unknown> = {}, input: Record<string, string> = {}) {
  const call = {
    url: 'https://api.crm.example/x/{{ input.id }}',
    headers: { authorization: 'Bearer {{ secrets.crm }}', 'X-Api-Key': 'written-out', accept: 'text/plain' },
    query: { token: '{{ secrets.crm }}', q: '{{ input.q }}' },
    body: { text: '{{ input.q }}' },
    key: 'Idempotency-Key',
    ...over,
  }
  const last = { step: null, output: null, handoff: null, note: null, by: null }
  const task = { id: 't', title: 't', visit: 1 }
  const made = renderCall(call, { input: { id: '7', q: 'a', ...input }, steps: {}, last, task }, TOKEN)
  if (!made.ok) throw new Error(made.message)
  return made.call
}

test('secrets stand by their names, what was written out to sign in is hidden, the key is what was sent', () => {
  expect(shownCall(rendered(), 'tsk.1.1')).toEqual({
    method: 'POST',
    url: 'https://api.crm.example/x/7',
    headers: {
      authorization: 'Bearer {{ secrets.crm }}',
      'X-Api-Key': '(hidden)',
      accept: 'text/plain',
      'Idempotency-Key': 'tsk.1.1',
    },
    query: { token: '{{ secrets.crm }}', q: 'a' },
    body: { text: 'a' },
  })
})

test('a run’s prompt is told without its marks; what is none is left alone', () => {
  expect(JSON.stringify(shownPrompt(JSON.stringify(rendered())))).not.toMatch(/<<secret|5f2c61aa/)
  for (const other of ['Write to Nimbus.', '{"to": "kim@nimbus.test"}', '[]', 'null', '']) {
    expect(shownPrompt(other)).toBeNull()
  }
})

/** The words that a shell makes of the line. */
function wordsOf(call: ShownCall): string[] {
  const script = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${curlOf(call)}`
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)
}

test.each<[string, Record<string, unknown>, Record<string, string>, string[]]>([
  [
    'an object as JSON, quotes and all',
    { headers: {}, query: { q: '{{ input.q }}', s: '{{ secrets.crm }}' } },
    { q: `it's $(rm -rf /) \`x\` "q" & ?` },
    [
      `https://api.crm.example/x/7?q=it's%20%24(rm%20-rf%20%2F)%20%60x%60%20%22q%22%20%26%20%3F&s={{ secrets.crm }}`,
      '-H',
      'content-type: application/json',
      '--data-raw',
      JSON.stringify({ text: `it's $(rm -rf /) \`x\` "q" & ?` }),
    ],
  ],
  [
    'a text as it is, under its own type',
    { method: 'PUT', headers: { 'Content-Type': 'text/csv' }, query: {}, body: '@/etc/passwd\n{{ input.q }}' },
    {},
    ['-X', 'PUT', 'https://api.crm.example/x/7', '-H', 'Content-Type: text/csv', '--data-raw', '@/etc/passwd\na'],
  ],
  [
    'a look',
    { method: 'HEAD', headers: {}, query: {}, body: undefined },
    {},
    ['--head', 'https://api.crm.example/x/7'],
  ],
  ['a read', { headers: {}, query: {}, body: undefined }, {}, ['https://api.crm.example/x/7']],
])('as a curl line: %s', (_name, over, input, words) => {
  expect(wordsOf(shownCall(rendered(over, input), null))).toEqual(words)
})

test('what somebody types as an answer is JSON where it reads as JSON, else text, and nothing is nothing', () => {
  expect(typedOutput(' {"id": 7}\r\n', undefined)).toEqual({ ok: true, output: { id: 7 } })
  expect(typedOutput('sent to Kim', undefined)).toEqual({ ok: true, output: 'sent to Kim' })
  expect(typedOutput('007', { type: 'string' })).toEqual({ ok: true, output: '007' })
  expect(typedOutput('  ', { type: 'object' })).toEqual({ ok: true, output: undefined })
  expect(typedOutput('{"id": ', undefined)).toMatchObject({ ok: false })
})
