/** `/in/:intake`: who is let in, what is refused, what a repeat gets, and that a pause loses nothing. */
import { beforeAll, expect, test, vi } from 'vitest'
import {
  activateAsItIsKept,
  aDefinition,
  aKey,
  anIntake,
  aTeam,
  aWorkflow,
  env,
  fetchApi,
  type Team,
} from './client.ts'

let team: Team
let workflow: string
let path: string
beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team)
  path = (await anIntake(team, workflow)).path
})

const send = (to: string, body: unknown, headers: Record<string, string> = {}, key = team.key) =>
  fetchApi(to, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const input = { company: 'Globex' }

test('an intake is made, read, renamed and closed', async () => {
  const made = await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'webhook', name: 'Shop' })
  expect(made.status).toBe(201)
  const { id } = made.body
  expect(made.body).toMatchObject({
    url: `https://baton.test/in/${id}`,
    kind: 'webhook',
    auth: { type: 'key' },
    workflow,
  })
  expect((await team.call('PATCH', `/intakes/${id}`, { name: 'Web shop' })).body.name).toBe('Web shop')
  expect((await team.call('GET', `/intakes/${id}`)).body.name).toBe('Web shop')
  const listed = (await team.call('GET', `/workflows/${workflow}/intakes`)).body.items
  expect(listed.map((one: { id: string }) => one.id)).toContain(id)
  expect((await team.call('DELETE', `/intakes/${id}`)).status).toBe(204)
  expect((await team.call('GET', `/intakes/${id}`)).status).toBe(404)
  expect((await send(`/in/${id}`, input)).status).toBe(404)
})

test('a kind or a key that there is not is refused with its place', async () => {
  const strange = await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'pigeon' })
  expect([strange.status, strange.body.error.path]).toEqual([422, 'kind'])
  expect(strange.body.error.message).toContain('webhook, schedule, email, form')
  const unknown = await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'webhook', colour: 'red' })
  expect([unknown.status, unknown.body.error.path]).toEqual([422, 'colour'])
})

test('a delivery is answered 202 with its task, whose body is its input', async () => {
  const sent = await send(path, input)
  expect(sent.status).toBe(202)
  const { id } = sent.body.task
  expect(sent.body).toEqual({ task: { id, url: `https://baton.test/tasks/${id}` }, duplicate: false })
  expect((await team.call('GET', `/tasks/${id}`)).body).toMatchObject({ input, status: 'waiting', workflow })
})

test('the same key and body is the same task however often and at once; another body is refused', async () => {
  const headers = { 'idempotency-key': 'delivery-1' }
  const all = await Promise.all(Array.from({ length: 8 }, () => send(path, input, headers)))
  expect(new Set(all.map(one => one.status))).toEqual(new Set([202]))
  expect(new Set(all.map(one => one.body.task.id)).size).toBe(1)
  expect(all.filter(one => !one.body.duplicate)).toHaveLength(1)
  const other = await send(path, { company: 'Other' }, headers)
  expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_mismatch'])
  const elsewhere = await send((await anIntake(team, workflow)).path, input, headers)
  expect(elsewhere.body.task.id).not.toBe(all[0]!.body.task.id)
})

test('who brings no key, a bad one or another team’s is told so; a key without the scope is refused', async () => {
  const stranger = await aTeam()
  const reader = await aKey(team.id, {}, ['tasks:read'])
  const revoked = await aKey(team.id, { revokedAt: Date.now() - 1 })
  const expired = await aKey(team.id, { expiresAt: Date.now() - 1 })
  const code = async (headers: Record<string, string>) => {
    const answer = await fetchApi(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"company":"x"}',
    })
    return `${answer.status} ${answer.body.error.code}`
  }
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
  expect(await code({})).toBe('401 key_missing')
  expect(await code(bearer('nonsense'))).toBe('401 key_malformed')
  expect(await code(bearer(stranger.key))).toBe('401 key_wrong_team')
  expect(await code(bearer(revoked.key))).toBe('401 key_revoked')
  expect(await code(bearer(expired.key))).toBe('401 key_expired')
  expect(await code(bearer(reader.key))).toBe('403 missing_scope')
})

test('an unknown intake answers 404 with or without a key', async () => {
  for (const to of ['/in/int_aaaaaaaaaaaaaaaaaaaa', '/in/nonsense', '/in/..%2f..%2fetc']) {
    const answer = await send(to, input)
    expect([answer.status, answer.body.error.code], to).toEqual([404, 'not_found'])
  }
  expect((await fetchApi('/in/int_aaaaaaaaaaaaaaaaaaaa', { method: 'POST', body: '{}' })).status).toBe(404)
})

test('what does not fit the input schema is 422 with its path; too large an input, too', async () => {
  const wrong = await send(path, { company: 7 })
  expect([wrong.status, wrong.body.error.code, wrong.body.error.path]).toEqual([422, 'invalid_input', 'company'])
  const missing = await send(path, {})
  expect([missing.status, missing.body.error.code]).toEqual([422, 'invalid_input'])
  const large = await send(path, { company: 'x'.repeat(300_000) })
  expect([large.status, large.body.error.code]).toEqual([422, 'input_too_large'])
  const larger = await send(path, { company: 'x'.repeat(1_100_000) })
  expect([larger.status, larger.body.error.code]).toEqual([413, 'body_too_large'])
})

test('while the workflow is paused deliveries are kept; activating says how many, and they start or go as told', async () => {
  const id = await aWorkflow(team)
  const intake = (await anIntake(team, id)).path
  await team.call('POST', `/workflows/${id}/pause`)
  const kept = await send(intake, input, { 'idempotency-key': 'a' })
  expect([kept.status, kept.body]).toEqual([202, { held: true, duplicate: false }])
  expect((await send(intake, input, { 'idempotency-key': 'a' })).body).toEqual({ held: true, duplicate: true })
  expect((await send(intake, { company: 'Z' }, { 'idempotency-key': 'a' })).body.error.code).toBe(
    'idempotency_mismatch',
  )
  expect((await send(intake, { company: 7 })).status).toBe(422)
  await send(intake, { company: 'Second' })
  const held = await team.call('GET', `/workflows/${id}/held`)
  expect(held.body.total).toBe(2)
  expect(held.body.items[0].input).toEqual(input)
  expect((await team.call('POST', `/workflows/${id}/held`, { start: true })).body.error.code).toBe('workflow_paused')
  const deleted = await team.call('DELETE', `/workflows/${id}`)
  expect([deleted.status, deleted.body.error.code]).toEqual([409, 'deliveries_held'])
  expect((await team.call('POST', `/workflows/${id}/activate`)).body).toEqual({ id, status: 'active', held: 2 })
  const started = await team.call('POST', `/workflows/${id}/held`, { start: true })
  expect(started.body).toEqual({ started: 2, discarded: 0, refused: [], remaining: 0 })
  const task = held.body.items[0].task
  expect((await team.call('GET', `/tasks/${task}`)).body).toMatchObject({ status: 'waiting', input })
  const fresh = (await anIntake(team, id)).path
  const late = await send(fresh, input)
  expect(late.body.duplicate).toBe(false)
})

test('a delivery that comes as the pause ends is never answered and kept nowhere: its task starts', async () => {
  const id = await aWorkflow(team)
  const intake = (await anIntake(team, id)).path
  await team.call('POST', `/workflows/${id}/pause`)
  const wasEnded = activateAsItIsKept(team, id)
  const sent = await send(intake, input, { 'idempotency-key': 'late' })
  vi.restoreAllMocks()
  expect(wasEnded()).toBe(true)
  expect([sent.status, sent.body]).toMatchObject([202, { task: { id: expect.any(String) }, duplicate: false }])
  expect((await team.call('GET', `/tasks/${sent.body.task.id}`)).body).toMatchObject({ status: 'waiting', input })
  expect((await team.call('GET', `/workflows/${id}/held`)).body.total).toBe(0)
})

test('a delivery that a stale cache would hold after the activation starts at once instead', async () => {
  const id = await aWorkflow(team)
  const intake = (await anIntake(team, id)).path
  await team.call('POST', `/workflows/${id}/pause`)
  expect((await send(intake, input)).body.held).toBe(true)
  await team.call('POST', `/workflows/${id}/activate`)
  const next = await send(intake, input, { 'idempotency-key': 'now' })
  expect(next.body).toMatchObject({ task: { id: expect.any(String) }, duplicate: false })
  const discarded = await team.call('POST', `/workflows/${id}/held`, { start: false })
  expect(discarded.body).toEqual({ started: 0, discarded: 1, refused: [], remaining: 0 })
})

test('what was held and no longer fits the live version stays held and is named', async () => {
  const id = await aWorkflow(team)
  const intake = (await anIntake(team, id)).path
  await team.call('POST', `/workflows/${id}/pause`)
  await send(intake, input)
  await team.call('PUT', `/workflows/${id}`, aDefinition(team, { input: { type: 'object', required: ['email'] } }))
  await team.call('POST', `/workflows/${id}/activate`)
  const started = await team.call('POST', `/workflows/${id}/held`, { start: true })
  expect(started.body).toMatchObject({
    started: 0,
    remaining: 1,
    refused: [{ reason: expect.stringContaining('email') }],
  })
  const rows = await env.DB.prepare('SELECT count(*) AS n FROM held WHERE workflow = ?1').bind(id).first<number>('n')
  expect(rows).toBe(1)
})
