/** What every signature scheme is made of: HMAC over raw bytes, compared in constant time, not older than 300 s. No I/O; the time is passed in. */
import { joinBytes } from '../../domain/bytes.ts'
import type { SignatureFault } from '../../http/errors.ts'

/** A delivery as a signature covers it: the bytes as they came, never a parse of them. */
export interface SignedRequest {
  headers: Headers
  bytes: Uint8Array
  /** In ms since the epoch. */
  now: number
  method?: string
  /** The address as its sender knows it. */
  url?: string
}

/** `id`: the message's own id, where the signature covers one; null: it does not. `message`: what was signed; null: nothing, a token was shown. `key`: the one that it was signed with. */
export type Verified =
  | { ok: true; id: string | null; message: Uint8Array | null; key: CryptoKey }
  | { ok: false; fault: SignatureFault; header: string }

export type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

/** A service's way of signing. */
export interface Scheme {
  /** Unless set, SHA-256. */
  hash?: Hash
  /** The key that stands behind a secret's text; null: this scheme has no such secrets. */
  keyBytes(secret: string): Uint8Array | null
  /** Another key that the same text may stand for, where it does not say which. */
  otherKeyBytes?(secret: string): Uint8Array | null
  newSecret(): string
  /** What is signed and with which signatures, or why that cannot be told. */
  read(request: SignedRequest): Claim | Extract<Verified, { ok: false }>
}

/** What a request claims: that one of these signatures was made over this message. */
export interface Claim {
  message: Uint8Array
  signatures: Uint8Array[]
  header: string
  /** What was sent is no signature, but the secret itself. */
  token?: boolean
  /** The message's own id, if it is a part of what is signed. */
  id?: string
}

/** How far the sender's clock may be off, either way. */
const TOLERANCE_S = 300
/** Signatures looked at in one header; a sender that rotates has two. */
const MAX_SIGNATURES = 8

const encoder = new TextEncoder()

/** Whether one of the secrets made one of the request's signatures. */
export async function verify(scheme: Scheme, request: SignedRequest, keys: CryptoKey[]): Promise<Verified> {
  const claim = scheme.read(request)
  if ('ok' in claim) return claim
  const { message, signatures, header, id = null } = claim
  if (signatures.length === 0) return { ok: false, fault: 'malformed', header }
  let by: CryptoKey | null = null
  for (const key of keys) {
    const expected = await signWith(key, message)
    for (const one of signatures.slice(0, MAX_SIGNATURES)) {
      // Two secrets are compared by what they sign: digests are of one length, and compared in one time.
      const given = claim.token ? await signWith(await importKey(one), message) : one
      if (sameBytes(expected, given)) by = key
    }
  }
  if (by === null) return { ok: false, fault: 'wrong', header }
  return { ok: true, id, message: claim.token ? null : message, key: by }
}

/** The digest of a message under this key. */
export async function signWith(key: CryptoKey, message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, message))
}

/** The secret's key, as Web Crypto signs with it. */
export function importKey(bytes: Uint8Array, hash: Hash = 'SHA-256'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash }, false, ['sign'])
}

export function refuse(fault: SignatureFault, header: string): Extract<Verified, { ok: false }> {
  return { ok: false, fault, header }
}

/** Whether a timestamp in whole seconds is near enough to now; null: it is no timestamp. */
export function isFresh(seconds: string, now: number): boolean | null {
  if (!/^\d{1,12}$/.test(seconds)) return null
  return Math.abs(Math.floor(now / 1000) - Number(seconds)) <= TOLERANCE_S
}

/** A time in seconds, as services write it: whole seconds, milliseconds, or ISO; null: it is none. */
export function timeIn(text: string): number | null {
  if (/^\d{1,11}$/.test(text)) return Number(text)
  if (/^\d{12,14}$/.test(text)) return Math.floor(Number(text) / 1000)
  const ms = /^\d{4}-\d\d-\d\dT[\d:.]{5,20}(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) || ms < 0 ? null : Math.floor(ms / 1000)
}

/** A text before the raw bytes. */
export function prefixed(prefix: string, bytes: Uint8Array): Uint8Array {
  return joinBytes([encoder.encode(prefix), bytes])
}

/** The key of schemes that use a secret's text as it stands. */
export function textKey(secret: string): Uint8Array | null {
  return secret === '' ? null : encoder.encode(secret)
}

/** 32 random bytes as hex. */
export function newTextSecret(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(32)))
}

/** Bytes as lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

export function fromHex(text: string): Uint8Array | null {
  if (text === '' || text.length % 2 === 1 || !/^[\da-f]+$/i.test(text)) return null
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16))
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

/** Reads base64, with or without its padding. */
export function fromBase64(text: string): Uint8Array | null {
  if (!/^[A-Za-z\d+/]+={0,2}$/.test(text)) return null
  try {
    return Uint8Array.from(atob(text), character => character.charCodeAt(0))
  } catch {
    return null
  }
}

/** Takes as long for any two of one length. The length of a digest is no secret. */
function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  let difference = 0
  for (let at = 0; at < left.length; at++) difference |= left[at]! ^ right[at]!
  return difference === 0
}
