/** A small world for API tests: teams with keys, and a client that speaks as one of them. */
import { env as bindings, exports } from 'cloudflare:workers'
import { vi } from 'vitest'
import { SCOPES, type Scope } from '../../../src/domain/caller.ts'
import type { Env } from '../../../src/env.ts'
import { newId } from '../../../src/records/ids.ts'
import { insertKey, type KeyRow } from '../../../src/records/people/keys.ts'
import { ensureMember, ensureTeam } from '../../../src/records/people/teams.ts'
import { hashToken, newToken } from '../../../src/team/keys/keys.ts'

export const env = bindings as unknown as Env
export const ORIGIN = 'https://baton.test'
const worker = exports as unknown as { default: { fetch(url: string, init?: RequestInit): Promise<Response> } }

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely.
  body: any
  text: string
}

/** One HTTP request to the Worker. */
export async function fetchApi(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await worker.default.fetch(`${ORIGIN}${path}`, { redirect: 'manual', ...init })
  const text = await response.text()
  const json = response.headers.get('content-type')?.match(/\bjson\b/)
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : undefined, text }
}

export interface Team {
  id: string
  owner: string
  key: string
  keyId: string
  /** A request to /api/v1 with the team's key of all scopes. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

let teams = 0

/** A team with an owner and a key of every scope. */
export async function aTeam(): Promise<Team> {
  const slug = `team-${++teams}-${crypto.randomUUID().slice(0, 8)}`
  const at = new Date()
  const { id } = await ensureTeam(env.DB, { id: newId('team'), name: slug, slug, at })
  const owner = `owner@${slug}.test`
  const person = { id: newId('user'), membership: newId('member'), email: owner, name: 'Owner', role: 'owner', at }
  await ensureMember(env.DB, id, person)
  const { key, keyId } = await aKey(id)
  return { id, owner, key, keyId, call: (method, path, body, headers) => callAs(key, method, path, body, headers) }
}

/** A key of the team; every scope unless told otherwise. */
export async function aKey(
  team: string,
  row: Partial<KeyRow> = {},
  scopes: readonly Scope[] = SCOPES,
): Promise<{ key: string; keyId: string }> {
  const { keyId, token } = newToken()
  await insertKey(env.DB, {
    id: keyId,
    team,
    name: `key of ${team}`,
    hash: await hashToken(token),
    last4: token.slice(-4),
    scopes: scopes.join(' '),
    createdAt: Date.now(),
    createdBy: 'test',
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: Date.now(),
    ...row,
  })
  return { key: token, keyId }
}

/** A request to /api/v1 with this key and a JSON body. */
export function callAs(
  key: string | null,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const authorization: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` }
  const init: RequestInit = { method, headers: { ...authorization, ...headers } }
  if (body !== undefined) {
    init.headers = { 'content-type': 'application/json', ...authorization, ...headers }
    init.body = typeof body === 'string' ? body : JSON.stringify(body)
  }
  return fetchApi(`/api/v1${path}`, init)
}

/** A definition with one human step: its tasks wait at once, without a model. */
export function aDefinition(team: Team, over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    baton: 1,
    name: 'Reviews',
    owner: team.owner,
    input: { type: 'object', required: ['company'], properties: { company: { type: 'string' } } },
    steps: [
      {
        key: 'review',
        human: { assign: [team.owner], instructions: 'Look at it.', reason: ['rejected'] },
        handoffs: [
          { when: 'approved', to: 'complete' },
          { when: 'rejected', to: 'again' },
        ],
      },
      { key: 'again', human: { assign: [team.owner] }, handoffs: [{ when: 'done', to: 'complete' }] },
    ],
    ...over,
  }
}

/** A published workflow; answers its id. */
export async function aWorkflow(team: Team, over: Record<string, unknown> = {}): Promise<string> {
  const made = await team.call('POST', '/workflows', aDefinition(team, over))
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id as string
}

/** A task of the workflow; answers its id. */
export async function aTask(team: Team, workflow: string, company = 'Acme'): Promise<string> {
  const started = await team.call('POST', `/workflows/${workflow}/tasks`, { input: { company } })
  if (started.status !== 201) throw new Error(started.text)
  return started.body.id as string
}

/** A webhook intake of the workflow; answers its path. */
export async function anIntake(team: Team, workflow: string): Promise<{ id: string; path: string }> {
  const made = await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'webhook', name: 'In' })
  if (made.status !== 201) throw new Error(made.text)
  return { id: made.body.id, path: new URL(made.body.url).pathname }
}

/**
 * Ends the workflow's pause at the last moment: when a delivery was found to be one to keep, and is not kept yet. Answers
 * whether that moment came.
 */
export function activateAsItIsKept(team: Team, workflow: string): () => boolean {
  const [prepare, batch] = [env.DB.prepare.bind(env.DB), env.DB.batch.bind(env.DB)]
  let state: 'waiting' | 'keeping' | 'activated' = 'waiting'
  vi.spyOn(env.DB, 'prepare').mockImplementation(sql => {
    if (state === 'waiting' && sql.startsWith('INSERT INTO held')) state = 'keeping'
    return prepare(sql)
  })
  vi.spyOn(env.DB, 'batch').mockImplementation(async statements => {
    if (state === 'keeping') {
      state = 'activated'
      await team.call('POST', `/workflows/${workflow}/activate`)
    }
    return (await batch(statements)) as never
  })
  return () => state === 'activated'
}

/** Waits until the check holds, as lists trail a task. */
export function eventually<T>(check: () => Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 8000, interval: 50 })
}
