/** Team keys: how one is written, made and checked. What D1 keeps of it is in records/people/keys.ts. */
import type { KeyFault, TeamKey } from '../../domain/caller.ts'
import { base32, hex, sha256Hex } from '../../records/ids.ts'
import type { StoredKey } from '../../records/people/keys.ts'

/** How long a rolled key still works beside its successor. */
export const ROLL_OVERLAP_MS = 24 * 3_600_000

const FORMAT = /^btn_live_([a-z2-7]{10})_[0-9A-Za-z]{43}_([0-9a-f]{8})$/
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The key's id, read from a token whose form and checksum are right; null otherwise. No look-up is needed to refuse one. */
export function readToken(token: string): { keyId: string } | null {
  const match = FORMAT.exec(token)
  if (!match || crc32(token.slice(0, -9)) !== match[2]) return null
  return { keyId: `key_${match[1]}` }
}

/** Writes a token from 7 bytes or more of id and 32 bytes of secret. */
export function writeToken(idBytes: Uint8Array, secretBytes: Uint8Array): { keyId: string; token: string } {
  const id = base32(idBytes, 10)
  const body = `btn_live_${id}_${base62(secretBytes)}`
  return { keyId: `key_${id}`, token: `${body}_${crc32(body)}` }
}

/** A new token; it is shown once and then only its hash is known. */
export function newToken(): { keyId: string; token: string } {
  return writeToken(crypto.getRandomValues(new Uint8Array(7)), crypto.getRandomValues(new Uint8Array(32)))
}

/** The SHA-256 that is stored in a token's place. */
export function hashToken(token: string): Promise<string> {
  return sha256Hex(token)
}

/** The token of `Authorization: Bearer …`; null when there is none. */
export function bearerToken(header: string | undefined): string | null {
  const match = /^bearer +(\S+) *$/i.exec(header ?? '')
  return match ? match[1]! : null
}

const NO_DIGEST = new Uint8Array(32)

/** Checks a token against what is stored of its key. Only who holds the whole key learns that it is revoked or expired. */
export async function checkToken(
  token: string,
  stored: StoredKey | null,
  now: number,
): Promise<{ ok: true; key: TeamKey } | { ok: false; fault: KeyFault }> {
  const given = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)))
  // An unknown id is compared, too, so that it takes as long as a wrong secret.
  const same = crypto.subtle.timingSafeEqual(given, stored ? fromHex(stored.hash) : NO_DIGEST)
  if (!stored || !same) return { ok: false, fault: 'unknown' }
  if (stored.revokedAt !== null) return { ok: false, fault: 'revoked' }
  if (stored.expiresAt !== null && stored.expiresAt <= now) return { ok: false, fault: 'expired' }
  const { id, team, name } = stored
  return { ok: true, key: { id, team, name, scopes: new Set(stored.scopes.split(' ')) } }
}

/** Whether two secrets are the same, in a time that says nothing about where they differ. */
export async function sameSecret(left: string, right: string): Promise<boolean> {
  const digest = (text: string) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  const [a, b] = await Promise.all([digest(left), digest(right)])
  return crypto.subtle.timingSafeEqual(a, b)
}

/** 32 bytes as 43 base62 characters. */
export function base62(bytes: Uint8Array): string {
  let value = BigInt(`0x${hex(bytes)}`)
  let text = ''
  while (text.length < 43) {
    text = BASE62[Number(value % 62n)] + text
    value /= 62n
  }
  return text
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number.parseInt(text.slice(index * 2, index * 2 + 2), 16))
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

/** CRC-32 (IEEE) of an ASCII text, as eight hex characters: a mistyped key is told from an unknown one. */
function crc32(text: string): string {
  let c = 0xffffffff
  for (let i = 0; i < text.length; i++) c = CRC_TABLE[(c ^ text.charCodeAt(i)) & 255]! ^ (c >>> 8)
  return ((c ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0')
}
