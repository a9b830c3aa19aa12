/** Stripe: `Stripe-Signature: t=<seconds>,v1=<hex>,…` over `t.body`. */
import { fromHex, isFresh, newTextSecret, prefixed, refuse, type Scheme, textKey } from './signature.ts'

const HEADER = 'stripe-signature'

export const stripe: Scheme = {
  keyBytes: textKey,
  newSecret: () => `whsec_${newTextSecret()}`,

  read({ headers, bytes, now }) {
    const given = headers.get(HEADER)
    if (given === null) return refuse('missing', HEADER)
    const parts = given.split(',').map(part => part.trim().split('=', 2))
    const timestamp = parts.find(([name]) => name === 't')?.[1] ?? ''
    const fresh = isFresh(timestamp, now)
    if (fresh === null) return refuse('malformed', HEADER)
    if (!fresh) return refuse('stale', HEADER)
    const signatures = parts.flatMap(([name, value = '']) => {
      const signature = name === 'v1' ? fromHex(value) : null
      return signature ? [signature] : []
    })
    return { message: prefixed(`${timestamp}.`, bytes), signatures, header: HEADER }
  },
}
