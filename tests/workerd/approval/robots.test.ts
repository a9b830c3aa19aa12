/** Links in the hands of robots and forgers: nothing is decided, and whatever is changed about a token is noticed. */
import { afterEach, expect, test } from 'vitest'
import { type LinkClaims, readLink, signLink } from '../../../src/approval/links.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { derive, toBase64Url } from '../../../src/team/secret.ts'
import { env, fetchApi } from '../api/client.ts'
import { ANA, aQuestion, hiddenFields, send } from './world.ts'

afterEach(() => scriptModels(null))

// A thousand times against the bundle: tests/smoke. Here each request slows the test runner down for the next.
test('a robot that opens the link again and again and sends the untouched form decides nothing', {
  timeout: 90_000,
}, async () => {
  const { link, stub } = await aQuestion()
  const path = await link()
  const before = (await stub.events(0, 1000))!.length
  const page = await fetchApi(path)
  const ways = ['GET', 'HEAD', 'OPTIONS', 'GET'] as const
  for (let visit = 0; visit < 200; visit += 50) {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => fetchApi(path, { method: ways[n % 4] })))
    for (const answer of answers) expect([200, 204]).toContain(answer.status)
    // The untouched form, as `form.submit()` sends it: no button, so no choice.
    const sent = await send(path, { ...hiddenFields(page.text), note: '' })
    expect([422, 429]).toContain(sent.status)
  }
  expect((await stub.events(0, 1000))!).toHaveLength(before)
  expect(await stub.view()).toMatchObject({ status: 'waiting', visit: 2 })
})

test('a token with a bit flipped anywhere is refused, and never more than that', { timeout: 120_000 }, async () => {
  const { link } = await aQuestion()
  const token = (await link()).slice(3)
  // All bits are tried in tests/node/approval/links.test.ts; here one of every third character takes the whole way.
  const flipped = [...token].map((character, at) => {
    const changed = [0, 1, 2, 3, 4, 5, 6].map(bit =>
      String.fromCharCode(character.charCodeAt(0) ^ (1 << ((bit + at) % 7))),
    )
    // What a browser would not send as a path of ours is another request altogether.
    return token.slice(0, at) + changed.find(one => /[\w-]/.test(one)) + token.slice(at + 1)
  })
  const some = flipped.filter((_, at) => at % 3 === 0 || at >= token.length - 4)
  expect(some.length).toBeGreaterThan(100)
  for (let at = 0; at < some.length; at += 50) {
    const answers = await Promise.all(some.slice(at, at + 50).map(each => fetchApi(`/a/${each}`)))
    expect(answers.filter(answer => answer.status !== 403)).toEqual([])
  }
  const odd = await Promise.all(
    ['%00', '%ff%fe', '%e2%80%ae', '..%2f..', 'a'.repeat(9000), '%'].map(each => fetchApi(`/a/${each}`)),
  )
  for (const answer of odd) expect([400, 403, 404, 414]).toContain(answer.status)
})

test('what was signed for another purpose, by another key, or without one, is forged', async () => {
  const { link, team, task } = await aQuestion()
  const body = (await link()).slice(3).split('.')[0]!
  const sign = async (purpose: Parameters<typeof derive>[1]) => {
    const key = await crypto.subtle.importKey(
      'raw',
      await derive(env.BATON_SECRET, purpose),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    )
    return toBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(body))))
  }
  expect((await fetchApi(`/a/${body}.${await sign('approval-link')}`)).status).toBe(200)
  for (const purpose of ['session', 'local-sign-in', 'key-id'] as const) {
    expect((await fetchApi(`/a/${body}.${await sign(purpose)}`)).status).toBe(403)
  }
  const subject = { team: team.id, task, visit: 2, run: 1, digest: 'd', recipient: ANA } satisfies Partial<LinkClaims>
  const foreign = await signLink({ BATON_SECRET: 'another secret of at least thirty-two bytes' }, subject, Date.now())
  expect((await fetchApi(`/a/${foreign}`)).status).toBe(403)
  expect((await fetchApi(`/a/${body}.`)).status).toBe(403)
  expect((await readLink(env, body, Date.now())).ok).toBe(false)
})
