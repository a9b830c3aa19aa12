/** What went wrong with an MCP server, in words and by a stable code. */
import type { FailureCode } from '../../domain/task/run/outcome.ts'
import type { Exchange } from '../egress/exchange.ts'

export interface Failure {
  code: FailureCode
  message: string
  /** Whether the server may have acted on the latest call. */
  reached: boolean
  status?: number
  retryAfterMs?: number
}

type Library = typeof import('@modelcontextprotocol/client')

/** Reads what the library threw, beside what its calls came to. */
export function failureFrom(error: unknown, exchange: Exchange, timeoutMs: number, library: Library): Failure {
  const { host } = exchange
  const broken = exchange.failed()
  if (broken !== null) return { code: broken.code, message: broken.message, reached: broken.reached }
  const { SdkError, SdkErrorCode, ProtocolError } = library
  const codeOf = error instanceof SdkError ? error.code : null
  if (codeOf === SdkErrorCode.RequestTimeout) {
    return { code: 'timeout', message: `${host} did not answer within ${timeoutMs / 1000} s.`, reached: true }
  }
  if (error instanceof ProtocolError) {
    return { code: 'tool_failed', message: `${host} refused it: ${error.message}`, reached: true }
  }
  const { status = 0, retryAfterMs } = exchange.answered() ?? {}
  if (status >= 400) {
    const said = `${host} answered ${status}${WORDS[status] ?? '.'}`
    return { code: 'http_status', message: said, reached: true, status, retryAfterMs }
  }
  if (codeOf === SdkErrorCode.ConnectionClosed) {
    return { code: 'unreachable', message: `${host} broke off before it answered.`, reached: true }
  }
  if (codeOf === SdkErrorCode.UnsupportedResultType) {
    const message = `${host} wants to ask something in the middle of the call, which nobody answers here.`
    return { code: 'tool_failed', message, reached: true }
  }
  return { code: 'unreadable_body', message: `What ${host} answered is not MCP.`, reached: true }
}

const WORDS: Record<number, string> = {
  401: ': it wants a sign-in, or does not take the one that it got.',
  403: ': what it was signed in with is not allowed this.',
  404: ': there is no MCP server at this address.',
  405: ': there is no MCP server at this address.',
  429: ': it was called too often.',
}
