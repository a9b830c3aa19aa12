/** The table of signature schemes, by the name that an intake's `auth.type` gives them. */
import type { IntakeAuth } from '../../records/schema/intake-config.ts'
import { github } from './github.ts'
import { hmacScheme } from './hmac.ts'
import type { Scheme } from './signature.ts'
import { slack } from './slack.ts'
import { standardWebhooks } from './standard-webhooks.ts'
import { stripe } from './stripe.ts'

/** Schemes that need no settings of their own. */
export const SCHEMES = { 'standard-webhooks': standardWebhooks, github, stripe, slack } satisfies Record<string, Scheme>

/** How deliveries to an intake are signed; null: they are not. */
export function schemeOf(auth: IntakeAuth): Scheme | null {
  if (auth.type === 'key' || auth.type === 'open') return null
  return auth.type === 'hmac' ? hmacScheme(auth) : SCHEMES[auth.type]
}
