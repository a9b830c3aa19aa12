/**
 * The way to an OpenID Connect provider and back, by oauth4webapi: the code flow with PKCE, state and nonce. What the provider
 * publishes (its addresses, its keys) is asked for each time: people sign in seldom, and a key that it has changed is known at once.
 */
import type { AuthorizationServer, Client } from 'oauth4webapi'
import { fetchOutside, Unreachable } from './outside.ts'
import type { OidcSettings } from './settings.ts'

/** What the browser keeps while its person is at the provider. */
export interface Errand {
  state: string
  nonce: string
  verifier: string
}

/** Why nobody is signed in. `setup`: whoever runs this Baton must see to it. */
export type Failure =
  | 'setup'
  | 'down'
  | 'declined'
  | 'other_browser'
  | 'not_valid'
  | 'no_email'
  | 'unverified'
  | 'other_domain'

export type Failed = { kind: 'failed'; why: Failure; detail: string }

/** Whom the provider vouches for; the address is in lower case, and verified there. */
export interface Vouched {
  kind: 'vouched'
  provider: string
  subject: string
  email: string
  name: string
}

/** Where to send the browser, and what it must bring back. */
export async function setOut(
  settings: OidcSettings,
  redirectUri: string,
): Promise<{ kind: 'go'; url: string; errand: Errand } | Failed> {
  const oauth = await import('oauth4webapi')
  return attempt(async () => {
    const { server, client } = await provider(settings)
    if (server.authorization_endpoint === undefined)
      return failed('setup', 'the provider names no authorization_endpoint')
    const errand = {
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      verifier: oauth.generateRandomCodeVerifier(),
    }
    const url = new URL(server.authorization_endpoint)
    const asked = {
      ...{
        client_id: client.client_id,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid email profile',
      },
      ...{ state: errand.state, nonce: errand.nonce },
      code_challenge: await oauth.calculatePKCECodeChallenge(errand.verifier),
      code_challenge_method: 'S256',
    }
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
    return { kind: 'go', url: url.href, errand }
  })
}

/**
 * Whom the provider vouches for by the address that it sent the browser back to. Its answer counts only for the errand it
 * was given: state, code, nonce, issuer, audience, times and signature are checked, and the mail address is a verified one.
 */
export async function comeBack(
  settings: OidcSettings,
  redirectUri: string,
  address: URL,
  errand: Errand,
): Promise<Vouched | Failed> {
  const oauth = await import('oauth4webapi')
  return attempt(async () => {
    const { server, client, options } = await provider(settings)
    const params = oauth.validateAuthResponse(server, client, address, errand.state)
    // In the body where that is taken: not every provider reads a secret's special signs in the header as the protocol writes them.
    const inBody = server.token_endpoint_auth_methods_supported?.includes('client_secret_post')
    const proof = (inBody ? oauth.ClientSecretPost : oauth.ClientSecretBasic)(settings.clientSecret)
    const sent = await oauth.authorizationCodeGrantRequest(
      ...([server, client, proof, params, redirectUri, errand.verifier, options] as const),
    )
    const expected = { expectedNonce: errand.nonce, requireIdToken: true }
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, sent, expected)
    await oauth.validateApplicationLevelSignature(server, sent, options)
    const claims = oauth.getValidatedIdTokenClaims(tokens)
    if (claims === undefined) return failed('not_valid', 'no id_token')
    let said: Record<string, unknown> = claims
    // Many providers say the address only here, as the protocol lets them.
    if (typeof claims.email !== 'string' && server.userinfo_endpoint !== undefined) {
      const asked = await oauth.userInfoRequest(server, client, tokens.access_token, options)
      said = await oauth.processUserInfoResponse(server, client, claims.sub, asked)
    }
    return vouched(settings, claims.sub, said)
  })
}

function vouched(settings: OidcSettings, subject: string, said: Record<string, unknown>): Vouched | Failed {
  if (typeof said.email !== 'string') return failed('no_email', 'neither the id_token nor userinfo has an email')
  if (said.email_verified !== true && said.email_verified !== 'true')
    return failed('unverified', 'email_verified is not true')
  const email = said.email.trim().toLowerCase()
  const domain = email.slice(email.lastIndexOf('@') + 1)
  if (settings.domains.length > 0 && !settings.domains.includes(domain)) return failed('other_domain', domain)
  const name = typeof said.name === 'string' ? said.name : ''
  return { kind: 'vouched', provider: `${settings.issuer} ${settings.clientId}`, subject, email, name }
}

async function provider({ issuer, clientId }: OidcSettings) {
  const oauth = await import('oauth4webapi')
  const url = URL.canParse(issuer) ? new URL(issuer) : null
  // Plain http only on this machine, as for anything else that is tried here.
  const isLocal = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1)$/.test(url.hostname)
  if (url === null || (url.protocol !== 'https:' && !isLocal))
    throw new Misfit('BATON_OIDC_ISSUER must be an https address')
  const options = { [oauth.customFetch]: fetchOutside, [oauth.allowInsecureRequests]: isLocal }
  const found = await oauth.discoveryRequest(url, { ...options, algorithm: 'oidc' })
  if (found.status !== 200) throw new Misfit(`${issuer} publishes no OpenID configuration: status ${found.status}`)
  const server: AuthorizationServer = await oauth.processDiscoveryResponse(url, found).catch((error: Error) => {
    throw new Misfit(error.message)
  })
  return { server, client: { client_id: clientId } satisfies Client, options }
}

/** What was set up does not fit the provider. */
class Misfit extends Error {}

async function attempt<T>(work: () => Promise<T | Failed>): Promise<T | Failed> {
  try {
    return await work()
  } catch (error) {
    return failed(await whyOf(error), error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  }
}

/** The provider says these while it is itself in trouble. */
const ITS_TROUBLE = new Set(['server_error', 'temporarily_unavailable'])

async function whyOf(error: unknown): Promise<Failure> {
  const oauth = await import('oauth4webapi')
  if (error instanceof Unreachable) return 'down'
  if (error instanceof Misfit) return 'setup'
  if (error instanceof oauth.AuthorizationResponseError) {
    if (error.error === 'access_denied') return 'declined'
    return ITS_TROUBLE.has(error.error) ? 'down' : 'setup'
  }
  // A code that was used or is too old is its bearer's affair; all else that the token endpoint refuses is ours.
  if (error instanceof oauth.ResponseBodyError) return error.error === 'invalid_grant' ? 'not_valid' : 'setup'
  if (error instanceof oauth.WWWAuthenticateChallengeError) return 'setup'
  return 'not_valid'
}

function failed(why: Failure, detail: string): Failed {
  return { kind: 'failed', why, detail }
}
