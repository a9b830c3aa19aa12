/**
 * Whether a host can be reached at all, asked before a call that must not be made twice: what fails while it is sent may
 * have arrived, and the runtime's errors do not say whether it did. What was never sent surely did not happen.
 */
const PATIENCE_MS = 5000

/** Opens a connection and closes it again, unused; where that is not allowed, asks for the host's headers. Never throws. */
export async function canConnect({ origin, hostname, port, protocol }: URL): Promise<boolean> {
  return (await opens(hostname, Number(port || (protocol === 'https:' ? 443 : 80)))) || answers(origin)
}

async function opens(hostname: string, port: number): Promise<boolean> {
  try {
    // Here, as there is no such module where tests of egress run without a runtime.
    const { connect } = await import('cloudflare:sockets')
    const socket = connect({ hostname, port })
    socket.closed.catch(() => {})
    const isOpen = await Promise.race([socket.opened.then(() => true), scheduler.wait(PATIENCE_MS).then(() => false)])
    await socket.close().catch(() => {})
    return isOpen
  } catch {
    return false
  }
}

/** Cloudflare's own addresses take no plain connections: there any answer will do. */
function answers(origin: string): Promise<boolean> {
  const request = { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) } as const
  return fetch(origin, request).then(
    () => true,
    () => false,
  )
}
