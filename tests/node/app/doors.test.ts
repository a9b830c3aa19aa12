/**
 * Who gets in where: six identities before every route of the app, by what stands in its path, its query and its body. The
 * routes are the app's own, so none is forgotten; what real objects and bindings do is tests/workerd/api/tenants.test.ts'.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { ACCESS } from '../../../src/app/access.ts'
import { app } from '../../../src/app/app.ts'
import { SCOPES } from '../../../src/domain/caller.ts'
import { ACTS, type Act, may, onlyFor, ROLES } from '../../../src/domain/permissions.ts'
import { BODIES, MAKES_WHAT_IT_NAMES } from '../../support/bodies.ts'
import {
  addressOf,
  aKey,
  aPerson,
  ask,
  aWorld,
  env,
  holdings,
  reached,
  type Seen,
  session,
  type World,
} from '../../support/doors.ts'

const routes = [...new Set(app.routes.filter(one => one.method !== 'ALL').map(one => `${one.method} ${one.path}`))]
const machines = routes.filter(
  route => / \/(in|__local)\//.test(route) || (route.endsWith('/health') && route.includes('/api/')),
)
const api = routes.filter(route => route.includes(' /api/') && !machines.includes(route))
const pages = routes.filter(route => !api.includes(route) && !machines.includes(route))
const closed = pages.filter(route => ACCESS.get(route) !== 'open')

/** Stands in all that our team has. */
const MARK = `canary-${crypto.randomUUID().slice(0, 8)}`
let ours: World
let theirs: World
const nothing = { places: {} as Record<string, string> }

beforeAll(async () => {
  ours = await aWorld(MARK)
  theirs = await aWorld(`other-${crypto.randomUUID().slice(0, 8)}`)
  const unlike = (id: string) =>
    id.replace(/[^_-]/g, character => (character === 'z' ? 'y' : 'z')).replace(/^[a-z]+_/, `${id.split('_')[0]}_`)
  nothing.places = Object.fromEntries(
    Object.entries(ours.places).map(([name, id]) => [name, id.includes('_') ? unlike(id) : id]),
  )
})

/** Our ids under every name that a route might read one by. */
function ourIds(): Record<string, string> {
  const { places, owner } = ours
  const names = Object.entries(places).flatMap(([place, id]) => [
    [place.split('/')[0]!.replace(/s$/, ''), id],
    [place.split(':')[1]!, id],
  ])
  const task = places['tasks/:id']!
  const more = {
    id: task,
    actor: owner,
    of: owner,
    to: owner,
    assign: owner,
    owner,
    email: owner,
    parent: task,
    backup: owner,
  }
  return {
    ...Object.fromEntries(names),
    ...more,
    cursor: btoa(`9999999999999:${task}`).replaceAll('=', ''),
    q: 'canary',
    run: '1',
    visit: '1',
  }
}

/** An answer without what tells two askings of the same apart. */
function bare({ status, location, text }: Seen, { places }: Pick<World, 'places'>) {
  const ids = Object.values(places)
    .filter(id => id.includes('_'))
    .toSorted((one, two) => two.length - one.length)
  const strip = (what: string) =>
    ids.reduce((left, id) => left.replaceAll(id, '…'), what).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')
  return { status, location: location && strip(location), text: strip(text) }
}

const byHarm = (one: string, two: string) => Number(ENDS.test(one)) - Number(ENDS.test(two))
const ENDS = /DELETE|delete|remove|revoke|archive|withdraw/

test('every page stands in the list of who may open it, and every route has a probe', () => {
  expect([...ACCESS.keys()].toSorted()).toEqual(pages.toSorted())
  for (const route of [...closed, ...api]) expect(addressOf(route, ours)).not.toContain(':')
})

test('a page that anybody may open is a decision', () => {
  expect(
    pages
      .filter(route => ACCESS.get(route) === 'open')
      .map(route => route.replace(/:.*/, ''))
      .toSorted(),
  ).toMatchInlineSnapshot(`
    [
      "GET /",
      "GET /.well-known/baton-audit-keys.json",
      "GET /a/",
      "GET /d/",
      "GET /e/",
      "GET /e/",
      "GET /f/",
      "GET /join/",
      "GET /outbox",
      "GET /outbox/",
      "GET /s/",
      "GET /schema/workflow.json",
      "GET /sign-in",
      "GET /sign-in/link",
      "GET /sign-in/local/",
      "GET /sign-in/oidc",
      "GET /sign-in/oidc/done",
      "GET /v/",
      "POST /a/",
      "POST /f/",
      "POST /join/",
      "POST /sign-in",
      "POST /sign-in/link",
      "POST /sign-out",
    ]
  `)
})

test('the API’s document names every route, and every scope that one asks for is one of the table', async () => {
  const document = JSON.parse((await ask('GET', '/api/v1/openapi.json', ours.key)).text) as {
    paths: Record<string, Record<string, { 'x-scope'?: string; responses: Record<string, unknown> }>>
  }
  for (const route of api) {
    const [method, path] = route.split(' ')
    const responses = document.paths[path!.replaceAll(/:(\w+)/g, '{$1}')]?.[method!.toLowerCase()]?.responses
    expect(responses?.['401'], route).toBeDefined()
  }
  const asked = Object.values(document.paths).flatMap(path => Object.values(path).map(one => one['x-scope']))
  const known = new Set<string | null>(Object.values(ACTS).map(({ scope }) => scope))
  expect(asked.filter(scope => scope !== undefined && !known.has(scope))).toEqual([])
  expect(SCOPES.filter(scope => !known.has(scope))).toEqual([])
})

test('the table of permissions as a page says of each act who may, as the table does that opens every page', async () => {
  const { text } = await ask('GET', '/settings/permissions', await session(ours.owner))
  const rows = [...text.matchAll(/<tr><th scope="row">(.*?)<\/tr>/gs)].map(([, row = '']) => [
    row.slice(0, row.indexOf('<')).toLowerCase(),
    ...ROLES.filter(role => row.includes(`${role}: yes`)),
    /<code>(.*?)<\/code>/.exec(row)?.[1] ?? null,
  ])
  const acts = Object.keys(ACTS) as Act[]
  expect(rows).toEqual(
    acts.map(act => [ACTS[act].what.toLowerCase(), ...ROLES.filter(role => may({ role }, act)), ACTS[act].scope]),
  )
})

describe('whoever is nobody gets in nowhere', () => {
  const week = 7 * 86_400_000
  test.each<[string, () => Promise<Record<string, string>>]>([
    ['none', async () => ({})],
    ['an expired session', async () => session(ours.owner, { until: Date.now() - 1 })],
    ['a session older than a week', async () => session(ours.owner, { began: Date.now() - week - 1 })],
    [
      'a session nobody signed',
      async () => ({ cookie: (await session(ours.owner)).cookie!.replace(/.{9}$/, 'forged%3D') }),
    ],
    ['a removed person', async () => removed()],
    ['a key of the team, on pages', async () => ours.key],
    ['a revoked key', async () => (await aKey(ours.team, { revokedAt: 1 })).bearer],
    ['an expired key', async () => (await aKey(ours.team, { expiresAt: 1 })).bearer],
  ])('%s', async (name, make) => {
    const who = await make()
    const before = await holdings(ours.team)
    for (const route of closed) {
      const seen = await ask(route, `${addressOf(route, ours)}?${new URLSearchParams(ourIds())}`, who, ourIds())
      expect([seen.status, seen.location?.split('?')[0], seen.text], route).toEqual([303, '/sign-in', ''])
    }
    for (const route of name.includes('on pages') ? [] : api) {
      const seen = await ask(route, addressOf(route, ours), who, ourIds())
      expect([seen.status, seen.text.includes(MARK)], route).toEqual([401, false])
    }
    expect(await holdings(ours.team)).toBe(before)
  })

  async function removed() {
    const { email, member } = await aPerson(ours.team, 'owner')
    const cookie = await session(email)
    expect((await ask('GET', '/workflows', cookie)).status).toBe(200)
    await env.DB.prepare('DELETE FROM member WHERE id = ?1').bind(member).run()
    return cookie
  }
})

describe('whoever has a lower role is refused by the words of the table, and changes nothing', () => {
  test.each(ROLES)('%s', async role => {
    const who = await session((await aPerson(ours.team, role)).email)
    const before = await holdings(ours.team)
    for (const route of closed) {
      const act = ACCESS.get(route) as Act
      if (may({ role }, act) && !route.startsWith('GET')) continue
      const seen = await ask(route, addressOf(route, ours), who, ourIds())
      // Of people it depends on whom: one's own self may leave.
      const isAbove = route.includes('/people/:member/') && !may({ role }, 'people.manage')
      if (may({ role }, act)) expect([seen.status === 403, seen.status < 500], route).toEqual([isAbove, true])
      else expect([seen.status, seen.text.includes(onlyFor(act))], route).toEqual([403, true])
    }
    expect(await holdings(ours.team)).toBe(before)
  })

  test.each(SCOPES)('a key without %s', async scope => {
    const { bearer } = await aKey(
      ours.team,
      {},
      SCOPES.filter(one => one !== scope),
    )
    const document = JSON.parse((await ask('GET', '/api/v1/openapi.json', ours.key)).text)
    const before = await holdings(ours.team)
    for (const route of api) {
      const [method, path] = route.split(' ')
      if (document.paths[path!.replaceAll(/:(\w+)/g, '{$1}')][method!.toLowerCase()]['x-scope'] !== scope) continue
      const seen = await ask(route, addressOf(route, ours), bearer, ourIds())
      expect([seen.status, seen.text.includes(MARK)], route).toEqual([403, false])
      expect(JSON.parse(seen.text).error, route).toMatchObject({ code: 'missing_scope', scope })
    }
    expect(await holdings(ours.team)).toBe(before)
  })
})

describe('another team’s', () => {
  const those: [string, () => Promise<Record<string, string>>, string[]][] = [
    ['person', () => session(theirs.owner), closed],
    ['key', async () => theirs.key, api],
  ]

  test.each(those)(
    '%s gets for our ids exactly what they get for unknown ones, and reaches no object of ours',
    async (_, make, list) => {
      const who = await make()
      const before = await holdings(ours.team)
      reached.clear()
      const refusedFirst: string[] = []
      for (const route of list) {
        const [path, other] = [addressOf(route, ours), addressOf(route, nothing)]
        if (path === other || MAKES_WHAT_IT_NAMES.includes(route)) continue
        const body = BODIES[route]
        const [one, two] = [await ask(route, path, who, body), await ask(route, other, who, body)]
        expect(bare(one, ours), route).toEqual(bare(two, nothing))
        // Any other answer means that the body was refused first, and nothing is proven: the route needs one in BODIES.
        if (api.includes(route) && one.status !== 404) refusedFirst.push(`${one.status} ${route}`)
        expect([one.status < 500, one.text.includes(MARK)], route).toEqual([true, false])
      }
      expect(refusedFirst).toEqual([])
      expect([...reached].filter(name => name.startsWith(ours.team))).toEqual([])
      expect(await holdings(ours.team)).toBe(before)
    },
  )

  test.each(those)(
    '%s learns nothing by our ids in a query or a body, and reaches no object of ours',
    async (_, make, list) => {
      const who = await make()
      const before = await holdings(ours.team)
      reached.clear()
      for (const route of list.toSorted(byHarm)) {
        const path = addressOf(route, theirs)
        const query = new URLSearchParams(ourIds())
        for (const seen of [await ask(route, `${path}?${query}`, who), await ask(route, path, who, ourIds())]) {
          // Monitors are told by 503 that no object answers here.
          const isFailure = seen.status >= 500 && route !== 'GET /api/v1/status'
          expect([!isFailure, seen.text.includes(MARK)], route).toEqual([true, false])
        }
      }
      expect([...reached].filter(name => name.startsWith(ours.team))).toEqual([])
      expect(await holdings(ours.team)).toBe(before)
    },
  )
})
