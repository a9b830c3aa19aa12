/** GitHub's own examples of every event, as GitHub sends them: none is refused, lost, altered, or taken for another one. */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import type { Json } from '../../../src/domain/json/json.ts'
import { type Content, contentOf, readContent, unwrapsPayload } from '../../../src/intake/arrival/content.ts'
import { probeIn } from '../../../src/intake/arrival/probe.ts'
import { samenessOf } from '../../../src/intake/arrival/same-delivery.ts'
import { schemeOf } from '../../../src/intake/signatures/schemes.ts'
import { importKey, verify } from '../../../src/intake/signatures/signature.ts'
import { distinctNames, expectOnlyKnown, type Known, readSuite } from './differences.ts'

const SERVERS = ['api.github.com', 'ghes-31', 'ghes-32', 'ghes-33', 'ghes-34', 'ghes-35']
const SECRET = 'the secret of the webhook'
const AUTH = { type: 'github' as const }
const known = readSuite<{ taken: Known; told: Known }>('github.known.json')
const { resolve } = createRequire(import.meta.url)

interface Sent {
  name: string
  event: string
  payload: Json
}

const texts = SERVERS.map(server => readFileSync(resolve(`@octokit/webhooks-examples/${server}/index.json`), 'utf8'))
const all: Sent[] = texts.flatMap((text, server) =>
  (JSON.parse(text) as { name: string; examples: Json[] }[]).flatMap(({ name, examples }) =>
    examples.map(payload => ({ name: `${SERVERS[server]} / ${name}`, event: name, payload })),
  ),
)
const names = distinctNames(all.map(({ name }) => name))

/** The two ways that GitHub offers: JSON, and a form whose only field holds it. */
const WAYS = {
  json: (payload: Json) => ({ type: 'application/json', body: JSON.stringify(payload) }),
  form: (payload: Json) => ({
    type: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
  }),
}

test('the suite says no number that a double cannot hold, so that it can be compared as it is parsed', () => {
  for (const text of texts) expect(text.replace(/"(?:[^"\\]|\\.)*"/g, '')).not.toMatch(/\d{16}/)
  expect(all.length).toBeGreaterThan(700)
})

test.each(Object.keys(WAYS) as (keyof typeof WAYS)[])('as %s, each is let in and read as it is', async way => {
  const key = await importKey(new TextEncoder().encode(SECRET))
  const differs: string[] = []
  for (const [place, { event, payload }] of all.entries()) {
    const { type, body } = WAYS[way](payload)
    const bytes = new TextEncoder().encode(body)
    const signature = createHmac('sha256', SECRET).update(body).digest('hex')
    const headers = new Headers({ 'x-hub-signature-256': `sha256=${signature}`, 'x-github-event': event })
    const proof = await verify(schemeOf(AUTH)!, { headers, bytes, now: 0 }, [key])
    const sent = { bytes, contentType: type, contentEncoding: null }
    const read = await readContent(sent, unwrapsPayload({ auth: AUTH }))
    const isTaken =
      proof.ok &&
      read.ok &&
      same(read.value.value, payload) &&
      (await readsAgain(read.value, payload)) &&
      probeIn(AUTH, headers, read.value.value) === null
    if (!isTaken) differs.push(names[place]!)
  }
  expectOnlyKnown(differs, known.taken)
})

test('a changed body, or another secret, is not let in', async () => {
  const [right, wrong] = await Promise.all([SECRET, 'another'].map(text => importKey(new TextEncoder().encode(text))))
  for (const { payload } of all.slice(0, 50)) {
    const body = JSON.stringify(payload)
    const headers = new Headers({
      'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
    })
    const bytes = new TextEncoder().encode(body)
    const changed = new TextEncoder().encode(body.replace(/.$/, ' }'))
    expect((await verify(schemeOf(AUTH)!, { headers, bytes, now: 0 }, [wrong!])).ok).toBe(false)
    expect((await verify(schemeOf(AUTH)!, { headers, bytes: changed, now: 0 }, [right!])).ok).toBe(false)
  }
})

test('each is told from all others, by its GUID and by what was signed', () => {
  const keys = new Set<string>()
  // Each server sends to an intake of its own: their examples are partly the same.
  const messages = new Set<string>()
  const twice: string[] = []
  for (const [place, { name, event, payload }] of all.entries()) {
    const body = JSON.stringify(payload)
    const headers = new Headers({ 'x-github-event': event, 'x-github-delivery': guid(place) })
    const proof = { id: null, message: new TextEncoder().encode(body) }
    const sameness = samenessOf({ auth: AUTH }, headers, payload, proof, undefined)
    expect(sameness).toEqual({ by: 'message', name: { by: 'id', text: guid(place) } })
    keys.add(guid(place))
    const message = `${name.split(' / ')[0]} ${body}`
    if (messages.has(message)) twice.push(names[place]!)
    messages.add(message)
  }
  expect(keys.size).toBe(all.length)
  expectOnlyKnown(twice, known.told)
})

const guid = (place: number) => `72d3162e-cc78-11e3-81ab-${String(place).padStart(12, '0')}`

/** To the letter, the order of keys too. */
function same(value: Json, payload: Json): boolean {
  return JSON.stringify(value) === JSON.stringify(payload)
}

/** What is kept of it is read as the same when it is sent again. */
async function readsAgain({ text, type, repaired }: Content, payload: Json): Promise<boolean> {
  const again = await contentOf(text, type, true)
  return again.ok && same(again.value.value, payload) && repaired.every(repair => repair === 'payload')
}
