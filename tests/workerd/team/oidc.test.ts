/** Signing in by an OpenID Connect provider: who gets in, and who does not, whatever the provider or somebody between says. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { app } from '../../../src/app/app.ts'
import { invite } from '../../../src/records/people/members.ts'
import { type Account, OidcProvider } from '../../support/oidc-provider.ts'
import { aTeam, env, type Team } from '../api/client.ts'
import { aMember, COOKIE, ORIGIN } from './browser.ts'

const ERRAND = '__Secure-baton.oidc'

let team: Team
let provider: OidcProvider
let printed: string[]

beforeEach(async () => {
  team = await aTeam()
  provider = new OidcProvider()
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => provider.fetch(new Request(url, init)))
  printed = []
  vi.spyOn(console, 'error').mockImplementation((...said) => printed.push(said.join(' ')) as never)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** A browser of somebody's at a Baton with the provider set up. */
class Visitor {
  readonly cookies = new Map<string, string>()
  readonly ip = `2001:db8:3::${crypto.randomUUID().slice(0, 4)}`
  readonly over: Record<string, string>

  constructor(over: Record<string, string> = {}) {
    this.over = over
  }

  async open(address: string) {
    const settings = {
      BATON_OIDC_ISSUER: provider.issuer,
      BATON_OIDC_CLIENT_ID: provider.client.id,
      BATON_OIDC_CLIENT_SECRET: provider.client.secret,
      BATON_OIDC_LABEL: 'Acme ID',
      ...this.over,
    }
    const cookie = [...this.cookies].map(pair => pair.join('=')).join('; ')
    const context = createExecutionContext()
    const headers = { cookie, 'CF-Connecting-IP': this.ip }
    const answer = await app.fetch(new Request(new URL(address, ORIGIN), { headers }), { ...env, ...settings }, context)
    await waitOnExecutionContext(context)
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (value === '' || /max-age=0/i.test(line)) this.cookies.delete(name!)
      else this.cookies.set(name!, value!)
    }
    const { status, headers: got } = answer
    return { status, location: got.get('Location'), text: await answer.text() }
  }

  /** Sets out, is let through by the provider, and comes back. */
  async signIn(account: Account, next = '/settings/you') {
    return this.open(await this.there(account, next))
  }

  /** As far as the provider's answer. */
  async there(account: Account, next = '/settings/you') {
    const out = await this.open(`/sign-in/oidc?next=${encodeURIComponent(next)}`)
    expect(out.status).toBe(303)
    return provider.authorize(out.location!, account)
  }

  get isIn(): boolean {
    return this.cookies.has(COOKIE)
  }
}

const account = (email: string, over: Partial<Account> = {}): Account => ({
  ...{ sub: `sub-${email}`, email, email_verified: true, name: 'Ada' },
  ...over,
})
const linksOf = async (email: string) =>
  (
    await env.DB.prepare('SELECT a.* FROM account a JOIN user u ON u.id = a.userId WHERE u.email = ?1')
      .bind(email)
      .all()
  ).results

/** Nobody was let in, in words that name the provider and hold nothing of what it said. */
function refused(seen: { status: number; text: string }, status: number, words: RegExp, visitor: Visitor) {
  expect([seen.status, visitor.isIn]).toEqual([status, false])
  expect(seen.text).toContain('You are not signed in')
  expect(seen.text).toMatch(words)
}

test('the button is there only where a provider is set up, and there is no way round', async () => {
  expect((await new Visitor().open('/sign-in?next=/metrics')).text).toContain('href="/sign-in/oidc?next=%2Fmetrics"')
  for (const missing of ['BATON_OIDC_ISSUER', 'BATON_OIDC_CLIENT_ID', 'BATON_OIDC_CLIENT_SECRET']) {
    const without = new Visitor({ [missing]: '' })
    expect((await without.open('/sign-in')).text).not.toContain('oidc')
    expect((await without.open('/sign-in/oidc')).status).toBe(404)
    expect((await without.open('/sign-in/oidc/done?code=x&state=y')).status).toBe(404)
  }
})

test('a member is signed in and comes back to where they were going; no token is kept', async () => {
  const visitor = new Visitor()
  const entered = await visitor.signIn(account(team.owner), '/settings/people?x=1')
  expect([entered.status, entered.location, visitor.cookies.has(ERRAND)]).toEqual([303, '/settings/people?x=1', false])
  expect((await visitor.open('/settings/people')).text).toContain(team.owner)
  const links = await linksOf(team.owner)
  expect(links).toMatchObject([
    { accountId: `sub-${team.owner}`, accessToken: null, idToken: null, refreshToken: null },
  ])
  // Another day, from another place, in capitals: the same person.
  expect((await new Visitor().signIn(account(team.owner.toUpperCase(), { sub: `sub-${team.owner}` }))).status).toBe(303)
  expect(await linksOf(team.owner)).toHaveLength(1)
  // Nobody is led to another site by it.
  expect((await new Visitor().signIn(account(team.owner), 'https://evil.test/')).location).toBe('/workflows')
})

test('the address may be told at userinfo alone, and the client’s secret be wanted in the body', async () => {
  provider.onlyUserinfo = true
  provider.secretInBody = true
  expect((await new Visitor().signIn(account(team.owner))).status).toBe(303)
  const visitor = new Visitor()
  refused(await visitor.signIn(account(team.owner, { email_verified: false })), 403, /has not verified/, visitor)
})

test('who is invited joins; a stranger and who was removed stay out', async () => {
  const email = `new-${crypto.randomUUID().slice(0, 8)}@else.test`
  const stranger = new Visitor()
  refused(await stranger.signIn(account(email)), 403, /belongs to no team/, stranger)
  expect(await env.DB.prepare('SELECT 1 FROM user WHERE email = ?1').bind(email).first()).toBeNull()

  const inviter = (await env.DB.prepare('SELECT id FROM user WHERE email = ?1').bind(team.owner).first<string>('id'))!
  const by = { team: team.id, actor: { kind: 'person', id: team.owner }, at: Date.now() } as const
  await invite(env.DB, { id: crypto.randomUUID(), email, role: 'member', inviter, until: by.at + 3_600_000 }, by)
  const invited = new Visitor()
  expect((await invited.signIn(account(email))).status).toBe(303)
  expect((await invited.open('/settings/you')).text).toContain(email)

  const where = 'DELETE FROM member WHERE userId = (SELECT id FROM user WHERE email = ?1)'
  await env.DB.prepare(where).bind(email).run()
  expect((await invited.open('/settings/you')).status).toBe(303)
  for (const back of [account(email), account('another@else.test', { sub: `sub-${email}` })]) {
    const removed = new Visitor()
    refused(await removed.signIn(back), 403, /belongs to no team/, removed)
  }
})

test('only a verified address counts, of a domain that is let in', async () => {
  for (const email_verified of [false, undefined, null, 'no', 1]) {
    const visitor = new Visitor()
    refused(await visitor.signIn(account(team.owner, { email_verified })), 403, /Acme ID has not verified/, visitor)
  }
  for (const [over, words] of [
    [{ email: undefined }, /did not say what your mail address is/],
    [{ email: 'nonsense' }, /did not say what your mail address is/],
  ] as const) {
    const visitor = new Visitor()
    refused(await visitor.signIn(account(team.owner, over)), 403, words, visitor)
  }
  const domain = team.owner.split('@')[1]!
  const other = new Visitor({ BATON_OIDC_DOMAINS: `else.test, not-${domain}` })
  refused(await other.signIn(account(team.owner)), 403, /Addresses of your domain/, other)
  expect((await new Visitor({ BATON_OIDC_DOMAINS: `else.test, @${domain}` }).signIn(account(team.owner))).status).toBe(
    303,
  )
})

test('an address that somebody else has at the provider by now opens nothing; one that changed there does', async () => {
  const member = await aMember(team.id)
  expect((await new Visitor().signIn(account(member))).status).toBe(303)
  const heir = new Visitor()
  refused(await heir.signIn(account(member, { sub: 'somebody-else' })), 403, /linked to another account/, heir)
  const renamed = new Visitor()
  expect((await renamed.signIn(account('married@people.test', { sub: `sub-${member}` }))).status).toBe(303)
  expect((await renamed.open('/settings/you')).text).toContain(member)
})

test('an answer counts once, for the browser that set out', async () => {
  const visitor = new Visitor()
  const back = await visitor.there(account(team.owner))
  const [other, nobody] = [new Visitor(), new Visitor()]
  await other.there(account(team.owner))
  for (const one of [other, nobody]) refused(await one.open(back), 410, /begun elsewhere/, one)
  const forged = new URL(back)
  forged.searchParams.set('state', 'x')
  refused(await visitor.open(forged.href), 410, /begun elsewhere/, visitor)
  // That was not the visitor's end: what they set out for still comes back.
  const kept = visitor.cookies.get(ERRAND)!
  expect((await visitor.open(back)).status).toBe(303)
  const again = new Visitor()
  refused(await again.open(back), 410, /begun elsewhere/, again)
  again.cookies.set(ERRAND, kept)
  refused(await again.open(back), 403, /used before/, again)
  again.cookies.set(
    ERRAND,
    kept.replace(/^./, character => (character === 'e' ? 'f' : 'e')),
  )
  refused(await again.open(back), 410, /begun elsewhere/, again)
})

test('a stolen code opens nothing in another browser: its own secret is missing', async () => {
  const thief = new Visitor()
  const mine = new URL(await thief.there(account('thief@else.test')))
  const theirs = new URL(await new Visitor().there(account(team.owner)))
  mine.searchParams.set('code', theirs.searchParams.get('code')!)
  refused(await thief.open(mine.href), 403, /used before/, thief)
})

test.each<[string, Record<string, unknown>]>([
  ['audience', { aud: 'another-client' }],
  ['issuer', { iss: 'https://evil.test' }],
  ['nonce', { nonce: 'another' }],
  ['no nonce', { nonce: undefined }],
  ['expired', { iat: 1_700_000_000, exp: 1_700_000_300 }],
  ['not yet', { nbf: 4_000_000_000 }],
])('an id_token of another %s is not valid', async (_, over) => {
  provider.over = over
  const visitor = new Visitor()
  refused(await visitor.signIn(account(team.owner)), 403, /not meant for this Baton/, visitor)
})

test('keys that the provider changes are known at once, and a signature by none of them counts nothing', async () => {
  expect((await new Visitor().signIn(account(team.owner))).status).toBe(303)
  await provider.rotate()
  expect((await new Visitor().signIn(account(team.owner))).status).toBe(303)
  const visitor = new Visitor()
  const back = await visitor.there(account(team.owner))
  const { keys } = (await (await provider.fetch(new Request(`${provider.issuer}/jwks`))).json()) as { keys: unknown[] }
  await provider.rotate()
  // The keys of before are published still; it signs with the new one.
  provider.trouble = path => (path === '/jwks' ? Response.json({ keys }) : undefined)
  refused(await visitor.open(back), 403, /not meant for this Baton/, visitor)
})

test.each<[string, () => Response]>([
  [
    'away',
    () => {
      throw new TypeError('connection refused')
    },
  ],
  ['broken', () => new Response('oops', { status: 502 })],
  ['endless', () => new Response(new Uint8Array(400_000))],
])('a provider that is %s is said to be so, at each of its addresses', async (_, trouble) => {
  for (const at of ['/.well-known/openid-configuration', '/token', '/jwks']) {
    const visitor = new Visitor()
    const back = await visitor.there(account(team.owner))
    provider.trouble = path => (path === at ? trouble() : undefined)
    refused(await visitor.open(back), 503, /Acme ID does not answer/, visitor)
    provider.trouble = null
  }
})

test('what is set up wrongly is said to whoever runs it, and its secret to nobody', async () => {
  const wrong: Record<string, string>[] = [
    { BATON_OIDC_ISSUER: 'nonsense' },
    { BATON_OIDC_ISSUER: 'http://id.test' },
    { BATON_OIDC_ISSUER: 'https://id.test/other' },
  ]
  for (const over of wrong) {
    const visitor = new Visitor(over)
    refused(await visitor.open('/sign-in/oidc'), 502, /not set up rightly/, visitor)
  }
  const visitor = new Visitor({ BATON_OIDC_CLIENT_SECRET: 'CANARY-wrong' })
  refused(await visitor.signIn(account(team.owner)), 502, /not set up rightly/, visitor)
  expect(printed.length).toBe(4)
  expect(printed.join()).not.toContain('CANARY')
})

test('who declines there is told so, and nothing happens', async () => {
  const visitor = new Visitor()
  const back = new URL(await visitor.there(account(team.owner)))
  back.searchParams.delete('code')
  back.searchParams.set('error', 'access_denied')
  back.searchParams.set('error_description', '<b>words of a stranger</b>')
  const seen = await visitor.open(back.href)
  refused(seen, 403, /declined/, visitor)
  expect(seen.text).not.toContain('words of a stranger')
})
