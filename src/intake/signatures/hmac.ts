/** Any service that signs with HMAC, said in a small grammar: where signature, time and id stand, what is signed and how; or a token that is sent as it is. */
import { joinBytes } from '../../domain/bytes.ts'
import type { HmacSettings } from '../../records/schema/intake-config.ts'
import {
  fromBase64,
  fromHex,
  isFresh,
  newTextSecret,
  refuse,
  type Scheme,
  type SignedRequest,
  textKey,
  timeIn,
} from './signature.ts'

/** What a signed text may be made of. */
const PLACES = ['body', 'timestamp', 'id', 'method', 'url', 'form'] as const
type Place = (typeof PLACES)[number]

const encoder = new TextEncoder()
const HASHES = { sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' } as const
const DECODE = { hex: fromHex, base64: fromBase64, text: textKey }

/** The scheme that these settings describe. */
export function hmacScheme(settings: HmacSettings): Scheme {
  const { header, algorithm, encoding, prefix = '', field, timestampHeader, timestampField, idHeader, key } = settings
  const signed = piecesOf(settings)

  return {
    hash: algorithm === 'token' ? undefined : HASHES[algorithm],
    keyBytes: key === 'base64' ? fromBase64 : key === 'hex' ? fromHex : textKey,
    newSecret: key === 'base64' ? newBase64Secret : newTextSecret,

    read(request) {
      const { headers, now } = request
      const given = headers.get(header)
      if (given === null) return refuse('missing', header)
      const named = fieldsOf(given)
      // A prefix may hold a blank itself, such as `HMAC-SHA256 `.
      const between = prefix.includes(' ') ? /\s*,\s*/ : /[ ,]+/
      const texts =
        field === undefined ? (algorithm === 'token' ? [given] : given.split(between)) : (named.get(field) ?? [])
      const signatures = texts.flatMap(text => {
        const signature = startsWith(text, prefix, header) ? DECODE[encoding](text.slice(prefix.length)) : null
        return signature ? [signature] : []
      })
      if (algorithm === 'token') return { token: true, message: encoder.encode('token'), signatures, header }
      const at = timestampHeader ?? header
      const timestamp = timestampHeader ? headers.get(timestampHeader) : (named.get(timestampField ?? '')?.[0] ?? null)
      if (timestampHeader !== undefined || timestampField !== undefined) {
        if (timestamp === null) return refuse('missing', at)
        const seconds = timeIn(timestamp)
        if (seconds === null) return refuse('malformed', at)
        if (!isFresh(String(seconds), now)) return refuse('stale', at)
      }
      const id = idHeader === undefined ? null : headers.get(idHeader)
      if (idHeader !== undefined && id === null) return refuse('missing', idHeader)
      const values = { timestamp: timestamp ?? '', id: id ?? '' }
      const message = joinBytes(signed.map(piece => bytesOf(piece, request, values)))
      return { message, signatures, header, id: id ?? undefined }
    },
  }
}

/** The name of a way to authorise, such as `Basic`, may be written in any case (RFC 9110). */
function startsWith(text: string, prefix: string, header: string): boolean {
  if (header === 'authorization') return text.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase()
  return text.startsWith(prefix)
}

/** The headers that hold the secret itself. */
export function secretHeaders({ algorithm, header, secretHeader }: HmacSettings): string[] {
  return [...(algorithm === 'token' ? [header] : []), ...(secretHeader === undefined ? [] : [secretHeader])]
}

/** What these settings sign, unless they say it themselves: the body, after its time if it has one. */
export function signedText({ signed, timestampHeader, timestampField }: HmacSettings): string {
  return signed ?? ((timestampHeader ?? timestampField) ? '{timestamp}.{body}' : '{body}')
}

/** What is wrong with settings taken together: nothing may be used that is not signed. */
export function wrongHmac(settings: HmacSettings): { path: string; message: string } | null {
  const { algorithm, timestampHeader, timestampField, idHeader, encoding, secretHeader, key = 'text' } = settings
  if (algorithm === 'token' && encoding === 'text' && key !== 'text')
    return { path: 'key', message: 'must be text where the token is sent as text: a header holds no bytes' }
  if (algorithm === 'token')
    return secretHeader === undefined ? null : { path: 'secretHeader', message: 'is for signatures; a token is given' }
  if (encoding === 'text') return { path: 'encoding', message: 'text is for algorithm token alone' }
  const signed = signedText(settings)
  const stranger = [...signed.matchAll(/\{([^}]*)\}/g)].find(([, name]) => !PLACES.includes(name as Place))
  if (stranger)
    return { path: 'signed', message: `${stranger[0]} is none of ${PLACES.map(one => `{${one}}`).join(', ')}` }
  if (!/\{(?:body|form)\}/.test(signed)) return { path: 'signed', message: 'must hold {body}' }
  const pairs: [string, boolean, string][] = [
    ['{timestamp}', (timestampHeader ?? timestampField) !== undefined, 'timestampHeader'],
    ['{id}', idHeader !== undefined, 'idHeader'],
  ]
  for (const [place, isGiven, path] of pairs) {
    if (signed.includes(place) && !isGiven) return { path, message: `is needed, as ${place} is signed` }
    if (!signed.includes(place) && isGiven)
      return { path: 'signed', message: `must hold ${place}: what is used must be signed` }
  }
  return null
}

type Piece = { text: string } | { place: Place }

function piecesOf(settings: HmacSettings): Piece[] {
  return signedText(settings)
    .split(/(\{\w+\})/)
    .filter(part => part !== '')
    .map(part => (/^\{\w+\}$/.test(part) ? { place: part.slice(1, -1) as Place } : { text: part }))
}

function bytesOf(
  piece: Piece,
  { bytes, method, url }: SignedRequest,
  values: { timestamp: string; id: string },
): Uint8Array {
  if ('text' in piece) return encoder.encode(piece.text)
  switch (piece.place) {
    case 'body':
      return bytes
    case 'form':
      return encoder.encode(formText(bytes))
    case 'method':
      return encoder.encode(method ?? 'POST')
    case 'url':
      return encoder.encode(url ?? '')
    default:
      return encoder.encode(values[piece.place])
  }
}

/** A form's names and values one after another, in the order of their names, as Twilio signs them. */
export function formText(bytes: Uint8Array): string {
  const fields = [...new URLSearchParams(new TextDecoder().decode(bytes))]
  return fields
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    .flat()
    .join('')
}

/** `t=1,v1=ab` and `ts=1;h1=ab`: the values of each name. */
function fieldsOf(header: string): Map<string, string[]> {
  const fields = new Map<string, string[]>()
  for (const part of header.split(/[,;]/)) {
    const at = part.indexOf('=')
    const name = part.slice(0, at).trim()
    if (at > 0) fields.set(name, [...(fields.get(name) ?? []), part.slice(at + 1).trim()])
  }
  return fields
}

function newBase64Secret(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
}
