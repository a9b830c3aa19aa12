/** The OpenID Connect provider that people may sign in by, as whoever runs this Baton set it up. */
import type { Env } from '../../../env.ts'

export interface OidcSettings {
  issuer: string
  clientId: string
  clientSecret: string
  /** Domains of the addresses that are let in, in lower case; none: any. */
  domains: string[]
  /** What people call it. */
  label: string
}

/** The provider; null: there is none, and nobody is told of one. */
export function oidcSettings(env: Env): OidcSettings | null {
  const { BATON_OIDC_ISSUER: issuer, BATON_OIDC_CLIENT_ID: clientId, BATON_OIDC_CLIENT_SECRET: clientSecret } = env
  if (!issuer || !clientId || !clientSecret) return null
  const domains = (env.BATON_OIDC_DOMAINS ?? '').split(',').map(domain => domain.trim().toLowerCase().replace(/^@/, ''))
  return {
    ...{ issuer, clientId, clientSecret },
    domains: domains.filter(domain => domain !== ''),
    label: env.BATON_OIDC_LABEL?.trim() || 'single sign-on',
  }
}
