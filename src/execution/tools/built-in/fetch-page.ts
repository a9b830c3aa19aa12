/** The tool `fetch_page`: what a public page says, for a model to read. */
import type { Json } from '../../../domain/json/json.ts'
import { htmlToText, titleOfHtml } from '../../../domain/text/html.ts'
import { BUILT_IN_TOOLS } from '../../../domain/tools/built-in.ts'
import { readyCall } from '../../egress/call-out.ts'
import { resultOf, sendOf } from '../outcome.ts'
import { failed, type Tool } from '../tool.ts'
import { getCall } from './get.ts'

/** Pages are mostly markup: all that is read of an answer may be kept until its text is taken out. */
const MAX_PAGE = 1024 * 1024
/** Bytes of text, so that the whole result is no larger than what a log keeps of one. */
const MAX_TEXT = 60 * 1024

export const fetchPage: Tool = {
  spec: BUILT_IN_TOOLS.fetch_page,
  effect: BUILT_IN_TOOLS.fetch_page.effect,
  safe: true,
  asks: () => null,
  ready: async (args, { env, team, key, timeoutMs }) => {
    const { url } = args as { url: string }
    const bare = url.trim().replace(/#.*$/s, '')
    if (!URL.canParse(bare))
      return failed('bad_arguments', '`url` must be a whole address, such as https://example.com/page.')
    const { hostname } = new URL(bare)
    const outgoing = { call: getCall(bare), key, timeoutMs, maxKept: MAX_PAGE }
    return sendOf(await readyCall(env, team, outgoing), outcome => {
      const result = resultOf(outcome, { ok: null, safe: true, host: hostname })
      if (result.kind === 'failed') return { ...result, result: undefined }
      const { headers, body } = result.result as { headers: Record<string, string>; body: Json }
      const page = { url: bare, ...pageOf(headers['content-type'] ?? '', body) }
      return { kind: 'done', result: page, status: result.status }
    })
  },
}

function pageOf(type: string, body: Json): { title: string | null; text: string } {
  const text = typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body)
  const isHtml = /html/i.test(type) || (type === '' && /^\s*<(?:!doctype|html)/i.test(text))
  return isHtml
    ? { title: titleOfHtml(text), text: cutToBytes(htmlToText(text), MAX_TEXT) }
    : { title: null, text: cutToBytes(text, MAX_TEXT) }
}

/** Its beginning, in whole characters. */
function cutToBytes(text: string, most: number): string {
  const bytes = new TextEncoder().encode(text)
  return bytes.length <= most ? text : new TextDecoder().decode(bytes.subarray(0, most)).replace(/\uFFFD+$/, '')
}
