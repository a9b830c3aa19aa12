/** What is done to the team is on record: every route of the app that changes something either keeps an act, or says here why not. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { app } from '../../../src/app/app.ts'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { MCP_URL, mcpServes, type ServedMcp } from '../../support/mcp-server.ts'
import { FIND } from '../../support/mcp-tools.ts'
import { json, outsideAnswers } from '../../support/outside.ts'
import { aDefinition, anIntake, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { aMember, Browser, type Seen } from '../team/browser.ts'
import { formOf } from '../workflow/form-of.ts'

const OF_A_TASK = 'it is in the log of the task'
const OF_A_DRAFT = 'a draft is nobody’s but its editors’ until it is published, which is on record'
const CHANGES_NOTHING = 'it shows what would be, and changes nothing'
const OF_ONES_OWN_MAIL = 'it is about how often one is mailed oneself'
const A_MESSAGE = 'it is in the list of messages'
const OF_ONES_OWN = 'it is about one’s own session alone'

/** Routes that change something and keep no act. */
const NO_ACT: Record<string, string> = {
  ...Object.fromEntries(
    [
      'rerun',
      'events',
      'decide',
      'undo',
      'cancel',
      'retry',
      'move',
      'route',
      'answer',
      'assign',
      'comments',
      'raise',
      'migrate',
    ].map(verb => [`POST /api/v1/tasks/:id/${verb}`, OF_A_TASK]),
  ),
  ...Object.fromEntries(
    [
      ...['/api/v1/workflows/:id/tasks', '/api/v1/events', '/api/v1/intakes/:id/run', '/api/v1/intakes/:id/test'],
      ...['/api/v1/deliveries/:id/replay', '/api/v1/intakes/:id/replay', '/in/:intake', '/a/:token', '/f/:intake'],
      ...[
        '/approvals/:task',
        '/approvals/together',
        '/tasks/:id/decide',
        '/tasks/:id/rerun',
        '/tasks/:id/comment',
        '/workflows/:id/tasks',
        '/intakes/:id/run',
      ],
      '/tasks/:id/:command{cancel|retry|move|route|assign|raise|answer}',
      ...['test', 'replay', 'deliveries/:delivery/replay'].map(verb => `/workflows/:id/intakes/:intake/${verb}`),
      '/workflows/:id/publish/tasks',
    ].map(path => [`POST ${path}`, OF_A_TASK]),
  ),
  ...Object.fromEntries(
    [
      ...['steps', 'finish', 'move', 'delete', 'example', 'settings', 'yaml', 'steps/:step', 'steps/:step/handoffs'],
    ].map(path => [`POST /workflows/:id/edit/${path}`, OF_A_DRAFT]),
  ),
  ...Object.fromEntries(
    ['preview', 'curl', 'try'].map(path => [`POST /workflows/:id/edit/steps/:step/${path}`, CHANGES_NOTHING]),
  ),
  'POST /api/v1/tasks/:id/files': OF_A_TASK,
  'DELETE /api/v1/files/:id': OF_A_TASK,
  'POST /health/wake': 'tasks look at what is due anyway, as they do by themselves',
  'POST /api/v1/intakes/:id/preview': CHANGES_NOTHING,
  'POST /api/v1/workflows/validate': CHANGES_NOTHING,
  'POST /tools/curl': CHANGES_NOTHING,
  'POST /agents/:key/try': 'a model answers, and nothing is called or kept',
  'POST /workflows/:id/dry-run': 'models answer, and nothing is called or kept',
  'POST /api/v1/workflows/:id/dry-run': 'models answer, and nothing is called or kept',
  'POST /api/v1/mcp-servers/:key/refresh': 'what changed is held back until somebody accepts it, which is on record',
  'POST /mcp-servers/:key/refresh': 'what changed is held back until somebody accepts it, which is on record',
  'POST /approvals/:task/resend': 'the same question is mailed again to the same people',
  'POST /sign-in': OF_ONES_OWN,
  'POST /sign-in/link': OF_ONES_OWN,
  'POST /sign-out': OF_ONES_OWN,
  'POST /settings/switch': OF_ONES_OWN,
  'POST /settings/notifications': OF_ONES_OWN_MAIL,
  'POST /settings/notifications/channels/:channel/test': A_MESSAGE,
  'POST /settings/notifications/messages/:message/send': A_MESSAGE,
  'POST /api/v1/channels/:id/test': A_MESSAGE,
  'POST /api/v1/messages/:id/send': A_MESSAGE,
  'POST /settings/you/sessions/:id/end': OF_ONES_OWN,
  'POST /settings/you/sessions/end': OF_ONES_OWN,
  'POST /tasks/:id/keep': 'answer.offered, proven where one is: tests/workerd/insight/corrections.test.ts',
  'POST /teams/new': 'team.made, in the team that is made, as is proven below',
  'POST /__local/seed': 'it is there on a developer’s machine alone',
  'POST /workflows/:id/edit/steps/:step/call':
    'call.tried, proven where it is tried: tests/workerd/workflow/try.test.ts',
  'POST /join/:token': 'person.joined, proven where somebody joins: tests/workerd/team/people.test.ts',
}

let team: Team
let owner: Browser
const seen = new Set<string>()

beforeAll(async () => {
  team = await aTeam()
  owner = new Browser()
  await owner.signIn(team.owner)
})
afterEach(() => setNetwork(null))

interface Row {
  types: string
  actor: string
  facts: string
  workflow: string
}

async function rows(): Promise<Row[]> {
  const { results } = await env.DB.prepare(
    'SELECT types, actor, facts, workflow FROM audit WHERE task = ?1 ORDER BY seq',
  )
    .bind(team.id)
    .all<Row>()
  return results
}

const OF_KEYS = '203.0.113.7'
const marks = { person: new Set<unknown>(), key: new Set<unknown>() }
/** From where is told by one mark for one address, which is not the address itself. */
function hasMark(route: string, { kind, from }: { kind: 'person' | 'key'; from?: string }): void {
  marks[kind].add(from)
  expect([route, ...marks[kind]]).toEqual([route, expect.stringMatching(/^[0-9a-f]{16}$/)])
}

const CHANGES_NO_STATE = [
  'call.tried',
  'provider.tried',
  'callback.resent',
  'callback_secret.shown',
  'held.started',
  'share.made',
  'share.revoked',
]
/** Of a secret that is rolled, nobody is told what it was. */
const SAID_BY_NAME = /^secrets$/

/** What was before and what is after: by both ends, or in a list of what changed with both of each. */
function tellsBothEnds(route: string, fact: Record<string, unknown>): void {
  const type = String(fact.type)
  if (CHANGES_NO_STATE.includes(type)) return
  const { from, to, changes } = fact
  if (changes !== undefined) {
    const said = String(changes)
    expect([route, type, said]).toEqual([route, type, expect.stringMatching(SAID_BY_NAME.test(said) ? /./ : /→|^\w+$/)])
    return
  }
  expect([route, type, Object.keys(fact)]).toEqual([route, type, expect.arrayContaining(['from', 'to'])])
  // What is chosen anew may be the same.
  if (type !== 'mcp_tools.chosen') expect([route, type, from]).not.toEqual([route, type, to])
}

/** Does something, and answers which acts it left; each by whoever did it. */
async function doing<T extends { status: number; text: string }>(
  route: string,
  act: () => Promise<T>,
  ...types: string[]
): Promise<{ came: T; facts: Record<string, unknown>[] }> {
  const before = (await rows()).length
  const came = await act()
  expect(came.status, `${route}: ${came.text.slice(0, 600)}`).toBeLessThan(400)
  const kept = (await rows()).slice(before)
  expect([route, kept.map(row => row.types)]).toEqual([route, types])
  // One each: nothing is told twice, and nothing that was done is left out.
  const who = route.includes('/api/') ? { kind: 'key', id: team.keyId } : { kind: 'person', id: team.owner }
  for (const row of kept) {
    const actor = JSON.parse(row.actor)
    expect([route, actor]).toMatchObject([route, who])
    hasMark(route, actor)
  }
  seen.add(route)
  const facts = kept.flatMap(row => JSON.parse(row.facts) as Record<string, unknown>[])
  for (const fact of facts) tellsBothEnds(route, fact)
  return { came, facts }
}

const api = (route: string, path: string, body: unknown, ...types: string[]) => {
  const [method = ''] = route.split(' ')
  return doing(route, () => team.call(method, path, body, { 'CF-Connecting-IP': OF_KEYS }), ...types)
}
const form = (route: string, path: string, fields: Parameters<Browser['send']>[1], ...types: string[]) =>
  doing<Seen>(route, () => owner.send(path, fields), ...types)

test('what is done to workflows', async () => {
  const made = await api(
    'POST /api/v1/workflows',
    '/workflows',
    aDefinition(team),
    'workflow.created',
    'workflow.published',
  )
  const id = made.came.body.id as string
  expect(made.facts).toMatchObject([
    { name: 'Reviews', workflow: id },
    { name: 'Reviews', from: null, to: 1 },
  ])
  const at = `/workflows/${id}`
  const again = await api('PUT /api/v1/workflows/:id', at, aDefinition(team, { name: 'Looks' }), 'workflow.published')
  expect(again.facts).toMatchObject([{ name: 'Looks', from: 1, to: 2 }])
  await api('POST /api/v1/workflows/:id/revert', `${at}/revert`, { version: 1 }, 'workflow.published')
  const paused = await api('POST /api/v1/workflows/:id/pause', `${at}/pause`, undefined, 'workflow.paused')
  expect(paused.facts).toMatchObject([{ from: 'active', to: 'paused' }])
  // What is so already is not done again.
  await api('POST /api/v1/workflows/:id/pause', `${at}/pause`, undefined)
  await api('POST /api/v1/workflows/:id/activate', `${at}/activate`, undefined, 'workflow.activated')
  await api('POST /api/v1/workflows/:id/archive', `${at}/archive`, undefined, 'workflow.archived')
  await api('POST /api/v1/workflows/:id/restore', `${at}/restore`, undefined, 'workflow.restored')
  await form('POST /workflows/:id/activate', `${at}/activate`, {}, 'workflow.activated')
  await form('POST /workflows/:id/pause', `${at}/pause`, {}, 'workflow.paused')
  await form('POST /workflows/:id/template', `${at}/template`, { template: 'on' }, 'template.made')
  await form('POST /workflows/:id/template', `${at}/template`, {}, 'template.withdrawn')
  const weekly = await form('POST /workflows/:id/review', `${at}/review`, { how: 'weekly' }, 'review.scheduled')
  expect(weekly.facts).toMatchObject([{ from: 'off', to: 'weekly' }])
  // What is so already is not set once more.
  await form('POST /workflows/:id/review', `${at}/review`, { how: 'weekly' })
  await form('POST /workflows/:id/review', `${at}/review`, { how: 'off' }, 'review.scheduled')
  await form('POST /workflows/:id/review', `${at}/review`, { how: 'off' })
  const before = await form('POST /workflows/:id/baseline', `${at}/baseline`, { minutes: '25' }, 'baseline.set')
  expect(before.facts).toMatchObject([{ from: 'none', to: '25 min' }])
  await form('POST /workflows/:id/baseline', `${at}/baseline`, { minutes: '25', ownMinutes: '' })
  const baseline = 'PUT /api/v1/workflows/:id/baseline'
  await api(baseline, `${at}/baseline`, { minutes: 25, ownMinutes: 3 }, 'baseline.set')
  await api('DELETE /api/v1/workflows/:id/baseline', `${at}/baseline`, undefined, 'baseline.set')
  await api('DELETE /api/v1/workflows/:id/baseline', `${at}/baseline`, undefined)
  await form('POST /workflows/:id/archive', `${at}/archive`, {}, 'workflow.archived')
  await form('POST /workflows/:id/restore', `${at}/restore`, {}, 'workflow.restored')
  const clone = await form('POST /workflows/:id/clone', `${at}/clone`, {}, 'workflow.created')
  const copy = clone.came.location!.replace(/\/edit.*/, '')
  const draft = formOf((await owner.open(`${copy}/publish`)).text, `${copy}/publish`)
  await form('POST /workflows/:id/publish', `${copy}/publish`, { ...draft, note: 'Ready.' }, 'workflow.published')
  await form('POST /workflows/:id/versions/revert', `${copy}/versions/revert`, { version: '1' }, 'workflow.published')
  await form(
    'POST /workflows/:id/delete',
    `${copy}/delete`,
    { name: 'Reviews (copy)', typed: 'Reviews (copy)' },
    'workflow.deleted',
  )
  await api('DELETE /api/v1/workflows/:id', at, undefined, 'workflow.deleted')
  await form('POST /workflows/new', '/workflows/new', { name: 'Mine', description: '' }, 'workflow.created')
  const text = JSON.stringify(aDefinition(team, { name: 'Imported' }))
  await form('POST /workflows/import', '/workflows/import', { text, do: 'make' }, 'workflow.created')
  const fromTemplate = await form('POST /templates/:slug', '/templates/contract-review', {}, ...TEMPLATE)
  expect(fromTemplate.facts.at(-1)).toMatchObject({ from: null, to: 1, note: 'From a template' })
})

const TEMPLATE = ['agent.changed', 'workflow.created', 'workflow.published']

test('what is done to agents, skills and tools', async () => {
  const agent = { key: 'writer', name: 'Writer', description: 'x', model: 'demo' }
  await api('POST /api/v1/agents', '/agents', agent, 'agent.changed')
  const put = await api('PUT /api/v1/agents/:key', '/agents/writer', { ...agent, model: 'gpt-5' }, 'agent.changed')
  expect(put.facts).toEqual([{ type: 'agent.changed', name: 'writer', from: 1, changes: 'model: demo → gpt-5' }])
  await api('DELETE /api/v1/agents/:key', '/agents/writer', undefined, 'agent.deleted')
  await form('POST /agents/new', '/agents/new', { name: 'Reader', description: 'y' }, 'agent.changed')
  const reader = formOf((await owner.open('/agents/reader')).text, 'agent')
  await form('POST /agents/:key', '/agents/reader', { ...reader, description: 'z' }, 'agent.changed')
  await form('POST /agents/:key/delete', '/agents/reader/delete', { typed: 'reader' }, 'agent.deleted')

  await api('POST /api/v1/skills', '/skills', { key: 'tone', text: 'Be kind.' }, 'skill.changed')
  await api('PUT /api/v1/skills/:key', '/skills/tone', { text: 'Be brief.' }, 'skill.changed')
  await api('DELETE /api/v1/skills/:key', '/skills/tone', undefined, 'skill.deleted')
  await form('POST /skills/new', '/skills/new', { key: 'pace', text: 'Slowly.' }, 'skill.changed')
  expect((await owner.send('/skills/new', { key: 'pace', text: 'Again.' })).status).toBe(409)
  await form('POST /skills/:key', '/skills/pace', { version: '1', text: 'Quickly.' }, 'skill.changed')
  await form('POST /skills/:key/delete', '/skills/pace/delete', { typed: 'pace' }, 'skill.deleted')

  const fees = { key: 'fees', name: 'Fees', text: 'A seat is $4.' }
  await api('POST /api/v1/knowledge', '/knowledge', fees, 'knowledge.changed')
  await api('PUT /api/v1/knowledge/:key', '/knowledge/fees', { ...fees, text: 'A seat is $5.' }, 'knowledge.changed')
  await api('DELETE /api/v1/knowledge/:key', '/knowledge/fees', undefined, 'knowledge.deleted')
  await form('POST /knowledge/new', '/knowledge/new', { name: 'Hours', text: 'From 9.' }, 'knowledge.changed')
  const hours = { name: 'Hours', version: '1', text: 'From 10.' }
  await form('POST /knowledge/:key', '/knowledge/hours', hours, 'knowledge.changed')
  await form('POST /knowledge/:key/check', '/knowledge/hours/check', {}, 'knowledge.checked')
  await form('POST /knowledge/:key/delete', '/knowledge/hours/delete', { typed: 'hours' }, 'knowledge.deleted')

  outsideAnswers(() => json({ ok: true }))
  const http = { url: 'https://api.example.com/' }
  const tool = { key: 'look', description: 'Looks.', parameters: { type: 'object' }, http }
  await api('POST /api/v1/tools', '/tools', tool, 'tool.changed')
  await api('POST /api/v1/tools/:key/try', '/tools/look/try', {}, 'call.tried')
  await form('POST /tools/:key/try', '/tools/look/try', {}, 'call.tried')
  // What is only shown is not tried.
  expect((await owner.send('/tools/look/try', { _do: 'show' })).status).toBe(200)
  expect((await rows()).at(-1)!.types).toBe('call.tried')
  expect((await rows()).filter(row => row.types === 'call.tried')).toHaveLength(2)
  await api('PUT /api/v1/tools/:key', '/tools/look', { ...tool, description: 'Looks closely.' }, 'tool.changed')
  const fields = formOf((await owner.open('/tools/look')).text, 'tool')
  await form('POST /tools/:key', '/tools/look', { ...fields, description: 'Looks once.' }, 'tool.changed')
  await api('DELETE /api/v1/tools/:key', '/tools/look', undefined, 'tool.deleted')
  const filled = { key: 'made', description: 'x', http_method: 'GET', http_url: http.url, params_as: 'none' }
  await form('POST /tools/new', '/tools/new', filled, 'tool.changed')
  await form('POST /tools/:key/delete', '/tools/made/delete', { typed: 'made' }, 'tool.deleted')
  const text = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'x', version: '1' },
    servers: [{ url: 'https://api.example.com' }],
    paths: { '/pets': { get: { operationId: 'listPets', summary: 'Lists pets.', responses: {} } } },
  })
  await form('POST /tools/import', '/tools/import', { text, do: 'make', op_0: 'on' }, 'tool.changed')
})

test('what is done to MCP servers', async () => {
  const served: ServedMcp = mcpServes([FIND])
  const server = { key: 'crm', url: MCP_URL, tools: [FIND.name] }
  await api('POST /api/v1/mcp-servers', '/mcp-servers', server, 'mcp_server.changed', 'mcp_tools.chosen')
  served.tools = [{ ...FIND, description: 'Finds more.' }]
  await team.call('POST', '/mcp-servers/crm/refresh')
  const accept = { tool: FIND.name }
  await api('POST /api/v1/mcp-servers/:key/accept', '/mcp-servers/crm/accept', accept, 'mcp_tool.accepted')
  served.tools = [{ ...FIND, description: 'Finds the most.' }]
  await owner.send('/mcp-servers/crm/refresh', {})
  const [, digest = ''] = /name="digest" value="(\w+)"/.exec((await owner.open('/mcp-servers/crm')).text) ?? []
  await form('POST /mcp-servers/:key/accept', '/mcp-servers/crm/accept', { ...accept, digest }, 'mcp_tool.accepted')
  await form('POST /mcp-servers/:key/tools', '/mcp-servers/crm/tools', {}, 'mcp_tools.chosen')
  const fields = { url: MCP_URL, headers: 'x-team: acme' }
  await form('POST /mcp-servers/:key', '/mcp-servers/crm', fields, 'mcp_server.changed')
  const put = { url: MCP_URL, tools: [] }
  await api('PUT /api/v1/mcp-servers/:key', '/mcp-servers/crm', put, 'mcp_server.changed', 'mcp_tools.chosen')
  await api('DELETE /api/v1/mcp-servers/:key', '/mcp-servers/crm', undefined, 'mcp_server.deleted')
  const other = { key: 'erp', url: MCP_URL, headers: '' }
  await form('POST /mcp-servers/new', '/mcp-servers/new', other, 'mcp_server.changed', 'mcp_tools.chosen')
  await form('POST /mcp-servers/:key/delete', '/mcp-servers/erp/delete', { typed: 'erp' }, 'mcp_server.deleted')
})

test('what is done to intakes, to what they hold, and to callbacks', async () => {
  const workflow = await aWorkflow(team, { input: undefined })
  const at = `/workflows/${workflow}`
  const webhook = { kind: 'webhook', name: 'Shop', auth: { type: 'standard-webhooks' } }
  const made = await api('POST /api/v1/workflows/:id/intakes', `${at}/intakes`, webhook, 'intake.created')
  expect(made.facts).toMatchObject([{ name: 'Shop', kind: 'webhook' }])
  expect((await rows()).at(-1)!.workflow).toBe(workflow)
  const { id } = made.came.body as { id: string }
  const change = { filter: 'true', limit: { count: 1, seconds: 9 } }
  const changed = await api('PATCH /api/v1/intakes/:id', `/intakes/${id}`, change, 'intake.changed')
  expect(changed.facts).toMatchObject([{ name: 'Shop', changes: 'filter: none → true; limit' }])
  const path = `${at}/intakes/${id}`
  const rolled = await api('POST /api/v1/intakes/:id/rotate', `/intakes/${id}/rotate`, {}, 'intake_secret.rolled')
  expect(JSON.stringify(rolled.facts)).not.toContain(rolled.came.body.secret)
  await form('POST /workflows/:id/intakes/:intake/rotate', `${path}/rotate`, {}, 'intake_secret.rolled')
  const kept = { do: 'keep', filter: 'false', map: '' }
  await form('POST /workflows/:id/intakes/:intake/preview', `${path}/preview`, kept, 'intake.changed')
  const fields = formOf((await owner.open(`${path}/edit`)).text, `${path}/edit`)
  await form('POST /workflows/:id/intakes/:intake/edit', `${path}/edit`, { ...fields, name: 'Store' }, 'intake.changed')
  await form('POST /workflows/:id/intakes/:intake/delete', `${path}/delete`, {}, 'intake.deleted')
  const asForm = {
    kind: 'form',
    name: '',
    title: '',
    thanks: '',
    follow: 'no',
    filter: '',
    map: '',
    count: '',
    seconds: '',
  }
  await form('POST /workflows/:id/intakes', `${at}/intakes`, asForm, 'intake.created')
  const clock = { name: 'Daily', cron: '0 7 * * *', timezone: 'UTC', overlap: 'skip', catchUp: 'none', input: '{}' }
  await form('POST /workflows/:id/intakes/new', `${at}/intakes/new`, clock, 'intake.created')
  const schedules = (await team.call('GET', `${at}/intakes`)).body.items as { id: string; kind: string }[]
  const schedule = schedules.find(({ kind }) => kind === 'schedule')!.id
  await form('POST /intakes/:id/pause', `/intakes/${schedule}/pause`, {}, 'intake.paused')
  await form('POST /intakes/:id/resume', `/intakes/${schedule}/resume`, {}, 'intake.resumed')
  const later = await form(
    'POST /intakes/:id/change',
    `/intakes/${schedule}/change`,
    { ...clock, cron: '0 8 * * *' },
    'intake.changed',
  )
  expect(later.facts).toMatchObject([{ changes: 'cron: 0 7 * * * → 0 8 * * *' }])
  await api('DELETE /api/v1/intakes/:id', `/intakes/${schedule}`, undefined, 'intake.deleted')

  const inbox = await anIntake(team, workflow)
  const send = async () => {
    await team.call('POST', `${at}/pause`)
    const headers = { authorization: `Bearer ${team.key}`, 'content-type': 'application/json' }
    const came = await fetchApi(inbox.path, { method: 'POST', headers, body: JSON.stringify({ n: Math.random() }) })
    expect(came.status).toBe(202)
    await eventually(async () => expect((await team.call('GET', `${at}/held`)).body.total).toBe(1))
  }
  await send()
  await api('POST /api/v1/workflows/:id/held', `${at}/held`, { start: false }, 'held.discarded')
  // Where nothing is held, nothing is discarded.
  await api('POST /api/v1/workflows/:id/held', `${at}/held`, { start: false })
  await send()
  await team.call('POST', `${at}/activate`)
  await form('POST /workflows/:id/held', `${at}/held`, { do: 'start' }, 'held.started')

  const callbacks = `${at}/callbacks`
  await form(
    'POST /workflows/:id/callbacks/secret',
    `${callbacks}/secret`,
    {},
    'callback_secret.made',
    'callback_secret.shown',
  )
  await form('POST /workflows/:id/callbacks/rotate', `${callbacks}/rotate`, {}, 'callback_secret.rolled')
  const rotate = 'POST /api/v1/workflows/:id/callbacks/rotate'
  await api(rotate, `${callbacks}/rotate`, undefined, 'callback_secret.rolled')
  await env.DB.prepare(
    `INSERT INTO callbacks (id, team, workflow, task, type, url, status, attempts, created_at)
     VALUES ('msg_1', ?1, ?2, 'tsk_1', 'task.done', 'https://shop.example/told', 'failed', 1, 1)`,
  )
    .bind(team.id, workflow)
    .run()
  const resend = 'POST /workflows/:id/callbacks/:callback/resend'
  await form(resend, `${callbacks}/msg_1/resend`, {}, 'callback.resent')
  await api('POST /api/v1/callbacks/:id/resend', '/callbacks/msg_1/resend', undefined, 'callback.resent')
})

test('what is offered as knowledge, and what becomes of it', async () => {
  const offered = async (task: string) => {
    const offer = `INSERT INTO offered_answers (team, task, visit, run, key, title, text, at, offered_by, status)
      VALUES (?1, ?2, 1, 1, 'draft_answers', 'Globex', 'Dear Globex.', 1, 'ben@acme.test', 'offered')`
    await env.DB.prepare(offer).bind(team.id, task).run()
    return `/answers/${task}.1.1`
  }
  const [one, other] = [await offered('tsk_one'), await offered('tsk_other')]
  const take = 'POST /answers/:answer/take'
  await form(take, `${one}/take`, { text: 'Dear you.' }, 'knowledge.changed', 'answer.taken')
  await form('POST /answers/:answer/refuse', `${other}/refuse`, {}, 'answer.turned_down')
  for (const settled of [one, other]) expect((await owner.send(`${settled}/take`, { text: 'x' })).status).toBe(404)
})

test('what is shown of tasks to others', async () => {
  const workflow = await aWorkflow(team, { input: undefined })
  const { id } = (await team.call('POST', `/workflows/${workflow}/tasks`, { input: {} })).body
  const at = `/tasks/${id}/shares`
  const chosen = { detail: 'summary', inputs: 'no', days: '1' }
  const [made] = (await form('POST /tasks/:id/shares', at, chosen, 'share.made')).facts
  expect(made).toMatchObject({ task: id, detail: 'summary', inputs: 'no' })
  expect((await rows()).at(-1)!.workflow).toBe(workflow)
  const revoke = 'POST /tasks/:id/shares/:share/revoke'
  await form(revoke, `${at}/${made!.share}/revoke`, {}, 'share.revoked')
  const byApi = await api('POST /api/v1/tasks/:id/shares', at, { shows: 'status', with: ['step'] }, 'share.made')
  expect(byApi.facts).toMatchObject([{ task: id, detail: 'status with step' }])
  const withdrawn = 'DELETE /api/v1/tasks/:id/shares/:share'
  await api(withdrawn, `${at}/${byApi.came.body.id}`, undefined, 'share.revoked')
  await api(withdrawn, `${at}/${byApi.came.body.id}`, undefined)
  const sites = { origins: ['https://intranet.example.com'] }
  const named = await api('PUT /api/v1/embed-origins', '/embed-origins', sites, 'embedding.changed')
  expect(named.facts).toMatchObject([{ from: 'none', to: 'https://intranet.example.com' }])
  await api('PUT /api/v1/embed-origins', '/embed-origins', sites)
  await form('POST /settings/embedding', '/settings/embedding', { origins: '' }, 'embedding.changed')
  // What was taken back is not taken back once more.
  await form(revoke, `${at}/${made!.share}/revoke`, {})
})

test('what is set of how long things are kept, and archives that are deleted', async () => {
  const days = { auditDays: 400, taskDays: 90 }
  const set = await api('PUT /api/v1/retention', '/retention', days, 'retention.changed')
  expect(set.facts).toMatchObject([{ changes: 'auditDays: 365 → 400; taskDays: none → 90' }])
  const less = { auditDays: '365', taskDays: '' }
  await form('POST /settings/data/retention', '/settings/data/retention', less, 'retention.changed')
  await env.DB.prepare(
    "INSERT INTO archives (team, id, kind, status, object, rows, created_at) VALUES (?1, 'arc_x', 'audit', 'done', ?1 || '/archives/x', 3, 5)",
  )
    .bind(team.id)
    .run()
  const gone = 'POST /settings/data/archives/:archive/delete'
  await form(gone, '/settings/data/archives/arc_x/delete', {}, 'archive.deleted')
  expect((await owner.open('/settings/data')).text).not.toContain('arc_x')
})

test('that all data was saved', async () => {
  await api('POST /api/v1/export', '/export', {}, 'team.exported')
  await form('POST /settings/data/export', '/settings/data/export', { after: '' }, 'team.exported')
})

test('what is said of the end of the team', async () => {
  const { body } = await team.call('POST', '/workflows', aDefinition(team))
  const { name } = (await env.DB.prepare('SELECT name FROM organization WHERE id = ?1')
    .bind(team.id)
    .first<{ name: string }>())!
  expect((await owner.send('/settings/data/end', { name: 'another' })).status).toBe(422)
  await form('POST /settings/data/end', '/settings/data/end', { name }, 'team.ending')
  expect((await owner.open('/workflows')).text).toContain('Keep this team')
  const started = await team.call('POST', `/workflows/${body.id}/tasks`, { input: { company: 'A' } })
  expect([started.status, started.body.error.code]).toEqual([410, 'team_ending'])
  await form('POST /settings/data/keep', '/settings/data/keep', {}, 'team.kept')
  expect((await owner.open('/workflows')).text).not.toContain('Keep this team')
  expect((await team.call('POST', `/workflows/${body.id}/tasks`, { input: { company: 'A' } })).status).toBe(201)
})

test('what is deleted of tasks', async () => {
  const workflow = await aWorkflow(team)
  for (const route of ['POST /tasks/:id/delete', 'DELETE /api/v1/tasks/:id']) {
    const { body } = await team.call('POST', `/workflows/${workflow}/tasks`, { input: { company: 'A' }, title: 'T' })
    await team.call('POST', `/tasks/${body.id}/cancel`)
    const { facts } = route.startsWith('POST')
      ? await form(route, `/tasks/${body.id}/delete`, { name: 'T' }, 'task.deleted')
      : await api(route, `/tasks/${body.id}?name=T`, undefined, 'task.deleted')
    expect(facts).toEqual([{ type: 'task.deleted', task: body.id, from: 'kept', to: 'deleted' }])
  }
  for (const route of ['POST /tasks/:id/erase', 'POST /api/v1/tasks/:id/erase']) {
    const { body } = await team.call('POST', `/workflows/${workflow}/tasks`, { input: { company: 'Acme' } })
    await team.call('POST', `/tasks/${body.id}/cancel`)
    const { facts } = route.startsWith('POST /api')
      ? await api(route, `/tasks/${body.id}/erase`, { texts: ['Acme', 'else'] }, 'task.erased')
      : await form(route, `/tasks/${body.id}/erase`, { texts: 'Acme\nelse' }, 'task.erased')
    expect(facts).toEqual([{ type: 'task.erased', task: body.id, from: 'told', to: 'without 2 texts' }])
  }
})

test('what is done to people, keys, secrets, limits and settings', async () => {
  const key = await api('POST /api/v1/keys', '/keys', { name: 'CI', scopes: ['tasks:read'] }, 'key.made')
  const rolled = await api('POST /api/v1/keys/:id/roll', `/keys/${key.came.body.id}/roll`, undefined, 'key.rolled')
  await api('POST /api/v1/keys/:id/revoke', `/keys/${rolled.came.body.id}/revoke`, undefined, 'key.revoked')
  const page = { name: 'Mine', scope: ['tasks:read'], lifetime: 'never' }
  const [made] = (await form('POST /settings/keys', '/settings/keys', page, 'key.made')).facts
  await form('POST /settings/keys/:id/roll', `/settings/keys/${made!.key}/roll`, {}, 'key.rolled')
  await form('POST /settings/keys/:id/revoke', `/settings/keys/${made!.key}/revoke`, { name: 'Mine' }, 'key.revoked')

  const secret = { value: 'canary-of-acts-9911', hosts: ['api.example.com'] }
  const set = await api('PUT /api/v1/secrets/:name', '/secrets/crm', secret, 'secret.set')
  expect(JSON.stringify(set.facts)).not.toContain(secret.value)
  await api('DELETE /api/v1/secrets/:name', '/secrets/crm', undefined, 'secret.deleted')
  const fields = { name: 'erp', value: secret.value, hosts: 'api.example.com', note: '' }
  await form('POST /settings/secrets', '/settings/secrets', fields, 'secret.set')
  await form('POST /settings/secrets/:name/delete', '/settings/secrets/erp/delete', { typed: 'erp' }, 'secret.deleted')

  const limited = await api('PUT /api/v1/limits', '/limits', { waiting: 50 }, 'limits.changed')
  expect(limited.facts).toMatchObject([{ changes: 'waiting decisions: none → 50' }])
  const berlin = { timezone: 'Europe/Berlin' }
  const zoned = await api('PUT /api/v1/settings', '/settings', berlin, 'settings.changed')
  expect(zoned.facts).toMatchObject([{ changes: 'timezone: UTC → Europe/Berlin' }])
  await api('PUT /api/v1/audit/mail', '/audit/mail', { to: 'auditor@example.com' }, 'settings.changed')
  const mailed = await form('POST /audit/proof', '/audit/proof', { to: '' }, 'settings.changed')
  expect(mailed.facts[0]!.changes).toBe('roots are mailed to: auditor@example.com → none')
  const week = { hours: { mon: '09:00-17:00' }, holidays: ['2026-12-25'], remind: { every: '1d' } }
  await api('PUT /api/v1/working-hours', '/working-hours', week, 'hours.changed')
  const hours = formOf((await owner.open('/settings/hours')).text, '/settings/hours')
  expect(hours).toMatchObject({ 'hours.mon': '09:00-17:00', 'hours.tue': '', 'remind.every': '1d' })
  const longer = { ...hours, 'hours.tue': '9:00-12:30', 'remind.every': '2d' }
  const rehoured = await form('POST /settings/hours', '/settings/hours', longer, 'hours.changed')
  expect(rehoured.facts[0]!.changes).toBe('reminded every: 1d → 2d; tue: none → 9:00-12:30')
  const rules = { stuck: { above: 20 }, overdue: { on: false } }
  const warned = await api('PUT /api/v1/alerts/rules', '/alerts/rules', rules, 'alerts.changed')
  expect(warned.facts[0]!.changes).toBe('stuck.above: none → 20; overdue.on: none → false')
  const thresholds = formOf((await owner.open('/settings/alerts')).text, '/settings/alerts')
  expect(thresholds).toMatchObject({ 'stuck.above': '20', 'overdue.on': 'off', 'error_rate.above': '' })
  const milder = { ...thresholds, 'stuck.above': '', 'error_rate.above': '35 %', 'overdue.on': '' }
  const rewarned = await form('POST /settings/alerts', '/settings/alerts', milder, 'alerts.changed')
  expect(rewarned.facts[0]!.changes).toBe(
    'stuck.above: 20 → none; overdue.on: false → none; error_rate.above: none → 0.35',
  )
  await env.DB.prepare(
    `INSERT INTO alerts (team, id, rule, workflow, firing, since, episode, told_fired, told_resolved, value, samples, facts, looked_at)
     VALUES (?1, 'cost_day.team', 'cost_day', '', 1, 1, 1, 1, 0, 3, 9, '{}', 1)`,
  )
    .bind(team.id)
    .run()
  await api('POST /api/v1/alerts/:id/mute', '/alerts/cost_day.team/mute', { hours: 24 }, 'alert.muted')
  await form('POST /alerts/:alert/mute', '/alerts/cost_day.team/mute', { hours: '0' }, 'alert.unmuted')
  const slack = { kind: 'slack', url: `https://hooks.example.com/${secret.value}` }
  const hooked = await api('POST /api/v1/channels', '/channels', slack, 'channel.made')
  expect(hooked.came.text).not.toContain(secret.value)
  const own = `/channels/${hooked.came.body.id}`
  const webhook = await team.call('POST', '/channels', { ...slack, kind: 'webhook' })
  await api('POST /api/v1/channels/:id/rotate', `/channels/${webhook.body.id}/rotate`, undefined, 'channel.rolled')
  await api('DELETE /api/v1/channels/:id', own, undefined, 'channel.deleted')
  const at = '/settings/notifications/channels'
  const hook = { for: 'team', kind: 'webhook', url: `https://hear.example.com/${secret.value}`, 'tells.asked': 'on' }
  const channel = await form(`POST ${at}`, at, hook, 'channel.made')
  expect(JSON.stringify(channel.facts) + channel.came.text).not.toContain(secret.value)
  const named = /channels\/(chn_\w+)\/rotate/.exec(channel.came.text)![1]
  await form(`POST ${at}/:channel/rotate`, `${at}/${named}/rotate`, {}, 'channel.rolled')
  await form(`POST ${at}/:channel/delete`, `${at}/${named}/delete`, {}, 'channel.deleted')
  const limits = formOf((await owner.open('/settings/limits')).text, '/settings/limits')
  const fewer = await form('POST /settings/limits', '/settings/limits', { ...limits, waiting: '40' }, 'limits.changed')
  expect(fewer.facts).toMatchObject([{ changes: 'waiting decisions: 50 → 40' }])
  expect((await owner.open('/audit?type=limits.changed')).text).toContain('waiting decisions: 50 → 40')
  await api('PUT /api/v1/prices/:model', '/prices/house', { input: 3, output: 2 }, 'price.set')
  const priced = await api('PUT /api/v1/prices/:model', '/prices/house', { input: 1, output: 2 }, 'price.set')
  expect(priced.facts).toMatchObject([{ name: 'house', changes: 'input: 3 → 1' }])
  await api('DELETE /api/v1/prices/:model', '/prices/house', undefined, 'price.deleted')
  const price = { model: 'house', input: '1', output: '2', cached: '' }
  await form('POST /settings/prices', '/settings/prices', price, 'price.set')
  await form('POST /settings/prices/delete', '/settings/prices/delete', { model: 'house' }, 'price.deleted')
  await form('POST /settings/prices/usual', '/settings/prices/usual', { usual: 'demo' }, 'settings.changed')

  const invited = { email: `new@${team.id}.test`.replace('_', '-'), role: 'member' }
  await form('POST /settings/people', '/settings/people', invited, 'person.invited')
  const invitation = async () => {
    const sql = "SELECT id FROM invitation WHERE organizationId = ?1 AND status = 'pending'"
    return (await env.DB.prepare(sql).bind(team.id).first<string>('id'))!
  }
  const renew = 'POST /settings/invitations/:id/send'
  await form(renew, `/settings/invitations/${await invitation()}/send`, {}, 'person.invited')
  const withdraw = 'POST /settings/invitations/:id/withdraw'
  await form(withdraw, `/settings/invitations/${await invitation()}/withdraw`, {}, 'invitation.withdrawn')
  const email = await aMember(team.id)
  const sql = 'SELECT m.id FROM member m JOIN user u ON u.id = m.userId WHERE m.organizationId = ?1 AND u.email = ?2'
  const member = await env.DB.prepare(sql).bind(team.id, email).first<string>('id')
  await form(
    'POST /settings/people/:member/role',
    `/settings/people/${member}/role`,
    { role: 'viewer' },
    'role.changed',
  )
  await form('POST /settings/people/:member/remove', `/settings/people/${member}/remove`, {}, 'person.removed')
})

test('what is done to providers, prices, absences, sessions and teams', async () => {
  const acme = { kind: 'openai-chat', baseUrl: 'https://llm.acme.example/v1', models: ['llama-3'] }
  await api('PUT /api/v1/providers/:key', '/providers/acme', acme, 'provider.changed')
  const more = { ...acme, models: ['llama-3', 'llama-4'] }
  const changed = await api('PUT /api/v1/providers/:key', '/providers/acme', more, 'provider.changed')
  expect(changed.facts).toMatchObject([{ name: 'acme', changes: 'models: llama-3 → llama-3, llama-4' }])
  await api('POST /api/v1/providers/:key/try', '/providers/acme/try', {}, 'provider.tried')
  await form('POST /settings/models/:key/try', '/settings/models/acme/try', {}, 'provider.tried')
  await api('DELETE /api/v1/providers/:key', '/providers/acme', undefined, 'provider.deleted')
  const filled = { key: 'corp', kind: 'openai-chat', base_url: acme.baseUrl, secret: '', models: 'llama-3' }
  await form('POST /settings/models', '/settings/models', filled, 'provider.changed')
  await form('POST /settings/models/:key/delete', '/settings/models/corp/delete', { typed: 'corp' }, 'provider.deleted')
  await api('PUT /api/v1/prices/:model', '/prices/llama-3', { input: 1, output: 2 }, 'price.set')
  await api('DELETE /api/v1/prices/:model', '/prices/llama-3', undefined, 'price.deleted')
  await form('POST /settings/prices', '/settings/prices', { model: 'llama-3', input: '1', output: '2' }, 'price.set')
  await form('POST /settings/prices/delete', '/settings/prices/delete', { model: 'llama-3' }, 'price.deleted')

  const email = await aMember(team.id)
  const ben = new Browser()
  await ben.signIn(email)
  // The team that is made is another one: its act lies there.
  expect((await ben.send('/teams/new', { name: 'Another' })).status).toBe(303)
  const made = "SELECT count(*) AS n FROM audit WHERE types = 'team.made' AND task <> ?1 AND actor ->> '$.id' = ?2"
  expect(await env.DB.prepare(made).bind(team.id, email).first<number>('n')).toBe(1)
  const sql = 'SELECT m.id FROM member m JOIN user u ON u.id = m.userId WHERE m.organizationId = ?1 AND u.email = ?2'
  const member = await env.DB.prepare(sql).bind(team.id, email).first<string>('id')
  const away = formOf((await owner.open(`/settings/people/${member}/away`)).text, `/settings/people/${member}/away`)
  const until = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10)
  const dated = Object.fromEntries(
    Object.entries(away).map(([name, value]) => [name, /until/i.test(name) ? until : value]),
  )
  await form(
    'POST /settings/people/:member/away',
    `/settings/people/${member}/away`,
    { ...dated, do: 'set' },
    'absence.set',
  )
  const known = (await team.call('GET', '/absences')).body.items
  expect(known).toMatchObject([{ email, until, backup: null }])
  const absent = `/absences/${encodeURIComponent(email.toUpperCase())}`
  await api('DELETE /api/v1/absences/:email', absent, undefined, 'absence.ended')
  await api('PUT /api/v1/absences/:email', absent, { until }, 'absence.set')
  await form('POST /settings/people/:member/sign-out', `/settings/people/${member}/sign-out`, {}, 'sessions.ended')
})

test('an address has a mark of its own in each team, and what is done to tasks has it, too', async () => {
  const other = await aTeam()
  const elsewhere = new Browser()
  await elsewhere.signIn(other.owner)
  const last = async (task: string) => {
    const sql = "SELECT actor ->> '$.from' AS mark FROM audit WHERE task = ?1 ORDER BY seq DESC LIMIT 1"
    return env.DB.prepare(sql).bind(task).first<string>('mark')
  }
  const markIn = async (browser: Browser, id: string) => {
    await browser.send('/workflows/new', { name: `Marked ${crypto.randomUUID()}`, description: '' })
    return last(id)
  }
  const there = await markIn(elsewhere, other.id)
  const here = await markIn(owner, team.id)
  Object.assign(elsewhere, { ip: owner.ip })
  const moved = await markIn(elsewhere, other.id)
  expect(new Set([there, here, moved]).size).toBe(3)
  expect((await owner.open('/audit?type=workflow.created')).text).toContain(`from ${here}`)

  const workflow = await aWorkflow(team, { input: undefined })
  const at = { 'CF-Connecting-IP': OF_KEYS }
  const { id } = (await team.call('POST', `/workflows/${workflow}/tasks`, { input: {} }, at)).body
  await owner.send(`/tasks/${id}/comment`, { text: 'From the desk.' })
  const { items } = (await team.call('GET', `/tasks/${id}/events`)).body
  const [created] = items
  expect(created).toMatchObject({
    type: 'created',
    actor: { kind: 'key', from: expect.stringMatching(/^[0-9a-f]{16}$/) },
  })
  expect(items.at(-1)).toMatchObject({ type: 'commented', actor: { kind: 'person', from: here } })
  await eventually(async () => expect(await last(id)).toBe(here))
  // A link's holder, too.
  const asked = (await team.call('GET', `/approvals?workflow=${workflow}`)).body.items
  const { pathname } = new URL(Object.values(asked[0].links)[0] as string)
  const seen = formOf((await owner.open(pathname)).text, pathname)
  expect((await owner.send(pathname, { ...seen, handoff: 'approved' })).status).toBe(303)
  const told = (await team.call('GET', `/tasks/${id}/events`)).body.items as { type: string; actor: object }[]
  expect(told.find(({ type }) => type === 'decided')?.actor).toMatchObject({ kind: 'link', from: here })
})

test('every route that changes something was done above, or says why it keeps no act', () => {
  const reads = ['GET', 'HEAD', 'OPTIONS', 'ALL']
  const routes = app.routes.filter(one => !reads.includes(one.method)).map(one => `${one.method} ${one.path}`)
  const told = [...seen, ...Object.keys(NO_ACT)]
  expect([...new Set(routes)].filter(route => !told.includes(route))).toEqual([])
  expect(told.filter(route => !routes.includes(route))).toEqual([])
  expect([...seen].filter(route => route in NO_ACT)).toEqual([])
})

test('the page tells of them in sentences, and finds them by type and by workflow', async () => {
  const { body } = await team.call('POST', '/workflows', aDefinition(team, { name: 'Told' }))
  await team.call('PUT', `/workflows/${body.id}`, aDefinition(team, { name: 'Told' }))
  const page = await owner.open(`/audit?type=workflow.published&workflow=${body.id}`)
  for (const part of ['Workflow published', '“Told”: version 1 → 2', '“Told”: version 1'])
    expect(page.text).toContain(part)
  expect(page.text).not.toContain('<strong>Workflow made')
  const { items } = (await team.call('GET', `/audit?type=workflow.created&workflow=${body.id}`)).body
  expect(items).toHaveLength(1)
})
