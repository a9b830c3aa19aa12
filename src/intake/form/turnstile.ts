/** Cloudflare Turnstile on public forms, where whoever runs this Baton set it up: its policy, and its verdict on a visitor. */
import type { Env } from '../../env.ts'
import { CSP } from '../../http/guard.ts'

const ORIGIN = 'https://challenges.cloudflare.com'
const SITEVERIFY = `${ORIGIN}/turnstile/v0/siteverify`
const TIMEOUT_MS = 5000
/** Turnstile's own limit on its tokens. */
const MAX_TOKEN = 2048

export const TURNSTILE_SCRIPT = `${ORIGIN}/turnstile/v0/api.js`
/** The field that its widget fills in. */
export const TURNSTILE_FIELD = 'cf-turnstile-response'

/** The key that a form's page shows; null: Turnstile is not set up. */
export function siteKeyOf(env: Env): string | null {
  return (env.BATON_TURNSTILE_SECRET && env.BATON_TURNSTILE_SITE_KEY) || null
}

/** The policy of a page with the widget: ours, and its host alone beside it. */
export function withTurnstile(): string {
  return `${CSP.replace("script-src 'self'", `script-src 'self' ${ORIGIN}`)}; frame-src ${ORIGIN}`
}

/** `unsure`: the service did not say. Then nothing may be taken in, and nothing may be lost. */
export type Verdict = 'human' | 'machine' | 'unsure'

/** Asks the service about the token that came with a form; each token counts once, for five minutes. */
export async function verdictOn(env: Env, token: string, address: string | undefined): Promise<Verdict> {
  if (token === '' || token.length > MAX_TOKEN) return 'machine'
  const body = new URLSearchParams({ secret: env.BATON_TURNSTILE_SECRET ?? '', response: token })
  if (address) body.set('remoteip', address)
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await fetch(env.BATON_TURNSTILE_VERIFY || SITEVERIFY, { method: 'POST', body, signal })
    return verdictIn((await answer.json()) as Answer)
  } catch (error) {
    report(error instanceof Error ? error.name : 'failed')
    return 'unsure'
  }
}

interface Answer {
  success?: unknown
  'error-codes'?: unknown
}

/** What a wrong token is told by; every other complaint is about us or the service. */
const OF_THE_TOKEN = new Set(['missing-input-response', 'invalid-input-response', 'timeout-or-duplicate'])

function verdictIn(answer: Answer): Verdict {
  if (answer.success === true) return 'human'
  const codes = Array.isArray(answer['error-codes']) ? answer['error-codes'].map(String) : []
  if (answer.success === false && codes.every(code => OF_THE_TOKEN.has(code))) return 'machine'
  report(codes.join(', ').slice(0, 200) || 'no verdict')
  return 'unsure'
}

/** A secret that is wrong shuts every form: whoever runs this must be able to find out why. */
function report(message: string): void {
  console.error(JSON.stringify({ level: 'error', at: 'turnstile', message }))
}
