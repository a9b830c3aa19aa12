/** A plain GET for the tools that read the web: no secret of the team's stands in it. */
import type { RenderedCall } from '../../../domain/call/render.ts'

/** The call, with nothing in it but what is given. */
export function getCall(url: string, { query = {}, headers = {} }: Partial<RenderedCall> = {}): RenderedCall {
  return { method: 'GET', url, query, headers, ok: null, key: null, safe: true, token: null }
}
