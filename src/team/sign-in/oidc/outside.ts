/** The one way to the provider: no redirects, soon or never, and so much of an answer. The addresses are those that whoever runs this Baton chose. */
import { readBytes } from '../../../http/request/body.ts'

const PATIENCE_MS = 10_000
/** Far above what any provider publishes. */
const MOST_BYTES = 256 * 1024

/** The provider cannot be reached, or says of itself that it is in trouble. */
export class Unreachable extends Error {
  override name = 'Unreachable'
}

/** A fetch as oauth4webapi wants it. */
export async function fetchOutside(url: string, request: object): Promise<Response> {
  try {
    const init = { ...request, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) } as RequestInit
    const answer = await fetch(url, init)
    const bytes = await readBytes(answer as unknown as Request, MOST_BYTES)
    if (typeof bytes === 'string') throw new Error(`the answer is ${bytes.replace('_', ' ')}`)
    if (answer.status >= 500) throw new Error(`status ${answer.status}`)
    const { status } = answer
    const headers = new Headers(answer.headers)
    // The bytes are decoded by now.
    for (const name of ['content-encoding', 'content-length']) headers.delete(name)
    return Object.defineProperty(new Response(status === 204 ? null : bytes, { status, headers }), 'url', {
      value: url,
    })
  } catch (error) {
    // Only where: an address of ours carries no secret, a message of the runtime might.
    throw new Unreachable(`${new URL(url).host}: ${error instanceof Error ? error.message : 'failed'}`)
  }
}
