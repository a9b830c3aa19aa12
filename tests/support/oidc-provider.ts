/** An OpenID Connect provider of the tests' own: it checks what a provider checks (client, PKCE, redirect, codes used once) and signs for real. */

export interface Account {
  sub: string
  email?: string
  email_verified?: unknown
  name?: string
}

interface Grant {
  account: Account
  nonce: string | null
  challenge: string | null
  redirect: string | null
}

const base64Url = (bytes: ArrayBuffer | Uint8Array) => {
  let binary = ''
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
const text = (value: unknown) => base64Url(new TextEncoder().encode(JSON.stringify(value)))
const answer = (body: unknown, status = 200) => Response.json(body, { status })

export class OidcProvider {
  readonly issuer: string
  readonly client = { id: 'baton', secret: 'CANARY-oidc-client-secret' }
  /** What stands in the next id_tokens besides or instead. */
  over: Record<string, unknown> = {}
  /** Claims of the person are told at userinfo alone, as many providers do. */
  onlyUserinfo = false
  /** It takes the client's secret in the body, and says so; unless set in the header, as is usual. */
  secretInBody = false
  /** What is asked of it is answered by this instead. */
  trouble: ((path: string) => Response | undefined) | null = null
  /** Addresses that were asked for. */
  readonly asked: string[] = []
  private readonly grants = new Map<string, Grant>()
  private readonly tokens = new Map<string, Account>()
  private key: { kid: string; pair: CryptoKeyPair } | null = null
  private keys: Record<string, unknown>[] = []

  constructor(issuer = 'https://id.test') {
    this.issuer = issuer
  }

  /** Signs with another key from now on, and publishes that one alone. */
  async rotate(): Promise<void> {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const pair = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair
    const kid = crypto.randomUUID()
    const { kty, crv, x, y } = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey
    this.key = { kid, pair }
    this.keys = [{ kty, crv, x, y, kid, use: 'sig', alg: 'ES256' }]
  }

  /** The person agrees: where their browser is sent back to. */
  authorize(address: string, account: Account): string {
    const asked = new URL(address).searchParams
    if (asked.get('client_id') !== this.client.id || asked.get('response_type') !== 'code') throw new Error(address)
    if (asked.get('code_challenge_method') !== 'S256' || !asked.get('scope')?.includes('openid'))
      throw new Error(address)
    const code = crypto.randomUUID()
    const [nonce, challenge, redirect] = ['nonce', 'code_challenge', 'redirect_uri'].map(name => asked.get(name))
    this.grants.set(code, { account, nonce: nonce!, challenge: challenge!, redirect: redirect! })
    const back = new URL(redirect!)
    for (const [name, value] of [
      ['code', code],
      ['state', asked.get('state')!],
      ['iss', this.issuer],
    ] as const)
      back.searchParams.set(name, value)
    return back.href
  }

  /** What it answers over HTTP. */
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    this.asked.push(pathname)
    const trouble = this.trouble?.(pathname)
    if (trouble !== undefined) return trouble
    if (this.key === null) await this.rotate()
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return answer({
          issuer: this.issuer,
          ...Object.fromEntries(
            ['authorization', 'token', 'userinfo'].map(name => [`${name}_endpoint`, `${this.issuer}/${name}`]),
          ),
          ...(this.secretInBody && { token_endpoint_auth_methods_supported: ['client_secret_post'] }),
          jwks_uri: `${this.issuer}/jwks`,
          id_token_signing_alg_values_supported: ['ES256'],
          authorization_response_iss_parameter_supported: true,
        })
      case '/jwks':
        return answer({ keys: this.keys })
      case '/token':
        return this.token(request)
      case '/userinfo': {
        const account = this.tokens.get(request.headers.get('authorization')?.replace('Bearer ', '') ?? '')
        return account ? answer(account) : answer({ error: 'invalid_token' }, 401)
      }
      default:
        return answer({}, 404)
    }
  }

  private async token(request: Request): Promise<Response> {
    const form = new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()))
    const basic = atob(request.headers.get('authorization')?.replace('Basic ', '') ?? '')
    const given = this.secretInBody
      ? [form.get('client_id'), form.get('client_secret')]
      : basic.split(':').map(decodeURIComponent)
    if (given[0] !== this.client.id || given[1] !== this.client.secret) return answer({ error: 'invalid_client' }, 401)
    const code = form.get('code') ?? ''
    const grant = this.grants.get(code)
    this.grants.delete(code)
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(form.get('code_verifier') ?? ''))
    const isFor = grant?.challenge === base64Url(digest) && grant.redirect === form.get('redirect_uri')
    if (!grant || !isFor) return answer({ error: 'invalid_grant' }, 400)
    const access = crypto.randomUUID()
    this.tokens.set(access, grant.account)
    return answer({ access_token: access, token_type: 'Bearer', id_token: await this.idToken(grant) })
  }

  private async idToken({ account, nonce }: Grant): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const of = this.onlyUserinfo ? { sub: account.sub } : account
    const claims = { iss: this.issuer, aud: this.client.id, iat: now, exp: now + 300, nonce, ...of, ...this.over }
    const body = `${text({ alg: 'ES256', kid: this.key!.kid })}.${text(claims)}`
    const bytes = new TextEncoder().encode(body)
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, this.key!.pair.privateKey, bytes)
    return `${body}.${base64Url(signature)}`
  }
}
