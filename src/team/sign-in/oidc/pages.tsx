/** Signing in by an OpenID Connect provider: the way there, and what comes back, which makes a member of nobody but the invited. */
import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { cut } from '../../../domain/text/cut.ts'
import { publicUrl } from '../../../http/context.ts'
import { errorPage, type PageContext, type PageEnv, sheet } from '../../../http/page/page.tsx'
import { linkAccount, personOfAccount } from '../../../records/people/outside-accounts.ts'
import { acceptInvitations, accountByEmail, isInvited, memberByEmail } from '../../../records/people/people.ts'
import { originOf } from '../../origin.ts'
import { readToken, signToken } from '../../signed-token.ts'
import { authOf } from '../auth.ts'
import { browserOf, enterSession, isMailAddress, safeNext } from '../session.ts'
import { comeBack, type Errand, type Failure, setOut, type Vouched } from './flow.ts'
import { type OidcSettings, oidcSettings } from './settings.ts'

export const oidcRoutes = new Hono<PageEnv>()

const HERE = '/sign-in/oidc'
const COOKIE = 'baton.oidc'
/** So long may somebody take at the provider. */
const ERRAND_MINUTES = 15

type Kept = Errand & { next: string; until: number }

// A link, not a form: our policy lets forms lead nowhere else, and all it does is to begin.
oidcRoutes.get(HERE, async c => {
  const settings = oidcSettings(c.env)
  if (settings === null) return errorPage(c, 404)
  if (await isTooOften(c)) return notSignedIn(c, settings, 'too_often')
  const begun = await setOut(settings, backHere(c))
  if (begun.kind === 'failed') return notSignedIn(c, settings, begun.why, begun.detail)
  const kept: Kept = {
    ...begun.errand,
    next: safeNext(c.req.query('next')),
    until: Date.now() + ERRAND_MINUTES * 60_000,
  }
  setCookie(c, COOKIE, await signToken(c.env, 'oidc-errand', kept), { ...cookie(c), maxAge: ERRAND_MINUTES * 60 })
  return c.redirect(begun.url, 303)
})

oidcRoutes.get(`${HERE}/done`, async c => {
  const settings = oidcSettings(c.env)
  if (settings === null) return errorPage(c, 404)
  const kept = await readToken<Kept>(c.env, 'oidc-errand', getCookie(c, COOKIE, cookie(c).prefix) ?? '')
  const address = new URL(c.req.url)
  const isOurs = kept !== null && kept.until > Date.now() && address.searchParams.get('state') === kept.state
  if (!isOurs) return notSignedIn(c, settings, 'other_browser')
  // Once: what comes with the same cookie again has nothing to be held against.
  deleteCookie(c, COOKIE, cookie(c))
  if (await isTooOften(c)) return notSignedIn(c, settings, 'too_often')
  const back = await comeBack(settings, backHere(c), address, kept)
  if (back.kind === 'failed') return notSignedIn(c, settings, back.why, back.detail)
  const person = await personOf(c, back)
  if (typeof person === 'string') return notSignedIn(c, settings, person)
  const { internalAdapter } = await (await authOf(c.env)).$context
  const session = await internalAdapter.createSession(person.id, false, browserOf(c))
  await enterSession(c, session.token)
  return c.redirect(kept.next, 303)
})

type Why = Failure | 'too_often' | 'stranger' | 'other_account'

/** The member whom the provider vouches for; whoever is invited joins. An account is linked by its verified address, once. */
async function personOf(c: PageContext, by: Vouched): Promise<{ id: string } | Why> {
  const { DB } = c.env
  const { email } = by
  if (!isMailAddress(email)) return 'no_email'
  const now = new Date()
  const linked = await personOfAccount(DB, by)
  // Their address may have changed at the provider since; here they are who they were.
  if (linked !== null && linked.email !== email) return (await memberByEmail(DB, linked.email)) ? linked : 'stranger'
  const invited = await isInvited(DB, email, now)
  if (!invited && (await memberByEmail(DB, email)) === null) return 'stranger'
  const known = linked ?? (await accountByEmail(DB, email)) ?? (await newPerson(c, by))
  // Somebody else has the address at the provider now: the account here is not theirs.
  if (linked === null && !(await linkAccount(DB, by, known.id, now))) return 'other_account'
  if (invited) await acceptInvitations(DB, { id: known.id, email, name: by.name }, now, team => originOf(c, team))
  return known
}

async function newPerson(c: PageContext, { email, name }: Vouched): Promise<{ id: string }> {
  const { internalAdapter } = await (await authOf(c.env)).$context
  const person = { email, name: cut(name.trim(), 120), emailVerified: true }
  return internalAdapter.createUser(person, { method: 'oauth2' } as never)
}

async function isTooOften(c: PageContext): Promise<boolean> {
  const key = `oidc ${c.req.header('CF-Connecting-IP') ?? 'unknown'}`
  return !(await c.env.SIGN_IN_LIMIT.limit({ key })).success
}

function backHere(c: PageContext): string {
  return publicUrl(c.env, `${HERE}/done`)
}

/** Lax, as the browser comes back from another site. */
function cookie(c: Context<PageEnv>) {
  const secure = c.env.BATON_URL.startsWith('https:')
  return {
    path: HERE,
    httpOnly: true,
    sameSite: 'Lax',
    secure,
    prefix: secure ? ('secure' as const) : undefined,
  } as const
}

/** Of whoever runs this Baton, and of nobody else. */
const ASK_WHO_RUNS_IT = 'Ask whoever runs this Baton to look at its settings and its log. A link by mail still works.'

const REASONS: Record<Why, { status: 403 | 410 | 429 | 502 | 503; text: (label: string) => string }> = {
  setup: { status: 502, text: label => `Signing in with ${label} is not set up rightly. ${ASK_WHO_RUNS_IT}` },
  down: {
    status: 503,
    text: label => `${label} does not answer just now. Try again in a minute, or ask for a link by mail.`,
  },
  declined: { status: 403, text: label => `${label} says that you, or it, declined. Nothing has happened.` },
  other_browser: {
    status: 410,
    text: label =>
      `This answer of ${label} belongs to a sign-in that was begun elsewhere, is over, or took longer than ${ERRAND_MINUTES} minutes. Begin again here.`,
  },
  not_valid: {
    status: 403,
    text: label =>
      `The answer of ${label} was used before, is too old, or is not meant for this Baton. Begin again; if that does not help, ask whoever runs this Baton to look at its log.`,
  },
  no_email: {
    status: 403,
    text: label =>
      `${label} did not say what your mail address is, and people are known by it here. ${ASK_WHO_RUNS_IT}`,
  },
  unverified: {
    status: 403,
    text: label =>
      `${label} has not verified your mail address. Verify it there, then try again; or ask for a link by mail.`,
  },
  other_domain: {
    status: 403,
    text: label =>
      `Addresses of your domain may not sign in with ${label} here. Use an address of your company, or ask for a link by mail.`,
  },
  stranger: {
    status: 403,
    text: () => 'Your address belongs to no team here. Ask an owner or admin of your team to invite it.',
  },
  other_account: {
    status: 403,
    text: label =>
      `Your address is linked to another account of ${label} here. Sign in with that one, or ask for a link by mail.`,
  },
  too_often: { status: 429, text: () => 'That was often. Wait a minute, then try again.' },
}

function notSignedIn(c: PageContext, settings: OidcSettings, why: Why, detail?: string) {
  // Only for whoever runs this; a page must not repeat what a stranger's address said.
  if (detail !== undefined)
    console.error(JSON.stringify({ level: 'error', at: 'oidc', why, message: cut(detail, 300) }))
  const { status, text } = REASONS[why]
  if (status === 429) c.header('Retry-After', '60')
  const content = (
    <div class="stack">
      <h1>You are not signed in</h1>
      <p>{text(settings.label)}</p>
      <p>
        <a href="/sign-in">Back to signing in</a>
      </p>
    </div>
  )
  return sheet(c, { title: 'You are not signed in', width: 'narrow' }, content, status)
}
