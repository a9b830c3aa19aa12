/** The tool `post_slack`: a message to the team's channel, by the incoming webhook that is its secret `slack_webhook`. */
import { BUILT_IN_TOOLS } from '../../../domain/tools/built-in.ts'
import { readyCall } from '../../egress/call-out.ts'
import { openAddress } from '../../egress/open-secrets.ts'
import { resultOf, sendOf } from '../outcome.ts'
import { failed, type Tool } from '../tool.ts'

const SLACK_SECRET = 'slack_webhook'

export const postSlack: Tool = {
  spec: BUILT_IN_TOOLS.post_slack,
  effect: BUILT_IN_TOOLS.post_slack.effect,
  safe: false,
  asks: () => null,
  ready: async (args, { env, team, key, timeoutMs }) => {
    const webhook = await openAddress(env, team, SLACK_SECRET)
    if (!webhook.ok) return failed(webhook.code, webhook.message)
    const { text } = args as { text: string }
    const none = { query: {}, headers: {}, ok: null, key: null, safe: false, token: null }
    const call = { ...none, method: 'POST' as const, url: webhook.url, body: { text } }
    return sendOf(await readyCall(env, team, { call, key, timeoutMs }), outcome => {
      const result = resultOf(outcome, { ok: null, safe: false, host: webhook.host })
      return result.kind === 'done' ? { kind: 'done', result: { ok: true }, status: result.status } : result
    })
  },
}
