/** Signed links: what changes in them is noticed, what is old is told from what is forged. */
import { describe, expect, test } from 'vitest'
import { LINK_LIFETIME_MS, linkEnd, readLink, signLink } from '../../../src/approval/links.ts'

const env = { BATON_SECRET: 'a secret of at least thirty-two bytes, for tests' }
const other = { BATON_SECRET: 'another secret of at least thirty-two bytes' }
const NOW = Date.parse('2026-11-21T10:00:00Z')
const subject = {
  team: 'team_a',
  task: 'tsk_aaaaaaaaaaaaaaaaaaaaaaaaaa',
  visit: 3,
  run: 1,
  digest: 'd'.repeat(64),
  recipient: 'ana@acme.test',
}

const DAY = 24 * 3_600_000

test.each([
  ['72 hours on, where nothing is due', null, 3 * DAY],
  ['72 hours on, where it is due before that', DAY, 3 * DAY],
  ['a day after it is due', 5 * DAY, 6 * DAY],
  ['a week on at the latest', 30 * DAY, 7 * DAY],
])('a link ends %s', (_when, due, end) => {
  expect(linkEnd(NOW, due === null ? null : NOW + due)).toBe(NOW + end)
})

describe('a signed link', () => {
  test('says what it is for, for 72 hours', async () => {
    const token = await signLink(env, subject, NOW)
    const read = await readLink(env, token, NOW + LINK_LIFETIME_MS - 1000)
    expect(read).toEqual({
      ok: true,
      claims: { ...subject, exp: NOW / 1000 + 259_200, jti: expect.stringMatching(/^\w{16}$/) },
    })
    expect(token).toMatch(/^[\w-]+\.[\w-]+$/)
  })

  test('is expired after that, and still says what it was for', async () => {
    const read = await readLink(env, await signLink(env, subject, NOW), NOW + LINK_LIFETIME_MS)
    expect(read).toMatchObject({ ok: false, why: 'expired', claims: subject })
  })

  test('is forged with any one bit of it flipped', async () => {
    const token = await signLink(env, subject, NOW)
    const bytes = new TextEncoder().encode(token)
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Uint8Array.from(bytes)
        changed[at] = changed[at]! ^ (1 << bit)
        const read = await readLink(env, new TextDecoder('latin1').decode(changed), NOW)
        expect(read, `byte ${at}, bit ${bit}`).toEqual({ ok: false, why: 'forged' })
      }
    }
  })

  test('is forged when cut, lengthened, joined from two, or nonsense', async () => {
    const token = await signLink(env, subject, NOW)
    const second = await signLink(env, { ...subject, recipient: 'ben@acme.test' }, NOW)
    const [body] = token.split('.')
    const [, signature] = second.split('.')
    const forgeries = [
      '',
      '.',
      'a.b',
      token.slice(0, -1),
      `${token}A`,
      `${token}.x`,
      `${body}.`,
      `${body}.${signature}`,
      'x'.repeat(9000),
    ]
    for (const forgery of forgeries) expect(await readLink(env, forgery, NOW)).toEqual({ ok: false, why: 'forged' })
  })

  test('verifies by an old secret as long as that is listed, and never signs with it', async () => {
    const token = await signLink(other, subject, NOW)
    expect(await readLink(env, token, NOW)).toEqual({ ok: false, why: 'forged' })
    const both = { ...env, BATON_SECRET_OLD: ` ,${other.BATON_SECRET}` }
    expect((await readLink(both, token, NOW)).ok).toBe(true)
    expect(await readLink(other, await signLink(both, subject, NOW), NOW)).toEqual({ ok: false, why: 'forged' })
  })

  test('is not signed at all with a secret that is too short', async () => {
    await expect(signLink({ BATON_SECRET: 'short' }, subject, NOW)).rejects.toThrow('32 bytes')
  })
})
