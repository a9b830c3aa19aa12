/** Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature: v1,<base64> …` over `id.timestamp.body`. */
import { type Claim, fromBase64, isFresh, prefixed, refuse, type Scheme, textKey, toBase64 } from './signature.ts'

const PREFIX = 'whsec_'
/** Svix sends the same under names of its own, and many services send through Svix. */
const FAMILIES = ['webhook', 'svix'] as const

export const standardWebhooks: Scheme = {
  keyBytes(secret) {
    const text = secret.replace(/^v1,/, '')
    if (text.startsWith(PREFIX)) return fromBase64(text.slice(PREFIX.length))
    return fromBase64(text) ?? textKey(text)
  },

  // Their libraries take a plain text, too, and call it raw; one that looks like base64 may be either.
  otherKeyBytes(secret) {
    const text = secret.replace(/^v1,/, '')
    return text.startsWith(PREFIX) ? null : textKey(text)
  },

  newSecret() {
    return PREFIX + toBase64(crypto.getRandomValues(new Uint8Array(32)))
  },

  read({ headers, bytes, now }) {
    const family = FAMILIES.find(name => headers.has(`${name}-signature`)) ?? 'webhook'
    const header = `${family}-signature`
    const id = headers.get(`${family}-id`)
    const timestamp = headers.get(`${family}-timestamp`)
    const signatures = headers.get(header)
    if (signatures === null) return refuse('missing', header)
    if (!id) return refuse('missing', `${family}-id`)
    if (timestamp === null) return refuse('missing', `${family}-timestamp`)
    const fresh = isFresh(timestamp, now)
    if (fresh === null) return refuse('malformed', `${family}-timestamp`)
    if (!fresh) return refuse('stale', `${family}-timestamp`)
    const claim: Claim = {
      message: prefixed(`${id}.${timestamp}.`, bytes),
      signatures: readSignatures(signatures),
      header,
      id,
    }
    return claim
  },
}

/** Those of version 1; other versions are for receivers that know them. */
function readSignatures(text: string): Uint8Array[] {
  return text.split(/[ \t]+/).flatMap(part => {
    const [version, value = ''] = part.split(',', 2)
    const bytes = version === 'v1' ? fromBase64(value) : null
    return bytes ? [bytes] : []
  })
}
