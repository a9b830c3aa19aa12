/** The app under Node with two teams that have one of everything, and how each of its routes is asked for: to see who gets in where. */
import { timingSafeEqual } from 'node:crypto'
import { serializeSigned } from 'hono/utils/cookie'
import { app } from '../../src/app/app.ts'
import { SCOPES, type Scope } from '../../src/domain/caller.ts'
import type { Env } from '../../src/env.ts'
import { keepFile, reserveObject } from '../../src/records/file/files.ts'
import { newId, newTaskId } from '../../src/records/ids.ts'
import { insertKey } from '../../src/records/people/keys.ts'
import { ensureMember, ensureTeam } from '../../src/records/people/teams.ts'
import { hashToken, newToken } from '../../src/team/keys/keys.ts'
import { sessionSecrets } from '../../src/team/sign-in/auth.ts'
import { sqliteD1 } from './d1.ts'

// workerd's own; it throws on unequal lengths, as this one does.
Object.assign(crypto.subtle, {
  timingSafeEqual: (a: Uint8Array, b: Uint8Array) => timingSafeEqual(new Uint8Array(a), new Uint8Array(b)),
})

const ORIGIN = 'https://baton.test'
const open = { limit: async () => ({ success: true }) }
/** Names of the objects that were reached. */
export const reached = new Set<string>()
const objects = {
  getByName: (name: string) => {
    reached.add(name)
    // What no task of another name answers; what is not there says so by null.
    return new Proxy(
      {},
      {
        get: (_, verb) => async () =>
          verb === 'command' || verb === 'create' ? { ok: false, refusal: { kind: 'unknown_task' } } : null,
      },
    )
  },
}
const lane = { send: async () => {} }

export const env = {
  DB: sqliteD1(),
  ...{ TASKS: objects, BOARDS: objects, GATES: objects, STEPS_0: lane, STEPS_1: lane, STEPS_2: lane, STEPS_3: lane },
  ...{ KEY_LIMIT: open, TEAM_LIMIT: open, SIGN_IN_LIMIT: open, FORM_LIMIT: open },
  BATON_SECRET: 'test-secret-0123456789abcdef-test-secret-0123456789abcdef-000000',
  BATON_URL: ORIGIN,
  BATON_LOCAL: '1',
} as unknown as Env

export interface Seen {
  status: number
  location: string | null
  text: string
}

/** One request to the app; forms come from a page of ours. */
export async function ask(
  route: string,
  path: string,
  who: Record<string, string>,
  given?: Record<string, unknown>,
  by: Env = env,
): Promise<Seen> {
  const [method = 'GET'] = route.split(' ')
  const isApi = path.startsWith('/api/')
  const type = isApi ? 'application/json' : 'application/x-www-form-urlencoded'
  const body = isApi ? JSON.stringify(given ?? {}) : new URLSearchParams(given as Record<string, string>).toString()
  const sends = method !== 'GET' && method !== 'HEAD'
  const headers = { 'Sec-Fetch-Site': 'same-origin', ...(sends && { 'content-type': type }), ...who }
  const waiting: Promise<unknown>[] = []
  const context = {
    waitUntil: (work: Promise<unknown>) => waiting.push(work),
    passThroughOnException: () => {},
    props: {},
  }
  const response = await app.request(ORIGIN + path, { method, headers, ...(sends && { body }) }, by, context as never)
  await Promise.allSettled(waiting)
  return { status: response.status, location: response.headers.get('Location'), text: await response.text() }
}

/** A person of the team. */
export async function aPerson(
  team: string,
  role: string,
  name = `A ${role}`,
): Promise<{ email: string; member: string }> {
  const [email, member] = [`${role}-${crypto.randomUUID().slice(0, 8)}@people.test`, newId('member')]
  await ensureMember(env.DB, team, { id: newId('user'), membership: member, email, name, role, at: new Date() })
  return { email, member }
}

/** The cookie of a session of this person, which began and ends at these times. */
export async function session(
  email: string,
  { began = Date.now(), until = Date.now() + 3_600_000 } = {},
  by: Env = env,
): Promise<Record<string, string>> {
  const token = crypto.randomUUID()
  const [at, end] = [began, until].map(ms => new Date(ms).toISOString())
  await env.DB.prepare(
    'INSERT INTO session (id, token, userId, expiresAt, createdAt, updatedAt) SELECT ?1, ?1, id, ?3, ?2, ?2 FROM user WHERE email = ?4',
  )
    .bind(token, at!, end!, email)
    .run()
  const [secret] = await sessionSecrets(by)
  const signed = await serializeSigned('__Secure-baton.session_token', token, secret!, { secure: true, path: '/' })
  return { cookie: signed.split(';')[0]! }
}

export async function aKey(
  team: string,
  over: { revokedAt?: number; expiresAt?: number } = {},
  scopes: readonly Scope[] = SCOPES,
  name = 'key',
) {
  const { keyId, token } = newToken()
  const row = { id: keyId, team, name, hash: await hashToken(token), last4: token.slice(-4), scopes: scopes.join(' ') }
  await insertKey(env.DB, {
    ...row,
    createdAt: 1,
    createdBy: 'test',
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: Date.now(),
    ...over,
  })
  return { keyId, bearer: { authorization: `Bearer ${token}` } }
}

export interface World {
  team: string
  owner: string
  key: Record<string, string>
  /** What stands for each parameter of a route, by the word before it. */
  places: Record<string, string>
}

/** A team that has one of everything, with its mark in all that can say something. */
export async function aWorld(mark: string): Promise<World> {
  const { id: team } = await ensureTeam(env.DB, { id: newId('team'), name: mark, slug: mark, at: new Date() })
  const owner = (await aPerson(team, 'owner', mark)).email
  const { keyId, bearer: key } = await aKey(team, {}, SCOPES, mark)
  const cookie = await session(owner)
  const api = async (method: string, path: string, body: Record<string, unknown>) => {
    const answer = await ask(method, `/api/v1${path}`, key, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`)
    return answer.text === '' ? {} : JSON.parse(answer.text)
  }
  const steps = [
    { key: 'review', human: { assign: [owner], instructions: mark }, handoffs: [{ when: 'done', to: 'complete' }] },
  ]
  const { id: workflow } = await api('POST', '/workflows', { baton: 1, name: mark, description: mark, owner, steps })
  const own = (kind: string) => `${kind}_${mark.replaceAll('-', '_')}`
  const named = { agent: own('a'), skill: own('s'), tool: own('t'), secret: own('k') }
  await api('POST', '/agents', { key: named.agent, name: mark, description: mark })
  await api('POST', '/skills', { key: named.skill, text: mark })
  await api('POST', '/knowledge', { key: named.skill, name: mark, text: mark })
  const http = { url: 'https://api.example.com/' }
  await api('POST', '/tools', { key: named.tool, description: mark, parameters: { type: 'object' }, http })
  await api('PUT', `/secrets/${named.secret}`, {
    value: `${mark} is long enough`,
    hosts: ['api.example.com'],
    note: mark,
  })
  const { id: intake } = await api('POST', `/workflows/${workflow}/intakes`, { kind: 'webhook', name: mark })
  const { id: schedule } = await api('POST', `/workflows/${workflow}/intakes`, {
    kind: 'schedule',
    name: mark,
    cron: '0 0 1 1 *',
  })
  const task = newTaskId()
  await rows(team, workflow, task, mark)
  const file = await aFile(team, task, mark)
  // Sealed with nothing that opens: no probe gets out.
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO channels (team, id, person, kind, host, tells, sealed, version, created_at, created_by)
         VALUES (?1, ?2, NULL, 'webhook', ?2, 'asked', '{"version":1,"iv":"AAAA","data":"AAAA"}', 1, 1, 'test')`,
    ).bind(team, own('chn')),
    env.DB.prepare(
      `INSERT INTO alerts (team, id, rule, workflow, firing, since, episode, told_fired, told_resolved, value, samples, facts, looked_at)
         VALUES (?1, ?2, 'stuck', ?3, 1, 1, 1, 1, 0, 12, 1, ?4, 1)`,
    ).bind(team, own('alr'), workflow, JSON.stringify({ name: mark, n: 12 })),
    env.DB.prepare(
      `INSERT INTO shares (team, task, id, detail, inputs, created_at, created_by, expires_at)
         VALUES (?1, ?2, ?3, 'full', 1, 1, ?3, 4000000000000)`,
    ).bind(team, task, own('shr')),
    env.DB.prepare(
      `INSERT INTO archives (team, id, kind, status, object, rows, created_at) VALUES (?1, ?2, 'audit', 'done', ?2, 1, 1)`,
    ).bind(team, own('arc')),
    env.DB.prepare(
      `INSERT INTO messages (id, team, kind, subject, text, path, status, attempts, created_at, tried_since)
         VALUES (?2, ?1, 'asked', ?2, ?2, '/', 'failed', 1, 1, 1)`,
    ).bind(team, own('msg')),
  ])
  const { member, email } = await aPerson(team, 'member', mark)
  const sent = await ask('POST', '/settings/people', cookie, { email: `${mark}@invited.test`, role: 'member' })
  if (sent.status !== 303) throw new Error(sent.text)
  const invitation = await env.DB.prepare('SELECT id FROM invitation WHERE organizationId = ?1')
    .bind(team)
    .first<string>('id')
  await session(email)
  const places = {
    ...{ 'workflows/:id': workflow, 'tasks/:id': task, 'approvals/:task': task, 'steps/:step': 'review' },
    ...{
      'intakes/:intake': intake,
      'intakes/:id': schedule,
      'deliveries/:delivery': `dlv_${task}`,
      'deliveries/:id': `dlv_${task}`,
    },
    ...{
      'callbacks/:callback': `msg_${task}`,
      'callbacks/:id': `msg_${task}`,
      'agents/:key': named.agent,
      'skills/:key': named.skill,
      'knowledge/:key': named.skill,
    },
    ...{ 'tools/:key': named.tool, 'mcp-servers/:key': own('m'), 'keys/:id': keyId, 'secrets/:name': named.secret },
    ...{ 'people/:member': member, 'invitations/:id': invitation!, 'templates/:slug': workflow },
    ...{
      'channels/:channel': own('chn'),
      'channels/:id': own('chn'),
      'alerts/:alert': own('alr'),
      'alerts/:id': own('alr'),
      'messages/:id': own('msg'),
      'messages/:message': own('msg'),
    },
    'files/:id': file,
    'shares/:share': own('shr'),
    'answers/:answer': `${task}.1.1`,
    'archives/:archive': own('arc'),
    'archives/:id': own('arc'),
    'sessions/:id': own('session'),
    'prices/:model': own('p'),
    'absences/:email': email,
    ...{ 'models/:key': own('p'), 'providers/:key': own('p') },
    ...{ ':id/:command': 'cancel', 'versions/:version': '1' },
  }
  return { team, owner, key, places }
}

/** A file of the task, as an upload leaves it. */
async function aFile(team: string, task: string, mark: string): Promise<string> {
  const [id, object] = [newId('fil'), `${team}/${mark}`]
  const sha256 = 'a'.repeat(64)
  await reserveObject(env.DB, { key: object, team, at: 1, until: 9e15 })
  const row = { team, id, task, object, name: mark, type: 'text/plain', declared: null, bytes: 1, sha256, at: 1 }
  await keepFile(env.DB, { ...row, source: 'api', actor: '{"kind":"system"}', until: null })
  return id
}

/** What a flush would have written of a task, and of a delivery that came to nothing. */
async function rows(team: string, workflow: string, task: string, mark: string): Promise<void> {
  const card = JSON.stringify({ asks: [], title: mark, enteredAt: 1 })
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO tasks (id, team, workflow, version, title, status, step, visit, over, seq, created_at, updated_at, card)
         VALUES (?1, ?2, ?3, 1, ?4, 'waiting', 'review', 1, 0, 1, 1, 1, ?5)`,
    ).bind(task, team, workflow, mark, card),
    env.DB.prepare(
      `INSERT INTO audit (task, seq, team, workflow, at, types, actor, step, facts, digest)
         VALUES (?1, 1, ?2, ?3, 1, 'created', ?4, 'review', ?5, '')`,
    ).bind(
      task,
      team,
      workflow,
      JSON.stringify({ kind: 'person', id: mark, name: mark }),
      JSON.stringify([{ type: 'created', title: mark }]),
    ),
  ])
}

/** The address of a route in this world. A parameter that nothing stands for yet is an error: a new route needs its probe. */
export function addressOf(route: string, { places }: Pick<World, 'places'>): string {
  const path = route.slice(route.indexOf(' ') + 1).replaceAll(/\{[^}]*\}/g, '')
  const parts = path.split('/')
  const filled = parts.map((part, at) => {
    if (!part.startsWith(':')) return part
    const place = places[`${parts[at - 1]}/${part}`]
    if (place === undefined)
      throw new Error(`${route}: say in tests/support/doors.ts what stands for ${parts[at - 1]}/${part}`)
    return place
  })
  return filled.join('/')
}

/** Every table whose rows belong to a team, as the database knows them: none is forgotten. */
export async function holdings(team: string): Promise<string> {
  const { results } = await env.DB.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all<{
    name: string
    sql: string
  }>()
  const kept: unknown[] = []
  for (const { name, sql } of results) {
    const column = /\bteam TEXT\b/.test(sql) ? 'team' : /\borganizationId TEXT\b/.test(sql) ? 'organizationId' : null
    if (column !== null)
      kept.push((await env.DB.prepare(`SELECT * FROM ${name} WHERE ${column} = ?1`).bind(team).all()).results)
  }
  return JSON.stringify(kept)
}
