/** GitHub: `X-Hub-Signature-256: sha256=<hex>` over the body. It signs no time, so a delivery is told by its GUID alone. */
import { fromHex, newTextSecret, refuse, type Scheme, textKey } from './signature.ts'

const HEADER = 'x-hub-signature-256'

export const github: Scheme = {
  keyBytes: textKey,
  newSecret: newTextSecret,

  read({ headers, bytes }) {
    const given = headers.get(HEADER)
    if (given === null) return refuse('missing', HEADER)
    const signatures = given.split(/[ ,]+/).flatMap(part => {
      const signature = part.startsWith('sha256=') ? fromHex(part.slice(7)) : null
      return signature ? [signature] : []
    })
    return { message: bytes, signatures, header: HEADER }
  },
}
