/** Team keys: what a 401 says, scopes, rolling with overlap, revoking, and what is kept of a key. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import { app } from '../../../src/app/app.ts'
import { aKey, aTeam, callAs, env, eventually, fetchApi, type Team } from './client.ts'

let team: Team
beforeAll(async () => {
  team = await aTeam()
})

const code = async (key: string | null, path = '/tasks') => {
  const answer = await callAs(key, 'GET', path)
  return answer.status === 200 ? 'ok' : `${answer.status} ${answer.body.error.code}`
}

test('a 401 says what is wrong with the key, anywhere but at /health, before the route exists', async () => {
  const revoked = await aKey(team.id, { revokedAt: Date.now() - 1 })
  const expired = await aKey(team.id, { expiresAt: Date.now() - 1 })
  for (const path of ['/tasks', '/no/such/route', '/openapi.json', '/keys']) {
    expect(await code(null, path)).toBe('401 key_missing')
    expect(await code('btn_live_short', path)).toBe('401 key_malformed')
    expect(await code(`${team.key.slice(0, -1)}${team.key.endsWith('0') ? '1' : '0'}`, path)).toBe('401 key_malformed')
    expect(await code(revoked.key, path)).toBe('401 key_revoked')
    expect(await code(expired.key, path)).toBe('401 key_expired')
  }
  const answer = await callAs(null, 'GET', '/tasks')
  expect(answer.headers.get('www-authenticate')).toContain('Bearer')
  expect(answer.body.error).toMatchObject({
    message: expect.any(String),
    hint: expect.any(String),
    requestId: expect.any(String),
  })
  const health = await fetchApi('/api/v1/health')
  expect([health.status, health.body]).toEqual([
    200,
    { ok: true, checks: { d1: { ok: true, ms: expect.any(Number) } } },
  ])
})

test('who knows a key’s id but not its secret learns nothing of its state', async () => {
  const { newToken, writeToken } = await import('../../../src/team/keys/keys.ts')
  const idBytes = new Uint8Array(7).fill(3)
  const real = writeToken(idBytes, new Uint8Array(32).fill(1))
  const forged = writeToken(idBytes, new Uint8Array(32).fill(2))
  await aKey(team.id, { id: real.keyId, revokedAt: Date.now() })
  expect(forged.keyId).toBe(real.keyId)
  expect(await code(forged.token)).toBe('401 key_unknown')
  expect(await code(newToken().token)).toBe('401 key_unknown')
})

test('a key opens what its scopes name and nothing else', async () => {
  const reader = await aKey(team.id, {}, ['tasks:read'])
  expect(await code(reader.key)).toBe('ok')
  expect(await code(reader.key, '/workflows')).toBe('403 missing_scope')
  expect(await code(reader.key, '/keys')).toBe('403 missing_scope')
  const listed = await callAs(reader.key, 'GET', '/approvals')
  expect(listed.status).toBe(200)
  const decide = await callAs(reader.key, 'POST', '/tasks/tsk_aaaaaaaaaaaaaaaaaaaaaaaaaa/decide', { handoff: 'x' })
  expect([decide.status, decide.body.error.scope]).toEqual([403, 'approve'])
})

test('a key is shown once; only its SHA-256 is kept', async () => {
  const made = await team.call('POST', '/keys', { name: 'CI', scopes: ['tasks:read', 'tasks:read', 'tasks:write'] })
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    name: 'CI',
    scopes: ['tasks:read', 'tasks:write'],
    status: 'active',
    expiresAt: null,
  })
  expect(await code(made.body.key)).toBe('ok')
  const listed = await team.call('GET', '/keys')
  expect(listed.text).not.toContain(made.body.key)
  const { results } = await env.DB.prepare('SELECT * FROM keys').all()
  expect(JSON.stringify(results)).not.toContain(made.body.key.slice(20, 60))
})

test('a rolled key works for a day beside its successor', async () => {
  const made = (await team.call('POST', '/keys', { name: 'Rolls', scopes: ['tasks:read'] })).body
  const rolled = await team.call('POST', `/keys/${made.id}/roll`)
  expect(rolled.status).toBe(201)
  expect(rolled.body).toMatchObject({ name: 'Rolls', scopes: ['tasks:read'], status: 'active' })
  expect([await code(made.key), await code(rolled.body.key)]).toEqual(['ok', 'ok'])
  const old = (await team.call('GET', '/keys')).body.items.find((one: { id: string }) => one.id === made.id)
  const left = Date.parse(old.expiresAt) - Date.now()
  expect(left).toBeGreaterThan(23.9 * 3_600_000)
  expect(left).toBeLessThanOrEqual(24 * 3_600_000)
})

test('a revoked key is refused at once and cannot be rolled', async () => {
  const made = (await team.call('POST', '/keys', { name: 'Leaked', scopes: ['tasks:read'] })).body
  expect(await code(made.key)).toBe('ok')
  const revoked = await team.call('POST', `/keys/${made.id}/revoke`)
  expect(revoked.body).toMatchObject({ status: 'revoked', revokedAt: expect.any(String) })
  expect(await code(made.key)).toBe('401 key_revoked')
  const again = await team.call('POST', `/keys/${made.id}/revoke`)
  expect(again.body.revokedAt).toBe(revoked.body.revokedAt)
  const rolled = await team.call('POST', `/keys/${made.id}/roll`)
  expect([rolled.status, rolled.body.error.code]).toEqual([409, 'key_not_active'])
})

test('an end in the past, no scope or an unknown one is refused', async () => {
  const post = async (body: unknown) => {
    const answer = await team.call('POST', '/keys', body)
    return [answer.status, answer.body.error.path]
  }
  expect(await post({ name: 'x', scopes: ['tasks:read'], expiresAt: '2020-01-01T00:00:00Z' })).toEqual([
    422,
    'expiresAt',
  ])
  expect(await post({ name: 'x', scopes: [] })).toEqual([422, 'scopes'])
  expect(await post({ name: 'x', scopes: ['root'] })).toEqual([422, 'scopes[0]'])
  expect(await post({ name: ' ', scopes: ['tasks:read'] })).toEqual([422, 'name'])
})

test('its last use is noted, once an hour', async () => {
  const { key, keyId } = await aKey(team.id, { lastUsedAt: null })
  const noted = () =>
    env.DB.prepare('SELECT last_used_at FROM keys WHERE id = ?1').bind(keyId).first<number>('last_used_at')
  await code(key)
  const first = await eventually(async () => {
    const at = await noted()
    expect(at).not.toBeNull()
    return at
  })
  await code(key)
  expect(await noted()).toBe(first)
})

test('beyond a key’s or its team’s limit the answer is 429 with Retry-After', async () => {
  for (const [limited, whose] of [
    ['KEY_LIMIT', 'key'],
    ['TEAM_LIMIT', 'team'],
  ] as const) {
    const full = { ...env, [limited]: { limit: async () => ({ success: false }) } }
    const context = createExecutionContext()
    const request = new Request('https://baton.test/api/v1/tasks', { headers: { authorization: `Bearer ${team.key}` } })
    const response = await app.fetch(request, full, context)
    await waitOnExecutionContext(context)
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '10'])
    expect(await response.json()).toMatchObject({
      error: { code: 'too_many_requests', message: expect.stringContaining(whose) },
    })
  }
})
