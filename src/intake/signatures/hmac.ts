/** Any service that signs the body with HMAC-SHA-256: which header, which spelling, which prefix, and a signed time if it has one. */
import type { HmacSettings } from '../../records/schema.ts'
import { fromBase64, fromHex, isFresh, newTextSecret, prefixed, refuse, type Scheme, textKey } from './signature.ts'

/** The scheme that these settings describe. */
export function hmacScheme({ header, encoding, prefix = '', timestampHeader }: HmacSettings): Scheme {
  const decode = encoding === 'hex' ? fromHex : fromBase64
  return {
    keyBytes: textKey,
    newSecret: newTextSecret,

    read({ headers, bytes, now }) {
      const given = headers.get(header)
      if (given === null) return refuse('missing', header)
      const signatures = given.split(/[ ,]+/).flatMap(part => {
        const signature = part.startsWith(prefix) ? decode(part.slice(prefix.length)) : null
        return signature ? [signature] : []
      })
      if (timestampHeader === undefined) return { message: bytes, signatures, header }
      const timestamp = headers.get(timestampHeader)
      if (timestamp === null) return refuse('missing', timestampHeader)
      const fresh = isFresh(timestamp, now)
      if (fresh === null) return refuse('malformed', timestampHeader)
      if (!fresh) return refuse('stale', timestampHeader)
      return { message: prefixed(`${timestamp}.`, bytes), signatures, header }
    },
  }
}
