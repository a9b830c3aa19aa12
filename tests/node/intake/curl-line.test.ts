/** The curl line of an intake, run in a shell with a curl that only tells what it was given: our own verifier lets it in. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { wrongHmac } from '../../../src/intake/signatures/hmac.ts'
import { PRESET_NAMES, presetSettings } from '../../../src/intake/signatures/presets.ts'
import { schemeOf } from '../../../src/intake/signatures/schemes.ts'
import { importKey, verify } from '../../../src/intake/signatures/signature.ts'
import { curlOf } from '../../../src/intake/views/curl-line.ts'
import type { HmacSettings, IntakeAuth } from '../../../src/records/schema/intake-config.ts'

const URL = 'https://baton.test/in/int_x?a=1&b=$HOME'
/** Quotes, and what a shell would take for its own. */
const SAMPLE = { company: `O'Hara & "Sons" $HOME \`x\` %s \\n`, list: [1, 2], amount: 7 }
const BODY = JSON.stringify(SAMPLE)

/** What curl is told: its headers, and the body. */
function told(auth: IntakeAuth, secret: string): { headers: Headers; body: string; words: string[] } {
  const script = `set -e; curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${curlOf(URL, auth, BODY)}`
  const env = { ...process.env, SECRET: secret, BATON_KEY: 'bk_x' }
  const words = execFileSync('bash', ['-c', script], { encoding: 'utf8', env }).split('\0').slice(0, -1)
  const after = (flag: string) => words.flatMap((word, place) => (words[place - 1] === flag ? [word] : []))
  const headers = after('-H').map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)])
  return { headers: new Headers(headers as [string, string][]), body: after('-d').at(-1)!, words }
}

async function isLetIn(auth: IntakeAuth, secret: string): Promise<string> {
  const { headers, body } = told(auth, secret)
  const scheme = schemeOf(auth)!
  const key = await importKey(scheme.keyBytes(secret)!, scheme.hash)
  const bytes = new TextEncoder().encode(body)
  const verified = await verify(scheme, { headers, bytes, now: Date.now(), method: 'POST', url: URL }, [key])
  if (headers.get('content-type') === 'application/json') expect(body).toBe(BODY)
  else expect(Object.fromEntries(new URLSearchParams(body))).toEqual({ ...SAMPLE, list: '[1,2]', amount: '7' })
  return verified.ok ? 'let in' : `${verified.fault} ${verified.header}`
}

const secretOf = (auth: IntakeAuth) => schemeOf(auth)!.newSecret()

test.each(['github', 'stripe', 'slack', 'standard-webhooks'] as const)('%s', async type => {
  expect(await isLetIn({ type }, secretOf({ type }))).toBe('let in')
})

test.each(PRESET_NAMES)('%s', async name => {
  const auth: IntakeAuth = { type: 'hmac', ...presetSettings(name) }
  expect(await isLetIn(auth, secretOf(auth))).toBe('let in')
})

test('Basic, with a name and a password that somebody chose', async () => {
  const auth: IntakeAuth = { type: 'hmac', ...presetSettings('basic') }
  expect(await isLetIn(auth, `Müller:päss "wörd" $HOME ${'long '.repeat(30)}`)).toBe('let in')
})

test('what the grammar can say beside the presets: every part of it, with every other', async () => {
  const PARTS: [keyof HmacSettings, (string | undefined)[]][] = [
    ['algorithm', ['sha1', 'sha256', 'sha384', 'sha512', 'token']],
    ['encoding', ['hex', 'base64', 'text']],
    ['key', ['text', 'base64', 'hex']],
    ['prefix', [undefined, 'v1 $x"`\\=']],
    ['field', [undefined, 'sig']],
    ['timestampHeader', [undefined, 'x-time']],
    ['timestampField', [undefined, 't']],
    ['idHeader', [undefined, 'x-id']],
    ['signed', [undefined, '{id}"$HOME"{timestamp}`x`\\{body}%s']],
  ]
  const all = PARTS.reduce<HmacSettings[]>(
    (some, [part, values]) =>
      some.flatMap(one => values.map(value => (value === undefined ? one : { ...one, [part]: value }))),
    [{ header: 'x-sign', algorithm: 'sha256', encoding: 'hex' }],
  ).filter(settings => wrongHmac(settings) === null)
  // Every ninth: all parts take turns, in a few seconds.
  const some = all.filter((_, place) => place % 9 === 0)
  expect(some.length).toBeGreaterThan(25)
  for (const settings of some) {
    const auth: IntakeAuth = { type: 'hmac', ...settings }
    const secret = settings.key === 'hex' ? Buffer.from('a secret of bytes').toString('hex') : secretOf(auth)
    expect([settings, await isLetIn(auth, secret)]).toEqual([settings, 'let in'])
  }
}, 60_000)

test('keys and open intakes need no more than the line', () => {
  expect(told({ type: 'key' }, '').headers.get('authorization')).toBe('Bearer bk_x')
  expect(told({ type: 'open' }, '')).toMatchObject({ body: BODY })
  expect(told({ type: 'open' }, '').words.slice(0, 3)).toEqual(['-X', 'POST', URL])
})
