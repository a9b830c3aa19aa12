/** Somebody of several teams: each page and each way from it stays in its team, whatever another tab does; and what is one's own. */
import { beforeEach, describe, expect, test } from 'vitest'
import { ACCESS } from '../../../src/app/access.ts'
import { inTeam, keepTeam } from '../../../src/http/page/keep-team.ts'
import { newId } from '../../../src/records/ids.ts'
import { ensureMember } from '../../../src/records/people/teams.ts'
import { browserName } from '../../../src/team/sign-in/browser-name.ts'
import { addressOf, aPerson, ask, aWorld, env, session, type World } from '../../support/doors.ts'

let one: World
let two: World
let who: Record<string, string>
let email: string

const join = (team: string, role: string) =>
  ensureMember(env.DB, team, {
    id: newId('user'),
    membership: newId('member'),
    email,
    name: 'Kim',
    role,
    at: new Date(),
  })

beforeEach(async () => {
  ;[one, two] = [
    await aWorld(`one-${crypto.randomUUID().slice(0, 8)}`),
    await aWorld(`two-${crypto.randomUUID().slice(0, 8)}`),
  ]
  email = (await aPerson(one.team, 'owner', 'Kim')).email
  await join(two.team, 'member')
  who = await session(email)
})

const get = (path: string) => ask('GET', path, who)
const post = (path: string, given: Record<string, unknown> = {}) => ask('POST', path, who, given)

describe('every page', () => {
  test('leads on in its own team, by every link and form', async () => {
    for (const [route, act] of ACCESS) {
      if (!route.startsWith('GET') || act === 'open' || route.endsWith('.csv')) continue
      const seen = await get(inTeam(addressOf(route, two), two.team))
      if (seen.status !== 200 || !seen.text.startsWith('<!doctype')) continue
      const ways = [...seen.text.matchAll(/\b(?:href|action|formaction)="(\/[^"]*)"/g)].map(match => match[1]!)
      const others = ways.filter(
        way => !/^\/(css|js|vendor|favicon|icons|sign-|outbox|in\/|f\/)/.test(way) && way !== '/',
      )
      expect(others.length, route).toBeGreaterThan(5)
      expect(
        others.filter(way => !way.includes(`team=${two.team}`) && !way.startsWith('/settings/people?team=')),
        route,
      ).toEqual([])
      for (const [form] of seen.text.matchAll(/<form\b[^>]*method="get"[^>]*>(?:<input[^>]*>)?/g))
        expect(form, route).toContain(`name="team" value="${two.team}"`)
    }
  })

  test('without a team in its address takes the one that is used, or the one its id is of', async () => {
    await post('/settings/switch', { team: one.team })
    expect((await get('/agents')).location).toBe(`/agents?team=${one.team}`)
    const task = addressOf('GET /tasks/:id', two)
    expect((await get(`${task}?visit=1#log`)).location).toBe(`${task}?visit=1&team=${two.team}`)
    expect((await post('/settings/switch', { team: two.team })).location).toBe(`/workflows?team=${two.team}`)
    expect((await get('/agents')).location).toBe(`/agents?team=${two.team}`)
  })

  test('of a team that they do not belong to is not there, and a switch to it neither', async () => {
    const three = await aWorld(`three-${crypto.randomUUID().slice(0, 8)}`)
    expect((await get(`/agents?team=${three.team}`)).status).toBe(404)
    expect((await post('/settings/switch', { team: three.team })).status).toBe(404)
    expect((await post(`/agents/new?team=${three.team}`, { name: 'X', description: 'Y' })).status).toBe(404)
    // Nor is it for somebody of one team, and theirs is.
    who = await session(three.owner)
    expect((await get(`/agents?team=${one.team}`)).status).toBe(404)
    expect((await get(`/agents?team=${three.team}`)).status).toBe(200)
  })

  test('acts with the role of its team', async () => {
    const { count } = (await env.DB.prepare('SELECT count(*) AS count FROM keys').first<{ count: number }>())!
    const form = { name: 'K', scope: 'tasks:read', lifetime: 'never' }
    expect((await post(`/settings/keys?team=${two.team}`, form)).status).toBe(403)
    expect(await env.DB.prepare('SELECT count(*) AS count FROM keys').first('count')).toBe(count)
  })

  test('that another tab left for another team still saves into its own', async () => {
    await post('/settings/switch', { team: two.team })
    const made = await post(`/agents/new?team=${one.team}`, { name: 'Reader', description: 'Reads.' })
    expect([made.status, made.location?.endsWith(`?team=${one.team}`)]).toEqual([303, true])
    const teams = await env.DB.prepare("SELECT team FROM agents WHERE key = 'reader'").all<{ team: string }>()
    expect(teams.results.map(({ team }) => team)).toContain(one.team)
    expect(teams.results.map(({ team }) => team)).not.toContain(two.team)
  })
})

describe('a team', () => {
  test('is made in the browser by anybody, who owns it and is in it', async () => {
    const name = `Fresh ${crypto.randomUUID().slice(0, 8)}`
    const made = await post('/teams/new', { name })
    const team = await env.DB.prepare('SELECT id FROM organization WHERE name = ?1').bind(name).first<string>('id')
    expect([made.status, made.location]).toEqual([303, `/workflows?team=${team}`])
    const page = await get(made.location!)
    expect(page.text).toContain(name)
    const act = await env.DB.prepare('SELECT types FROM audit WHERE team = ?1').bind(team).first('types')
    expect(act).toBe('team.made')
    for (const wrong of ['', ' ', name]) expect((await post('/teams/new', { name: wrong })).status).toBe(422)
    // And others can be reached from everywhere.
    for (const { team: other } of [one, two]) expect(page.text).toContain(`name="team" value="${other}"`)
  })

  test('is asked for by "New workflow" where there are several in which one may make some', async () => {
    expect((await get(`/workflows/new?team=${one.team}`)).text).toContain('name="in"')
    const name = `Made ${crypto.randomUUID().slice(0, 8)}`
    const made = await post(`/workflows/new?team=${one.team}`, { name, in: two.team })
    const row = await env.DB.prepare('SELECT id, team FROM workflows WHERE name = ?1')
      .bind(name)
      .first<{ id: string; team: string }>()
    expect(row?.team).toBe(two.team)
    expect(made.location).toBe(`/workflows/${row?.id}/edit?team=${two.team}`)
    await env.DB.prepare(
      "UPDATE member SET role = 'viewer' WHERE organizationId = ?1 AND userId = (SELECT id FROM user WHERE email = ?2)",
    )
      .bind(two.team, email)
      .run()
    expect((await get(`/workflows/new?team=${one.team}`)).text).not.toContain('name="in"')
    expect((await post(`/workflows/new?team=${one.team}`, { name, in: two.team })).status).toBe(403)
    who = await session(one.owner)
    expect((await get('/workflows/new')).text).not.toContain('name="in"')
    expect((await post('/workflows/new', { name, in: two.team })).status).toBe(404)
  })
})

describe('sessions', () => {
  const alive = async (cookie: Record<string, string>) =>
    (await ask('GET', `/workflows?team=${one.team}`, cookie)).status === 200
  const idOf = async (cookie: Record<string, string>) =>
    decodeURIComponent(cookie.cookie!).split('=')[1]!.split('.')[0]!

  test('are listed, and ended one by one or all but this one', async () => {
    const [home, work] = [await session(email), await session(email)]
    expect((await get(`/settings/you?team=${one.team}`)).text.match(/>Sign out</g)?.length).toBeGreaterThan(2)
    expect((await post(`/settings/you/sessions/${await idOf(home)}/end?team=${one.team}`)).status).toBe(303)
    expect([await alive(home), await alive(work), await alive(who)]).toEqual([false, true, true])
    expect((await post(`/settings/you/sessions/end?team=${one.team}`)).status).toBe(303)
    expect([await alive(work), await alive(who)]).toEqual([false, true])
  })

  test('of somebody else are not there, and only an owner ends a member’s', async () => {
    const other = await session(one.owner)
    expect((await post(`/settings/you/sessions/${await idOf(other)}/end?team=${one.team}`)).status).toBe(404)
    expect(await alive(other)).toBe(true)
    const member = await aPerson(one.team, 'member')
    const theirs = await session(member.email)
    const admin = await session((await aPerson(one.team, 'admin')).email)
    const end = `/settings/people/${member.member}/sign-out`
    expect((await ask('POST', end, admin)).status).toBe(403)
    expect(await alive(theirs)).toBe(true)
    expect((await ask('POST', end, other)).status).toBe(303)
    expect(await alive(theirs)).toBe(false)
    const act = await env.DB.prepare("SELECT facts FROM audit WHERE team = ?1 AND types = 'sessions.ended'")
      .bind(one.team)
      .first<string>('facts')
    expect(act).toContain(member.email)
  })
})

test.each([
  ['/workflows', '/workflows?team=t'],
  ['/tasks/x?visit=1#log', '/tasks/x?visit=1&team=t#log'],
  ['/tools#servers', '/tools?team=t#servers'],
  ['/workflows?team=other', '/workflows?team=other'],
  ['/a/token', '/a/token'],
  ['/css/base.css', '/css/base.css'],
  ['/agents', '/agents?team=t'],
  ['//evil.test', '//evil.test'],
  ['https://evil.test/', 'https://evil.test/'],
  ['/sign-in', '/sign-in'],
])('%s in its team is %s', (path, there) => expect(inTeam(path, 't')).toBe(there))

test('text that only looks like a link is left alone', () => {
  const text = '<p>href=&quot;/workflows&quot; action=&quot;/x&quot;</p>'
  expect(keepTeam(text, 't')).toBe(text)
})

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    'Safari on iPhone',
  ],
  ['curl/8', 'Another browser'],
  ['', 'Another browser'],
])('%j calls itself %s', (agent, name) => expect(browserName(agent)).toBe(name))
