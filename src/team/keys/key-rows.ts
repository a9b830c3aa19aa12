/** How a key's row comes to be and how it stands, for the page and the API alike. */
import type { KeyRow } from '../../records/people/keys.ts'
import { hashToken, newToken } from './keys.ts'

export type NewKey = Pick<KeyRow, 'name' | 'scopes' | 'expiresAt'>

/** A new key's row, and the key itself, which is shown once and kept nowhere. */
export async function newKeyRow(
  by: { team: string; createdBy: string },
  key: NewKey,
  now: number,
): Promise<{ row: KeyRow; token: string }> {
  const { keyId: id, token } = newToken()
  const { name, scopes, expiresAt } = key
  const made = { hash: await hashToken(token), last4: token.slice(-4), createdAt: now, ...by }
  return { row: { id, name, scopes, expiresAt, ...made, revokedAt: null, lastUsedAt: null }, token }
}

/** What a rolled key's successor is like: one that was given an end lives as long as the first did. */
export function successorOf(old: KeyRow, now: number): NewKey {
  const expiresAt = old.expiresAt === null ? null : now + (old.expiresAt - old.createdAt)
  return { name: old.name, scopes: old.scopes, expiresAt }
}

export function keyStatus(row: KeyRow, now: number): 'active' | 'expired' | 'revoked' {
  if (row.revokedAt !== null) return 'revoked'
  return row.expiresAt !== null && row.expiresAt <= now ? 'expired' : 'active'
}
