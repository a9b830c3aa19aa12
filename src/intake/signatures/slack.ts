/** Slack: `X-Slack-Signature: v0=<hex>` over `v0:timestamp:body`. */
import { fromHex, isFresh, newTextSecret, prefixed, refuse, type Scheme, textKey } from './signature.ts'

const HEADER = 'x-slack-signature'
const TIMESTAMP = 'x-slack-request-timestamp'

export const slack: Scheme = {
  keyBytes: textKey,
  newSecret: newTextSecret,

  read({ headers, bytes, now }) {
    const given = headers.get(HEADER)
    const timestamp = headers.get(TIMESTAMP)
    if (given === null) return refuse('missing', HEADER)
    if (timestamp === null) return refuse('missing', TIMESTAMP)
    const fresh = isFresh(timestamp, now)
    if (fresh === null) return refuse('malformed', TIMESTAMP)
    if (!fresh) return refuse('stale', TIMESTAMP)
    const signatures = given.split(/[ ,]+/).flatMap(part => {
      const signature = part.startsWith('v0=') ? fromHex(part.slice(3)) : null
      return signature ? [signature] : []
    })
    return { message: prefixed(`v0:${timestamp}:`, bytes), signatures, header: HEADER }
  },
}
