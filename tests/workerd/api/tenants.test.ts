/** Every route against every identity: the probes are checked against the app's own list of routes, so none can be forgotten. */
import { beforeAll, describe, expect, test } from 'vitest'
import { app } from '../../../src/app/app.ts'
import { SCOPES, type Scope } from '../../../src/domain/caller.ts'
import { MCP_URL, mcpServes } from '../../support/mcp-server.ts'
import { FIND } from '../../support/mcp-tools.ts'
import { aDefinition, aKey, anIntake, aTask, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from './client.ts'

interface World {
  workflow: string
  task: string
  intake: string
  schedule: string
  delivery: string
  agent: string
  keyId: string
  secret: string
  provider: string
  price: string
  tool: string
  skill: string
  server: string
}

interface Probe {
  path: (world: World) => string
  scope: Scope | null
  body?: (team: Team) => unknown
}

const agentBody = { key: 'probe', name: 'Probe', description: 'x' }
const skillBody = { key: 'probe', text: 'Be kind.' }
const toolBody = {
  key: 'probe',
  description: 'x',
  parameters: { type: 'object' },
  http: { url: 'https://api.example.com/' },
}
const serverBody = { key: 'probe', url: MCP_URL, tools: [FIND.name] }
const byServer = (rest: string) => (world: World) => `/api/v1/mcp-servers/${world.server}${rest}`
const byWorkflow = (rest: string) => (world: World) => `/api/v1/workflows/${world.workflow}${rest}`
const byTask = (rest: string) => (world: World) => `/api/v1/tasks/${world.task}${rest}`
const byText = (rest: string) => (world: World) => `/api/v1/knowledge/${world.skill}${rest}`
const bySkill = (rest: string) => (world: World) => `/api/v1/skills/${world.skill}${rest}`
const plain = (path: string) => () => `/api/v1${path}`

const PROBES: Record<string, Probe> = {
  'GET /api/v1/workflows': { path: plain('/workflows'), scope: 'workflows:read' },
  'POST /api/v1/workflows': { path: plain('/workflows'), scope: 'workflows:write', body: team => aDefinition(team) },
  'GET /api/v1/workflows/:id': { path: byWorkflow(''), scope: 'workflows:read' },
  'PUT /api/v1/workflows/:id': { path: byWorkflow(''), scope: 'workflows:write', body: team => aDefinition(team) },
  'DELETE /api/v1/workflows/:id': { path: byWorkflow(''), scope: 'workflows:write' },
  'GET /api/v1/workflows/:id/versions': { path: byWorkflow('/versions'), scope: 'workflows:read' },
  'GET /api/v1/workflows/:id/versions/:version': { path: byWorkflow('/versions/1'), scope: 'workflows:read' },
  'POST /api/v1/workflows/:id/revert': {
    path: byWorkflow('/revert'),
    scope: 'workflows:write',
    body: () => ({ version: 1 }),
  },
  'POST /api/v1/workflows/:id/pause': { path: byWorkflow('/pause'), scope: 'workflows:write' },
  'POST /api/v1/workflows/:id/activate': { path: byWorkflow('/activate'), scope: 'workflows:write' },
  'POST /api/v1/workflows/:id/archive': { path: byWorkflow('/archive'), scope: 'workflows:write' },
  'POST /api/v1/workflows/:id/restore': { path: byWorkflow('/restore'), scope: 'workflows:write' },
  'GET /api/v1/workflows/:id/held': { path: byWorkflow('/held'), scope: 'workflows:read' },
  'POST /api/v1/workflows/:id/held': {
    path: byWorkflow('/held'),
    scope: 'workflows:write',
    body: () => ({ start: false }),
  },
  'POST /api/v1/workflows/:id/tasks': {
    path: byWorkflow('/tasks'),
    scope: 'tasks:write',
    body: () => ({ input: { company: 'x' } }),
  },
  'GET /api/v1/workflows/:id/intakes': { path: byWorkflow('/intakes'), scope: 'workflows:read' },
  'POST /api/v1/workflows/:id/intakes': {
    path: byWorkflow('/intakes'),
    scope: 'workflows:write',
    body: () => ({ kind: 'webhook' }),
  },
  'GET /api/v1/intakes/:id': { path: world => `/api/v1/intakes/${world.intake}`, scope: 'workflows:read' },
  'PATCH /api/v1/intakes/:id': {
    path: world => `/api/v1/intakes/${world.intake}`,
    scope: 'workflows:write',
    body: () => ({ name: 'x' }),
  },
  'POST /api/v1/intakes/:id/rotate': {
    path: world => `/api/v1/intakes/${world.intake}/rotate`,
    scope: 'workflows:write',
  },
  'GET /api/v1/intakes/:id/deliveries': {
    path: world => `/api/v1/intakes/${world.intake}/deliveries`,
    scope: 'tasks:read',
  },
  'POST /api/v1/intakes/:id/replay': {
    path: world => `/api/v1/intakes/${world.intake}/replay`,
    scope: 'tasks:write',
  },
  'POST /api/v1/intakes/:id/test': {
    path: world => `/api/v1/intakes/${world.intake}/test`,
    scope: 'tasks:write',
  },
  'POST /api/v1/intakes/:id/preview': {
    path: world => `/api/v1/intakes/${world.intake}/preview`,
    scope: 'tasks:read',
  },
  'POST /api/v1/intakes/:id/run': {
    path: world => `/api/v1/intakes/${world.schedule}/run`,
    scope: 'tasks:write',
  },
  'GET /api/v1/intakes/:id/slots': {
    path: world => `/api/v1/intakes/${world.schedule}/slots`,
    scope: 'workflows:read',
  },
  'GET /api/v1/deliveries/:id': { path: world => `/api/v1/deliveries/${world.delivery}`, scope: 'tasks:read' },
  'POST /api/v1/deliveries/:id/replay': {
    path: world => `/api/v1/deliveries/${world.delivery}/replay`,
    scope: 'tasks:write',
  },
  'DELETE /api/v1/intakes/:id': { path: world => `/api/v1/intakes/${world.intake}`, scope: 'workflows:write' },
  'GET /api/v1/tasks': { path: plain('/tasks'), scope: 'tasks:read' },
  'GET /api/v1/tasks/:id': { path: byTask(''), scope: 'tasks:read' },
  'GET /api/v1/tasks/:id/events': { path: byTask('/events'), scope: 'tasks:read' },
  'POST /api/v1/tasks/:id/events': { path: byTask('/events'), scope: 'tasks:write', body: () => ({ name: 'x' }) },
  'POST /api/v1/tasks/:id/decide': { path: byTask('/decide'), scope: 'approve', body: () => ({ handoff: 'approved' }) },
  'POST /api/v1/events': {
    path: plain('/events'),
    scope: 'tasks:write',
    body: () => ({ name: 'paid', key: 'nobody' }),
  },
  'POST /api/v1/tasks/:id/cancel': { path: byTask('/cancel'), scope: 'tasks:write' },
  'POST /api/v1/tasks/:id/retry': { path: byTask('/retry'), scope: 'tasks:write' },
  'POST /api/v1/tasks/:id/move': { path: byTask('/move'), scope: 'tasks:write', body: () => ({ step: 'again' }) },
  'POST /api/v1/tasks/:id/route': {
    path: byTask('/route'),
    scope: 'tasks:write',
    body: () => ({ handoff: 'approved' }),
  },
  'POST /api/v1/tasks/:id/answer': {
    path: byTask('/answer'),
    scope: 'tasks:write',
    body: () => ({ happened: true }),
  },
  'POST /api/v1/tasks/:id/undo': { path: byTask('/undo'), scope: 'approve', body: () => ({}) },
  'POST /api/v1/tasks/:id/assign': {
    path: byTask('/assign'),
    scope: 'tasks:write',
    body: () => ({ to: ['x@y.test'] }),
  },
  'POST /api/v1/tasks/:id/comments': {
    path: byTask('/comments'),
    scope: 'tasks:write',
    body: () => ({ text: 'hello' }),
  },
  'POST /api/v1/tasks/:id/raise': {
    path: byTask('/raise'),
    scope: 'tasks:write',
    body: () => ({ limits: { steps: 90 } }),
  },
  'POST /api/v1/tasks/:id/migrate': {
    path: byTask('/migrate'),
    scope: 'tasks:write',
    body: () => ({ version: 1, step: 'again' }),
  },
  'POST /api/v1/tasks/:id/rerun': { path: byTask('/rerun'), scope: 'tasks:write' },
  'GET /api/v1/agents': { path: plain('/agents'), scope: 'workflows:read' },
  'POST /api/v1/agents': {
    path: plain('/agents'),
    scope: 'workflows:write',
    body: () => ({ ...agentBody, key: 'theirs' }),
  },
  'GET /api/v1/agents/:key': { path: world => `/api/v1/agents/${world.agent}`, scope: 'workflows:read' },
  'PUT /api/v1/agents/:key': {
    path: world => `/api/v1/agents/${world.agent}`,
    scope: 'workflows:write',
    body: () => ({ name: 'x', description: 'y' }),
  },
  'DELETE /api/v1/agents/:key': { path: world => `/api/v1/agents/${world.agent}`, scope: 'workflows:write' },
  'GET /api/v1/agents/:key/versions': {
    path: world => `/api/v1/agents/${world.agent}/versions`,
    scope: 'workflows:read',
  },
  'GET /api/v1/agents/:key/versions/:version': {
    path: world => `/api/v1/agents/${world.agent}/versions/1`,
    scope: 'workflows:read',
  },
  'GET /api/v1/knowledge': { path: plain('/knowledge'), scope: 'workflows:read' },
  'POST /api/v1/knowledge': {
    path: plain('/knowledge'),
    scope: 'workflows:write',
    body: () => ({ key: 'theirs', name: 'Theirs', text: 'x' }),
  },
  'GET /api/v1/knowledge/:key': { path: byText(''), scope: 'workflows:read' },
  'PUT /api/v1/knowledge/:key': { path: byText(''), scope: 'workflows:write', body: () => ({ name: 'X', text: 'x' }) },
  'DELETE /api/v1/knowledge/:key': { path: byText(''), scope: 'workflows:write' },
  'GET /api/v1/knowledge/:key/versions': { path: byText('/versions'), scope: 'workflows:read' },
  'GET /api/v1/knowledge/:key/versions/:version': { path: byText('/versions/1'), scope: 'workflows:read' },
  'GET /api/v1/passages': { path: plain('/passages?q=kind'), scope: 'workflows:read' },
  'GET /api/v1/skills': { path: plain('/skills'), scope: 'workflows:read' },
  'POST /api/v1/skills': {
    path: plain('/skills'),
    scope: 'workflows:write',
    body: () => ({ ...skillBody, key: 'theirs' }),
  },
  'GET /api/v1/skills/:key': { path: bySkill(''), scope: 'workflows:read' },
  'PUT /api/v1/skills/:key': { path: bySkill(''), scope: 'workflows:write', body: () => ({ text: 'x' }) },
  'DELETE /api/v1/skills/:key': { path: bySkill(''), scope: 'workflows:write' },
  'GET /api/v1/skills/:key/versions': { path: bySkill('/versions'), scope: 'workflows:read' },
  'GET /api/v1/skills/:key/versions/:version': { path: bySkill('/versions/1'), scope: 'workflows:read' },
  'GET /api/v1/tools': { path: plain('/tools'), scope: 'workflows:read' },
  'POST /api/v1/tools': {
    path: plain('/tools'),
    scope: 'workflows:write',
    body: () => ({ ...toolBody, key: 'theirs' }),
  },
  'GET /api/v1/tools/:key': { path: world => `/api/v1/tools/${world.tool}`, scope: 'workflows:read' },
  'PUT /api/v1/tools/:key': {
    path: world => `/api/v1/tools/${world.tool}`,
    scope: 'workflows:write',
    body: () => ({ ...toolBody, key: undefined }),
  },
  'DELETE /api/v1/tools/:key': { path: world => `/api/v1/tools/${world.tool}`, scope: 'workflows:write' },
  'POST /api/v1/tools/:key/try': { path: world => `/api/v1/tools/${world.tool}/try`, scope: 'admin' },
  'GET /api/v1/tools/:key/versions': { path: world => `/api/v1/tools/${world.tool}/versions`, scope: 'workflows:read' },
  'GET /api/v1/tools/:key/versions/:version': {
    path: world => `/api/v1/tools/${world.tool}/versions/1`,
    scope: 'workflows:read',
  },
  'GET /api/v1/mcp-servers': { path: plain('/mcp-servers'), scope: 'workflows:read' },
  'POST /api/v1/mcp-servers': {
    path: plain('/mcp-servers'),
    scope: 'workflows:write',
    body: () => ({ ...serverBody, key: 'theirs' }),
  },
  'GET /api/v1/mcp-servers/:key': { path: byServer(''), scope: 'workflows:read' },
  'PUT /api/v1/mcp-servers/:key': {
    path: byServer(''),
    scope: 'workflows:write',
    body: () => ({ ...serverBody, key: undefined, tools: [] }),
  },
  'DELETE /api/v1/mcp-servers/:key': { path: byServer(''), scope: 'workflows:write' },
  'POST /api/v1/mcp-servers/:key/refresh': { path: byServer('/refresh'), scope: 'workflows:write' },
  'POST /api/v1/mcp-servers/:key/accept': {
    path: byServer('/accept'),
    scope: 'workflows:write',
    body: () => ({ tool: FIND.name }),
  },
  'GET /api/v1/approvals': { path: plain('/approvals'), scope: 'tasks:read' },
  'GET /api/v1/keys': { path: plain('/keys'), scope: 'admin' },
  'POST /api/v1/keys': { path: plain('/keys'), scope: 'admin', body: () => ({ name: 'x', scopes: ['tasks:read'] }) },
  'POST /api/v1/keys/:id/roll': { path: world => `/api/v1/keys/${world.keyId}/roll`, scope: 'admin' },
  'POST /api/v1/keys/:id/revoke': { path: world => `/api/v1/keys/${world.keyId}/revoke`, scope: 'admin' },
  'GET /api/v1/tasks/:id/callbacks': { path: byTask('/callbacks'), scope: 'tasks:read' },
  'GET /api/v1/workflows/:id/callbacks': {
    path: world => `/api/v1/workflows/${world.workflow}/callbacks`,
    scope: 'tasks:read',
  },
  'POST /api/v1/workflows/:id/callbacks/rotate': {
    path: world => `/api/v1/workflows/${world.workflow}/callbacks/rotate`,
    scope: 'workflows:write',
  },
  'POST /api/v1/callbacks/:id/resend': {
    path: world => `/api/v1/callbacks/msg_${world.task}/resend`,
    scope: 'tasks:write',
  },
  'GET /api/v1/secrets': { path: plain('/secrets'), scope: 'admin' },
  'PUT /api/v1/secrets/:name': {
    path: plain('/secrets/probed'),
    scope: 'admin',
    body: () => ({ value: 'long enough', hosts: ['api.example.com'] }),
  },
  'DELETE /api/v1/secrets/:name': { path: world => `/api/v1/secrets/${world.secret}`, scope: 'admin' },
  'GET /api/v1/providers': { path: plain('/providers'), scope: 'admin' },
  'PUT /api/v1/providers/:key': {
    path: plain('/providers/probed'),
    scope: 'admin',
    body: () => ({ kind: 'openai-chat', baseUrl: 'https://models.example/v1' }),
  },
  'DELETE /api/v1/providers/:key': { path: world => `/api/v1/providers/${world.provider}`, scope: 'admin' },
  'POST /api/v1/providers/:key/try': {
    path: world => `/api/v1/providers/${world.provider}/try`,
    scope: 'admin',
    body: () => ({ model: 'x' }),
  },
  'GET /api/v1/limits': { path: plain('/limits'), scope: 'admin' },
  'PUT /api/v1/limits': { path: plain('/limits'), scope: 'admin', body: () => ({ waiting: 50 }) },
  'GET /api/v1/prices': { path: plain('/prices'), scope: 'workflows:read' },
  'PUT /api/v1/prices/:model': { path: plain('/prices/probed'), scope: 'admin', body: () => ({ input: 1, output: 1 }) },
  'DELETE /api/v1/prices/:model': { path: world => `/api/v1/prices/${world.price}`, scope: 'admin' },
  'GET /api/v1/absences': { path: plain('/absences'), scope: 'admin' },
  'PUT /api/v1/absences/:email': {
    path: plain('/absences/probed@people.test'),
    scope: 'admin',
    body: () => ({ until: '2026-12-24' }),
  },
  'DELETE /api/v1/absences/:email': { path: plain('/absences/probed@people.test'), scope: 'admin' },
  'GET /api/v1/working-hours': { path: plain('/working-hours'), scope: 'admin' },
  'PUT /api/v1/working-hours': { path: plain('/working-hours'), scope: 'admin', body: () => ({ holidays: [] }) },
  'GET /api/v1/settings': { path: plain('/settings'), scope: 'admin' },
  'PUT /api/v1/settings': { path: plain('/settings'), scope: 'admin', body: () => ({ timezone: 'UTC' }) },
  'GET /api/v1/audit': { path: plain('/audit'), scope: 'tasks:read' },
  'GET /api/v1/metrics': { path: plain('/metrics'), scope: 'tasks:read' },
  'GET /api/v1/openapi.json': { path: plain('/openapi.json'), scope: null },
}

/** Routes whose door is their own and has its own tests. */
const ELSEWHERE = [
  'GET /api/v1/health',
  'POST /in/:intake',
  'GET /in/:intake',
  'OPTIONS /in/:intake',
  'POST /__local/seed',
]

const routes = [...new Set(app.routes.filter(one => one.method !== 'ALL').map(one => `${one.method} ${one.path}`))]
// Pages join the same app; they have probes of their own.
const apiRoutes = routes.filter(one => / \/(api|in|__local)\//.test(one))

let mine: Team
let theirs: Team
let world: World
const unknown: World = {
  workflow: 'wf_zzzzzzzzzzzzzzzzzzzz',
  task: 'tsk_zzzzzzzzzzzzzzzzzzzzzzzzzz',
  schedule: 'int_aaaaaaaaaaaaaaaaaaaa',
  intake: 'int_zzzzzzzzzzzzzzzzzzzz',
  delivery: 'dlv_zzzzzzzzzzzzzzzzzzzz0199c0ffee0zzzzzzzz',
  agent: 'nobody_at_all',
  keyId: 'key_zzzzzzzzzz',
  secret: 'nothing_here',
  provider: 'nothing_here',
  price: 'nothing_here',
  tool: 'nothing_here',
  skill: 'nothing_here',
  server: 'nothing_here',
}

beforeAll(async () => {
  mine = await aTeam()
  theirs = await aTeam()
  const workflow = await aWorkflow(mine)
  await mine.call('POST', '/agents', agentBody)
  await mine.call('POST', '/tools', toolBody)
  await mine.call('POST', '/skills', skillBody)
  await mine.call('POST', '/knowledge', { ...skillBody, name: 'Probe' })
  mcpServes([FIND])
  await mine.call('POST', '/mcp-servers', serverBody)
  await mine.call('PUT', '/secrets/probe', { value: 'long enough', hosts: ['api.example.com'] })
  await mine.call('PUT', '/providers/probe', { kind: 'openai-chat', baseUrl: 'https://models.example/v1' })
  await mine.call('PUT', '/prices/probe', { input: 1, output: 1 })
  const task = await aTask(mine, workflow)
  const { keyId } = await aKey(mine.id)
  const intake = (await anIntake(mine, workflow)).id
  const delivery = await aDelivery(mine, workflow)
  const clock = { kind: 'schedule', cron: '0 0 1 1 *', input: { company: 'x' } }
  const schedule = (await mine.call('POST', `/workflows/${workflow}/intakes`, clock)).body.id as string
  world = {
    workflow,
    task,
    intake,
    schedule,
    delivery,
    agent: 'probe',
    keyId,
    secret: 'probe',
    provider: 'probe',
    price: 'probe',
    tool: 'probe',
    skill: 'probe',
    server: 'probe',
  }
  await eventually(async () => expect((await mine.call('GET', '/tasks')).body.items).toHaveLength(1))
})

/** A delivery that made no task. */
async function aDelivery(team: Team, workflow: string): Promise<string> {
  const open = { kind: 'webhook', auth: { type: 'open' }, filter: 'false' }
  const { body } = await team.call('POST', `/workflows/${workflow}/intakes`, open)
  await fetchApi(`/in/${body.id}`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' })
  return eventually(async () => {
    const { items } = (await team.call('GET', `/intakes/${body.id}/deliveries`)).body
    expect(items).toHaveLength(1)
    return items[0].id as string
  })
}

const ask = (name: string, probe: Probe, at: World, key: string | null, as: Team) => {
  const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` }
  const init: RequestInit = { method: name.split(' ')[0], headers }
  if (probe.body) {
    headers['content-type'] = 'application/json'
    init.body = JSON.stringify(probe.body(as))
  }
  return fetchApi(probe.path(at), init)
}

/** All probes side by side: what is checked of one must hold whatever the others do. */
const everyProbe = (check: (name: string, probe: Probe) => Promise<void>) =>
  Promise.all(Object.entries(PROBES).map(([name, probe]) => check(name, probe)))

const withoutId = (text: string) => text.replace(/"requestId":"[^"]*"/, '')

/** Every table whose rows belong to a team, as D1 itself knows them: none is forgotten here. */
async function tablesOfTeams(): Promise<string[]> {
  const tables = await env.DB.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all<{
    name: string
    sql: string
  }>()
  const names = tables.results.filter(({ sql }) => /\bteam TEXT\b/.test(sql)).map(({ name }) => name)
  expect(names).toEqual(
    expect.arrayContaining(['workflows', 'agents', 'intakes', 'deliveries', 'tasks', 'audit', 'keys']),
  )
  // Whoever asks uses a key, which notes when: of keys only what makes them good counts.
  return names.filter(name => name !== 'keys')
}

/** All that the team has, as D1 and the Task DO hold it. */
async function holdings(): Promise<string> {
  const tables = await tablesOfTeams()
  const rows = await env.DB.batch(
    tables.map(table => env.DB.prepare(`SELECT * FROM ${table} WHERE team = ?1`).bind(mine.id)),
  )
  const keys = await env.DB.prepare('SELECT id, hash, revoked_at, expires_at FROM keys WHERE team = ?1')
    .bind(mine.id)
    .all()
  const log = await mine.call('GET', `/tasks/${world.task}/events`)
  return JSON.stringify([rows.map(one => one.results), keys.results, log.body])
}

test('every route of the app has a probe, and every probe a route', () => {
  expect([...Object.keys(PROBES), ...ELSEWHERE].sort()).toEqual(apiRoutes.sort())
})

test('the OpenAPI document names every route and the scope that the probe expects', async () => {
  const { body } = await mine.call('GET', '/openapi.json')
  for (const [name, probe] of Object.entries(PROBES)) {
    const [method, path] = name.split(' ')
    const operation = body.paths[path!.replaceAll(/:(\w+)/g, '{$1}')]?.[method!.toLowerCase()]
    expect(operation, name).toBeDefined()
    expect(operation['x-scope'] ?? null, name).toBe(probe.scope)
    expect(operation.responses['401'], name).toBeDefined()
  }
  for (const name of ELSEWHERE.slice(0, 2))
    expect(body.paths[name.split(' ')[1]!.replace(':intake', '{intake}')]).toBeDefined()
})

describe('without a good key every route answers 401', () => {
  test.each<[string, () => Promise<string | null>, string]>([
    ['no key', async () => null, 'key_missing'],
    ['a malformed key', async () => 'btn_live_x', 'key_malformed'],
    ['a revoked key', async () => (await aKey(mine.id, { revokedAt: 1 })).key, 'key_revoked'],
    ['an expired key', async () => (await aKey(mine.id, { expiresAt: 1 })).key, 'key_expired'],
  ])('%s', async (_name, make, code) => {
    const key = await make()
    const before = await holdings()
    await everyProbe(async (name, probe) => {
      const answer = await ask(name, probe, world, key, mine)
      expect([answer.status, answer.body?.error.code], name).toEqual([401, code])
    })
    expect(await holdings()).toBe(before)
  })
})

test('a key of the team that has every scope but the needed one answers 403 on every route, for unknown ids, too', async () => {
  const before = await holdings()
  const keys = new Map<Scope, string>()
  for (const scope of SCOPES) {
    keys.set(
      scope,
      (
        await aKey(
          mine.id,
          {},
          SCOPES.filter(one => one !== scope),
        )
      ).key,
    )
  }
  const withKeys = await holdings()
  expect(withKeys).not.toBe(before)
  await everyProbe(async (name, probe) => {
    if (probe.scope === null) return
    for (const at of [world, unknown]) {
      const answer = await ask(name, probe, at, keys.get(probe.scope)!, mine)
      expect([answer.status, answer.body?.error.code, answer.body?.error.scope], name).toEqual([
        403,
        'missing_scope',
        probe.scope,
      ])
    }
  })
  expect(await holdings()).toBe(withKeys)
})

test('another team’s key gets for our ids exactly what it gets for unknown ones, and changes nothing', async () => {
  const before = await holdings()
  await everyProbe(async (name, probe) => {
    const named = await ask(name, probe, world, theirs.key, theirs)
    if (probe.path(world) === probe.path(unknown)) {
      // No id in the path: it works on their own team, and nothing of ours shows.
      expect(named.status, name).toBeLessThan(300)
      for (const secret of [world.task, world.workflow, mine.id, mine.owner])
        expect(named.text, name).not.toContain(secret)
      return
    }
    const other = await ask(name, probe, unknown, theirs.key, theirs)
    expect([named.status, other.status], name).toEqual([404, 404])
    expect(withoutId(named.text), name).toBe(withoutId(other.text))
  })
  expect(await holdings()).toBe(before)
})

test('our ids in a query or a body tell another team nothing', async () => {
  for (const query of [
    `/tasks?workflow=${world.workflow}`,
    `/approvals?workflow=${world.workflow}`,
    `/audit?task=${world.task}`,
    `/audit?workflow=${world.workflow}`,
    `/audit?actor=${mine.keyId}`,
  ]) {
    expect((await theirs.call('GET', query)).body, query).toEqual({ items: [], next: null })
    expect((await mine.call('GET', query)).body.items.length, query).toBeGreaterThan(0)
  }
  expect((await theirs.call('GET', `/metrics?workflow=${world.workflow}`)).body.volume).toBe(0)
  const steps = [{ key: 'use', agent: world.agent, instructions: 'x', handoffs: [{ to: 'complete' }] }]
  const borrowed = await theirs.call('POST', '/workflows', aDefinition(theirs, { steps }))
  expect([borrowed.status, borrowed.body.error.code]).toEqual([422, 'invalid_definition'])
  const cursor = await mine.call('GET', '/tasks')
  const forged = btoa(`9999999999999:${world.task}`).replaceAll('=', '')
  expect(cursor.body.items).toHaveLength(1)
  expect((await theirs.call('GET', `/tasks?cursor=${forged}`)).body.items).toEqual([])
})
