/** The form of team keys: what is refused without a look-up. */
import { expect, test } from 'vitest'
import { base62, bearerToken, newToken, readToken, writeToken } from '../../../src/team/keys/keys.ts'

test('a new key reads back as its id, and no two are alike', () => {
  const keys = Array.from({ length: 200 }, newToken)
  for (const { keyId, token } of keys) {
    expect(token).toMatch(/^btn_live_[a-z2-7]{10}_[0-9A-Za-z]{43}_[0-9a-f]{8}$/)
    expect(readToken(token)).toEqual({ keyId })
  }
  expect(new Set(keys.map(key => key.token)).size).toBe(200)
})

test('a key with any one character changed, dropped or doubled is malformed', () => {
  const { token } = writeToken(new Uint8Array(7).fill(7), new Uint8Array(32).fill(42))
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === 'a' ? 'b' : 'a'
    expect(readToken(token.slice(0, at) + other + token.slice(at + 1)), `changed at ${at}`).toBeNull()
    expect(readToken(token.slice(0, at) + token.slice(at + 1)), `dropped at ${at}`).toBeNull()
    expect(readToken(token.slice(0, at) + token[at] + token.slice(at)), `doubled at ${at}`).toBeNull()
  }
  expect(readToken(`${token}\n`)).toBeNull()
  expect(readToken(` ${token}`)).toBeNull()
})

test('base62 always has 43 characters, for the smallest and the largest secret, too', () => {
  expect(base62(new Uint8Array(32))).toBe('0'.repeat(43))
  expect(base62(new Uint8Array(32).fill(255))).toHaveLength(43)
  expect(base62(new Uint8Array(32).fill(255))).not.toBe(base62(new Uint8Array(32).fill(254)))
})

test('the token is read from a Bearer header and from nothing else', () => {
  expect(bearerToken('Bearer abc')).toBe('abc')
  expect(bearerToken('bearer   abc ')).toBe('abc')
  for (const header of [undefined, '', 'Bearer', 'Basic abc', 'Bearer a b', 'abc'])
    expect(bearerToken(header)).toBeNull()
})
