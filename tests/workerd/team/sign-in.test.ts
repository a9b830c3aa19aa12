/** Signing in: a link by mail that works once and soon, the same answer for everybody, and sessions that end. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { getMigrations } from 'better-auth/db/migration'
import { beforeAll, describe, expect, test } from 'vitest'
import { app } from '../../../src/app/app.ts'
import { authOf } from '../../../src/team/sign-in/auth.ts'
import { signInToken } from '../../../src/team/sign-in/local-sign-in.ts'
import { safeNext } from '../../../src/team/sign-in/session.ts'
import { notEmpty } from '../../support/not-empty.ts'
import { oneWindow } from '../../support/rate-window.ts'
import { aTeam, env, type Team } from '../api/client.ts'
import { aMember, Browser, COOKIE, lastMailId, ORIGIN } from './browser.ts'

let team: Team

beforeAll(async () => {
  team = await aTeam()
})

const sessions = async () => (await env.DB.prepare('SELECT count(*) AS n FROM session').first<{ n: number }>())!.n
const ago = (ms: number) => new Date(Date.now() - ms).toISOString()
const MINUTE = 60_000
const HOUR = 60 * MINUTE

test('the migrations hold all that better-auth asks for', async () => {
  const { toBeCreated, toBeAdded } = await getMigrations((await authOf(env)).options)
  expect(toBeCreated.map(one => one.table)).toEqual([])
  expect(toBeAdded.map(one => [one.table, Object.keys(one.fields)])).toEqual([])
})

describe('a link by mail', () => {
  test('signs its person in after a look that spends nothing', async () => {
    const browser = new Browser()
    const token = await browser.askForLink(team.owner)
    for (let look = 0; look < 3; look++) {
      const seen = await browser.open(`/sign-in/link?token=${token}`)
      expect(seen.status).toBe(200)
      expect(seen.text).toContain(`Sign in as ${team.owner}?`)
      expect(browser.cookies.has(COOKIE)).toBe(false)
    }
    const entered = await browser.send('/sign-in/link', { token: token! })
    expect([entered.status, entered.location]).toEqual([303, '/workflows'])
    expect(entered.headers.get('Set-Cookie')).toMatch(
      /^__Secure-baton\.session_token=[^;]+; Max-Age=86400; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect((await browser.open('/settings/people')).text).toContain(team.owner)
  })

  test('works once, for one of many who come at the same time', async () => {
    const browser = new Browser()
    const token = await browser.askForLink(team.owner)
    const before = await sessions()
    const tries = await Promise.all(
      Array.from({ length: 10 }, () => new Browser().send('/sign-in/link', { token: token! })),
    )
    expect(tries.map(one => one.status).sort()).toEqual([303, ...Array(9).fill(410)])
    expect(await sessions()).toBe(before + 1)
    expect((await browser.open(`/sign-in/link?token=${token}`)).status).toBe(410)
  })

  test('is stored as a hash alone', async () => {
    const token = await new Browser().askForLink(team.owner)
    const { results } = await env.DB.prepare('SELECT * FROM verification').all()
    expect(JSON.stringify(results)).not.toContain(token)
  })

  test('is void after ten minutes', async () => {
    const browser = new Browser()
    const token = await browser.askForLink(team.owner)
    const { results } = await env.DB.prepare('SELECT createdAt, expiresAt FROM verification').all<{
      createdAt: string
      expiresAt: string
    }>()
    for (const row of notEmpty(results))
      expect(Date.parse(row.expiresAt) - Date.parse(row.createdAt)).toBeLessThanOrEqual(10 * MINUTE + 100)
    await env.DB.prepare('UPDATE verification SET expiresAt = ?1').bind(ago(1000)).run()
    expect((await browser.open(`/sign-in/link?token=${token}`)).status).toBe(410)
    expect((await browser.send('/sign-in/link', { token: token! })).status).toBe(410)
    expect(browser.cookies.has(COOKIE)).toBe(false)
  })

  test.each(['', 'nonsense', 'x'.repeat(5000)])('that never was is void: %.20s', async token => {
    expect((await new Browser().open(`/sign-in/link?token=${token}`)).status).toBe(410)
    expect((await new Browser().send('/sign-in/link', { token })).status).toBe(410)
  })

  test('brings its person back to where they were going', async () => {
    const browser = new Browser()
    const asked = await browser.open('/settings/people?x=1')
    expect([asked.status, asked.location]).toEqual([303, '/sign-in?next=%2Fsettings%2Fpeople%3Fx%3D1'])
    const last = await lastMailId()
    await browser.send('/sign-in', { email: team.owner, next: '/settings/people?x=1' })
    const mail = await env.DB.prepare('SELECT text FROM outbox WHERE id > ?1').bind(last).first<{ text: string }>()
    const link = new URL(/https:\S+/.exec(mail!.text)![0])
    expect(link.origin).toBe(ORIGIN)
    const fields = { token: link.searchParams.get('token')!, next: link.searchParams.get('next')! }
    expect((await browser.send('/sign-in/link', fields)).location).toBe('/settings/people?x=1')
  })
})

describe('an address that belongs to nobody', () => {
  test('gets the same answer, no mail, no account and no team', async () => {
    const stranger = `stranger-${crypto.randomUUID()}@else.test`
    const known = await new Browser().send('/sign-in', { email: team.owner })
    const last = await lastMailId()
    const unknown = await new Browser().send('/sign-in', { email: stranger })
    expect(unknown.status).toBe(known.status)
    expect(unknown.text.replaceAll(stranger, 'X')).toBe(known.text.replaceAll(team.owner, 'X'))
    const names = (headers: Headers) => [...headers.keys()].sort()
    expect(names(unknown.headers)).toEqual(names(known.headers))
    expect(await lastMailId()).toBe(last)
    expect(await env.DB.prepare('SELECT 1 FROM user WHERE email = ?1').bind(stranger).first()).toBeNull()
  })

  test('joins with an invitation, and only the team that invited it', async () => {
    const email = `invited-${crypto.randomUUID().slice(0, 8)}@else.test`
    const inviter = await env.DB.prepare('SELECT id FROM user WHERE email = ?1')
      .bind(team.owner)
      .first<{ id: string }>()
    const row = [
      crypto.randomUUID(),
      team.id,
      email,
      'member',
      'pending',
      new Date(Date.now() + HOUR).toISOString(),
      ago(0),
      inviter!.id,
    ]
    await env.DB.prepare('INSERT INTO invitation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)')
      .bind(...row)
      .run()
    const browser = new Browser()
    expect((await browser.signIn(email)).status).toBe(303)
    const { results } = await env.DB.prepare(
      'SELECT m.organizationId AS team, m.role FROM member m JOIN user u ON u.id = m.userId WHERE u.email = ?1',
    )
      .bind(email)
      .all()
    expect(results).toEqual([{ team: team.id, role: 'member' }])
    expect((await browser.open('/settings/people')).text).toContain(email)
  })

  test('that is none is told so', async () => {
    for (const email of ['', 'ana', 'ana@', '@acme.test', 'a b@acme.test', `${'a'.repeat(300)}@acme.test`]) {
      expect((await new Browser().send('/sign-in', { email })).status).toBe(422)
    }
  })

  test('and any other may be tried ten times a minute from one place', async () => {
    const browser = new Browser()
    const statuses: number[] = []
    await oneWindow()
    for (let at = 0; at < 12; at++)
      statuses.push((await browser.send('/sign-in', { email: `try${at}@else.test` })).status)
    expect(statuses).toEqual([...Array(10).fill(200), 429, 429])
  })

  test('that somebody else asked for, however often, lock nobody out of their own address', async () => {
    const email = await aMember(team.id)
    const [stranger, own] = [new Browser(), new Browser()]
    const statuses: number[] = []
    await oneWindow()
    for (let at = 0; at < 12; at++) statuses.push((await stranger.send('/sign-in', { email })).status)
    expect(statuses).toEqual([...Array(10).fill(200), 429, 429])
    expect((await own.signIn(email)).status).toBe(303)
  })
})

describe('many links to one address', () => {
  const mails = async (email: string) =>
    (
      await env.DB.prepare('SELECT text FROM outbox WHERE recipient = ?1 ORDER BY id')
        .bind(email)
        .all<{ text: string }>()
    ).results
  const tokens = async (email: string) =>
    (await mails(email)).map(({ text }) => new URL(/https:\S+/.exec(text)![0]).searchParams.get('token')!)
  const askFromElsewhere = (email: string) => new Browser().send('/sign-in', { email })

  test('however many strangers ask, one after another or at once, the mails end and their owner still gets in', async () => {
    for (const atOnce of [true, false]) {
      const email = await aMember(team.id)
      const asked = Array.from({ length: 30 }, () => () => askFromElsewhere(email))
      const answers = atOnce ? await Promise.all(asked.map(ask => ask())) : []
      for (const ask of atOnce ? [] : asked) answers.push(await ask())
      expect(new Set(answers.map(one => one.status))).toEqual(new Set([200]))
      expect((await mails(email)).length).toBe(20)
      const own = new Browser()
      const answer = await own.send('/sign-in', { email })
      expect([answer.status, answer.text]).toEqual([200, answers[0]!.text])
      const newest = (await tokens(email)).at(-1)!
      expect((await own.send('/sign-in/link', { token: newest })).status).toBe(303)
      // Its use makes room for another one.
      expect(await new Browser().askForLink(email)).not.toBeNull()
    }
  })

  test('a link that is about to end stands for none: another one is mailed', async () => {
    const email = await aMember(team.id)
    await Promise.all(Array.from({ length: 21 }, () => askFromElsewhere(email)))
    expect((await mails(email)).length).toBe(20)
    await env.DB.prepare("UPDATE verification SET expiresAt = ?1 WHERE value->>'$.email' = ?2")
      .bind(new Date(Date.now() + 4 * MINUTE).toISOString(), email)
      .run()
    const token = await new Browser().askForLink(email)
    expect(token).not.toBeNull()
    expect(await new Browser().askForLink(email)).toBeNull()
    expect((await new Browser().send('/sign-in/link', { token: token! })).status).toBe(303)
  })

  test('a mail that failed leaves no link behind', async () => {
    const email = await aMember(team.id)
    const failing = { send: () => Promise.reject(new Error('mail is down')) }
    const broken = { ...env, BATON_LOCAL: '0', BATON_MAIL_FROM: 'baton@acme.test', EMAIL: failing }
    for (let n = 0; n < 22; n++) {
      const context = createExecutionContext()
      const body = new URLSearchParams({ email })
      const headers = { Origin: ORIGIN, 'CF-Connecting-IP': `2001:db8::${n}:${crypto.randomUUID().slice(0, 4)}` }
      await app.request(`${ORIGIN}/sign-in`, { method: 'POST', body, headers }, broken, context)
      await waitOnExecutionContext(context)
    }
    expect(await new Browser().askForLink(email)).not.toBeNull()
  })
})

describe('a session', () => {
  test('that a browser brought along is not the one it gets', async () => {
    const attacker = new Browser()
    await attacker.signIn(await aMember(team.id))
    const planted = attacker.cookies.get(COOKIE)!
    const victim = new Browser()
    victim.cookies.set(COOKIE, planted)
    await victim.signIn(await aMember(team.id))
    expect(victim.cookies.get(COOKIE)).not.toBe(planted)
    // Whoever planted it is out, too.
    expect((await attacker.open('/settings/people')).status).toBe(303)
  })

  test('ends with the sign-out, for copies of its cookie, too', async () => {
    const browser = new Browser()
    await browser.signIn(await aMember(team.id))
    const copy = new Browser()
    copy.cookies.set(COOKIE, browser.cookies.get(COOKIE)!)
    expect((await copy.open('/settings/people')).status).toBe(200)
    const out = await browser.send('/sign-out', {})
    expect([out.status, out.location]).toEqual([303, '/sign-in'])
    expect(browser.cookies.has(COOKIE)).toBe(false)
    expect((await copy.open('/settings/people')).status).toBe(303)
  })

  test('ends after a day without use, and lives on with it', async () => {
    const browser = new Browser()
    await browser.signIn(await aMember(team.id))
    const set = (column: string, at: string) =>
      env.DB.prepare(`UPDATE session SET ${column} = ?1 WHERE token = ?2`).bind(at, tokenOf(browser)).run()
    const expiry = async () =>
      Date.parse(
        (await env.DB.prepare('SELECT expiresAt FROM session WHERE token = ?1')
          .bind(tokenOf(browser))
          .first<{ expiresAt: string }>())!.expiresAt,
      )
    expect(await expiry()).toBeLessThanOrEqual(Date.now() + 24 * HOUR)
    await set('expiresAt', new Date(Date.now() + MINUTE).toISOString())
    const used = await browser.open('/settings/people')
    expect(used.headers.get('Set-Cookie')).toContain('Max-Age=86400')
    expect(await expiry()).toBeGreaterThan(Date.now() + 23.9 * HOUR)
    await set('expiresAt', ago(1))
    expect((await browser.open('/settings/people')).status).toBe(303)
  })

  test('ends after seven days, however much it is used', async () => {
    const browser = new Browser()
    await browser.signIn(await aMember(team.id))
    const opened = (at: string) =>
      env.DB.prepare('UPDATE session SET createdAt = ?1, expiresAt = ?2 WHERE token = ?3')
        .bind(at, new Date(Date.now() + MINUTE).toISOString(), tokenOf(browser))
        .run()
    await opened(ago(7 * 24 * HOUR - HOUR))
    expect((await browser.open('/settings/people')).status).toBe(200)
    const row = await env.DB.prepare('SELECT expiresAt FROM session WHERE token = ?1')
      .bind(tokenOf(browser))
      .first<{ expiresAt: string }>()
    expect(Date.parse(row!.expiresAt)).toBeLessThanOrEqual(Date.now() + HOUR)
    await opened(ago(7 * 24 * HOUR + 1000))
    expect((await browser.open('/settings/people')).status).toBe(303)
  })

  test('is over for whoever left the team', async () => {
    const email = await aMember(team.id)
    const browser = new Browser()
    await browser.signIn(email)
    expect((await browser.open('/settings/people')).status).toBe(200)
    await env.DB.prepare('DELETE FROM member WHERE userId = (SELECT id FROM user WHERE email = ?1)').bind(email).run()
    expect((await browser.open('/settings/people')).status).toBe(303)
  })

  test('cannot be forged: a changed cookie opens nothing', async () => {
    const browser = new Browser()
    await browser.signIn(await aMember(team.id))
    const cookie = browser.cookies.get(COOKIE)!
    const token = tokenOf(browser)
    for (const forged of [
      token,
      `${token}.`,
      `x${cookie}`,
      `${token}.${'A'.repeat(43)}%3D`,
      cookie.replace(/.(?=\.)/, letter => (letter === 'a' ? 'b' : 'a')),
    ]) {
      const forger = new Browser()
      forger.cookies.set(COOKIE, forged)
      expect((await forger.open('/settings/people')).status, forged).toBe(303)
    }
  })

  test('is asked for in the way that each caller understands', async () => {
    const browser = new Browser()
    const part = await browser.open('/settings/people', {
      headers: { 'HX-Request': 'true', 'HX-Current-URL': `${ORIGIN}/workflows?q=x` },
    })
    expect([part.status, part.headers.get('HX-Redirect')]).toEqual([401, '/sign-in?next=%2Fworkflows%3Fq%3Dx'])
    expect((await browser.open('/settings/people', { headers: { Upgrade: 'websocket' } })).status).toBe(401)
    expect((await browser.send('/settings/keys', { name: 'x' })).location).toBe('/sign-in?next=%2Fworkflows')
  })
})

describe('the local link', () => {
  test('answers with the cookie itself, any number of times, for whom it says', async () => {
    await env.DB.prepare(
      "INSERT OR IGNORE INTO organization VALUES ('team_x', 'Acme', 'acme-x', NULL, '2026-01-01T00:00:00.000Z', NULL)",
    ).run()
    for (const name of ['ana', 'ben']) {
      await env.DB.prepare('INSERT OR IGNORE INTO user VALUES (?1, ?1, ?2, 1, NULL, ?3, ?3)')
        .bind(name, `${name}@acme.test`, ago(0))
        .run()
      await env.DB.prepare("INSERT OR IGNORE INTO member VALUES (?1, 'team_x', ?1, 'member', ?2)")
        .bind(name, ago(0))
        .run()
    }
    const path = `/sign-in/local/${await signInToken(env)}`
    for (const [query, email] of [
      ['', 'ana@acme.test'],
      ['', 'ana@acme.test'],
      ['?as=ben@acme.test', 'ben@acme.test'],
    ] as const) {
      const browser = new Browser()
      const seen = await browser.open(path + query)
      expect([seen.status, seen.location]).toEqual([303, '/workflows'])
      expect(seen.headers.get('Set-Cookie')).toContain(COOKIE)
      expect((await browser.open('/settings/people')).text).toContain(email)
    }
    for (const wrong of [`${path}x`, path.slice(0, -1), '/sign-in/local/x', `${path}?as=nobody@acme.test`]) {
      expect((await new Browser().open(wrong)).status).toBe(404)
    }
  })
})

test('the way back is a path of ours, whatever was asked for', () => {
  for (const next of ['/workflows', '/tasks/tsk_a?x=1#y', '/a//b', '/approvals?q=%2F%2Fevil.test'])
    expect(safeNext(next)).toBe(next)
  const elsewhere = [
    '//evil.test',
    '/\\evil.test',
    'https://evil.test',
    'javascript:alert(1)',
    '',
    ' /x',
    '/\t/evil.test',
    '/x\r\nSet-Cookie: a=b',
    '/sign-in?next=/x',
    '/sign-out',
    '/a/..//evil.test',
    '/a/%2e%2e//evil.test',
    '/%0d%0a/../..//evil.test'.padEnd(1200, 'x'),
    'workflows',
    '/ü',
    undefined,
  ]
  for (const next of elsewhere) expect(safeNext(next), next).toBe('/workflows')
})

function tokenOf(browser: Browser): string {
  return decodeURIComponent(browser.cookies.get(COOKIE)!).split('.')[0]!
}
