/** A tool of the team's own: a call over HTTP made from its arguments. */
import { literalHost } from '../../domain/call/address.ts'
import { isSafe } from '../../domain/call/http-call.ts'
import { renderCall } from '../../domain/call/render.ts'
import type { Json } from '../../domain/json/json.ts'
import { givenOnly } from '../../domain/tools/arguments.ts'
import { effectOf, type TeamTool, whyAsk } from '../../domain/tools/tool.ts'
import { readyCall } from '../egress/call-out.ts'
import { resultOf, sendOf } from './outcome.ts'
import { failed, type Tool } from './tool.ts'

/** The tool, under the name that steps and agents know it by. */
export function httpTool(tool: TeamTool): Tool {
  const { key: name, description, parameters, http } = tool
  const safe = isSafe(http)
  return {
    spec: { name, description, parameters },
    effect: effectOf(tool),
    safe,
    asks: (args, facts) => {
      const why = whyAsk(tool, args, facts)
      return why === null ? null : { kind: 'call', why }
    },
    ready: async (args, { env, team, facts, key, timeoutMs, keep }) => {
      const rendered = renderCall(
        givenOnly(http, args),
        { args, task: facts.task },
        crypto.randomUUID().replaceAll('-', ''),
      )
      if (!rendered.ok) return failed('template', rendered.message)
      const about = { ok: rendered.call.ok, safe, host: literalHost(http.url) ?? 'The service' }
      return sendOf(await readyCall(env, team, { call: rendered.call, key, timeoutMs, keep }), outcome => {
        const result = resultOf(outcome, about)
        return result.kind === 'done' ? { ...result, result: (result.result as { body: Json }).body } : result
      })
    },
  }
}
