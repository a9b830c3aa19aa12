/** The tool `search_web`: what Brave's search finds. It is there only where a key for it is set. */
import { masked } from '../../../domain/call/secret-marks.ts'
import type { Json } from '../../../domain/json/json.ts'
import { htmlToText } from '../../../domain/text/html.ts'
import { BUILT_IN_TOOLS } from '../../../domain/tools/built-in.ts'
import { readyCall } from '../../egress/call-out.ts'
import { resultOf, sendOf } from '../outcome.ts'
import type { Tool } from '../tool.ts'
import { getCall } from './get.ts'

const BRAVE = 'https://api.search.brave.com/res/v1/web/search'
const MOST = 10

export const searchWeb: Tool = {
  spec: BUILT_IN_TOOLS.search_web,
  effect: BUILT_IN_TOOLS.search_web.effect,
  safe: true,
  isThere: env => Boolean(env.BATON_SEARCH_KEY?.trim()),
  asks: () => null,
  ready: async (args, { env, team, key, timeoutMs }) => {
    const { query } = args as { query: string }
    const token = env.BATON_SEARCH_KEY?.trim() ?? ''
    const call = getCall(BRAVE, {
      query: { q: query, count: String(MOST) },
      headers: { 'X-Subscription-Token': token, Accept: 'application/json' },
    })
    const hide = <T extends Json>(said: T): T => masked(said, { BATON_SEARCH_KEY: token })
    return sendOf(await readyCall(env, team, { call, key, timeoutMs, maxKept: 1024 * 1024 }), outcome => {
      const result = resultOf(outcome, { ok: null, safe: true, host: 'The web search' })
      if (result.kind === 'failed') {
        const { failure } = result
        return { ...result, result: undefined, failure: { ...failure, message: hide(failure.message) } }
      }
      return { kind: 'done', result: hide(found((result.result as { body: Json }).body)), status: result.status }
    })
  },
}

/** The list, read from an answer that may be of any shape; words are marked up in it. */
function found(body: Json): Json {
  const { web } = (body ?? {}) as { web?: { results?: unknown } | null }
  const results = Array.isArray(web?.results) ? web.results : []
  return results.slice(0, MOST).flatMap(each => {
    const { title, url, description } = (each ?? {}) as Record<string, unknown>
    return typeof url === 'string' ? [{ title: plain(title), url, description: plain(description) }] : []
  })
}

function plain(text: unknown): string {
  return typeof text === 'string' ? htmlToText(text) : ''
}
