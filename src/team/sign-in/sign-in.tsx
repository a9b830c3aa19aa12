/** Signing in and out: a link by mail, spent by a button; the same answer for every address. */
import { Hono } from 'hono'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { TextField } from '../../http/components/field.tsx'
import { Icon } from '../../http/components/icon.tsx'
import { publicUrl } from '../../http/context.ts'
import { goTo, isLocal, type PageContext, type PageEnv, sheet } from '../../http/page/page.tsx'
import { sha256Hex } from '../../records/ids.ts'
import {
  acceptInvitations,
  deleteExpired,
  deleteLink,
  isInvited,
  linkRecipient,
  linksBefore,
  memberByEmail,
} from '../../records/people/people.ts'
import { canSendMail, MAIL_SETUP, sendMail, signInMail } from '../mail/mail.ts'
import { originOf } from '../origin.ts'
import { toBase64Url } from '../secret.ts'
import { type Auth, authOf, LINK_MINUTES, type LinkCarrier } from './auth.ts'
import { oidcSettings } from './oidc/settings.ts'
import { enterSession, findPerson, isMailAddress, leaveSession, safeNext } from './session.ts'
import { closeSockets } from './sockets.ts'

export const signInRoutes = new Hono<PageEnv>()

signInRoutes.get('/sign-in', async c => {
  const next = safeNext(c.req.query('next'))
  if (await findPerson(c)) return c.redirect(next, 303)
  return sheet(c, FRAME, <AskForAddress next={next} {...waysIn(c)} />)
})

signInRoutes.post('/sign-in', async c => {
  const form = await c.req.parseBody()
  const email = String(form.email ?? '')
    .trim()
    .toLowerCase()
  const next = safeNext(typeof form.next === 'string' ? form.next : undefined)
  if (!isMailAddress(email)) {
    const error = 'This is no mail address; one looks like ana@example.com.'
    return sheet(c, FRAME, <AskForAddress next={next} {...waysIn(c)} email={email.slice(0, 254)} error={error} />, 422)
  }
  if (await isTooOften(c, email)) {
    c.header('Retry-After', '60')
    return sheet(c, FRAME, <AskForAddress next={next} {...waysIn(c)} email={email} tooOften />, 429)
  }
  const mailed = mailLink(c, email, next)
  // After the answer, so that its time says nothing about the address either; on one's own machine nobody measures it.
  if (isLocal(c.env)) await mailed
  else c.executionCtx.waitUntil(mailed)
  return sheet(c, { title: 'Look at your mail', width: 'narrow' }, <LinkSent email={email} local={isLocal(c.env)} />)
})

// Mail scanners open links: looking at it spends nothing, the button does.
signInRoutes.get('/sign-in/link', async c => {
  const token = c.req.query('token') ?? ''
  const email = await linkRecipient(c.env.DB, await linkIdentifier(token), new Date())
  if (email === null) return linkIsOver(c)
  return sheet(c, FRAME, <Enter email={email} token={token} next={safeNext(c.req.query('next'))} />)
})

signInRoutes.post('/sign-in/link', async c => {
  const form = await c.req.parseBody()
  const session = await spendLink(await authOf(c.env), c, String(form.token ?? ''))
  if (session === null) return linkIsOver(c)
  await enterSession(c, session)
  c.executionCtx.waitUntil(deleteExpired(c.env.DB, new Date()))
  return goTo(c, safeNext(typeof form.next === 'string' ? form.next : undefined))
})

signInRoutes.post('/sign-out', async c => {
  const person = await findPerson(c)
  await leaveSession(c)
  // Boards that are open elsewhere under this session show nothing more.
  if (person) c.executionCtx.waitUntil(closeSockets(c.env, person.team.id, { session: person.session }))
  return goTo(c, '/sign-in', 'You are signed out.')
})

const FRAME = { title: 'Sign in', width: 'narrow' } as const

interface WaysIn {
  mail: boolean
  /** What the provider is called, where one is set up. */
  provider: string | undefined
}

function waysIn({ env }: PageContext): WaysIn {
  return { mail: canSendMail(env), provider: oidcSettings(env)?.label }
}

/**
 * How often links may be asked for. A request is refused only for what its own source asked (here): by the address alone
 * anybody could lock its owner out. What strangers ask from elsewhere is bounded where the mail is sent (`isInMailbox`):
 * every request is answered alike, but no further mail goes out while the mailbox holds links enough that work.
 */
async function isTooOften(c: PageContext, email: string): Promise<boolean> {
  const ip = c.req.header('CF-Connecting-IP') ?? 'unknown'
  const limits = [`ip ${ip}`, `mail ${ip} ${await sha256Hex(email)}`].map(key => c.env.SIGN_IN_LIMIT.limit({ key }))
  return (await Promise.all(limits)).some(limit => !limit.success)
}

/** Mails a link to whoever belongs to a team or is invited to one; for others nothing is made. */
async function mailLink(c: PageContext, email: string, next: string): Promise<void> {
  const { DB } = c.env
  const isKnown = (await memberByEmail(DB, email)) !== null || (await isInvited(DB, email, new Date()))
  if (!isKnown) return
  const auth = await authOf(c.env)
  const carrier: LinkCarrier = {}
  await auth.api.signInMagicLink({ body: { email, metadata: { carrier } }, headers: new Headers() })
  const token = carrier.token ?? ''
  const link = await linkIdentifier(token)
  if (await isInMailbox(DB, email, link)) return deleteLink(DB, link)
  const query = new URLSearchParams({ token, ...(next === '/workflows' ? {} : { next }) })
  const sent = await sendMail(c.env, signInMail(email, publicUrl(c.env, `/sign-in/link?${query}`), LINK_MINUTES))
  // A link that is in no mailbox must not stand for one that is.
  if (sent === 'failed') await deleteLink(DB, link)
}

/** So many links that work may lie in a mailbox, whoever asked for them. */
const MOST_LINKS = 20
/** A link that holds for less may end before its mail is read. */
const FRESH_MS = (LINK_MINUTES / 2) * 60_000

/**
 * Whether links enough that work were mailed to this address before this one, the newest with half its time left: then its
 * owner can sign in without another mail. A link that was followed counts no more, so nobody runs out of links by using them.
 */
async function isInMailbox(db: D1Database, email: string, link: string): Promise<boolean> {
  const now = Date.now()
  const { alive, until } = await linksBefore(db, email, link, new Date(now))
  return alive >= MOST_LINKS && until - now >= FRESH_MS
}

/** The token of the session that the link opens; null when it was spent before, is too old or never was. */
async function spendLink(auth: Auth, c: PageContext, token: string): Promise<string | null> {
  try {
    const { token: session, user } = await auth.api.magicLinkVerify({ query: { token }, headers: c.req.raw.headers })
    await acceptInvitations(c.env.DB, user, new Date(), team => originOf(c, team))
    return session
  } catch (error) {
    // better-auth's refusals are redirects to a page we do not have.
    if (error instanceof Error && 'status' in error && error.status === 'FOUND') return null
    throw error
  }
}

/** The link's token as better-auth stores it. */
async function linkIdentifier(token: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))))
}

function linkIsOver(c: PageContext) {
  const content = (
    <div class="stack">
      <h1>This link no longer works</h1>
      <p>
        A sign-in link works once, within {LINK_MINUTES} minutes. This one was used, or is too old, or was cut off on
        its way. Nobody was signed in.
      </p>
      <p>
        <a href="/sign-in">Ask for a new link</a>
      </p>
    </div>
  )
  return sheet(c, FRAME, content, 410)
}

const AskForAddress = (props: WaysIn & { next: string; email?: string; error?: string; tooOften?: boolean }) => (
  <form class="form" method="post" action="/sign-in">
    <div class="stack-tight">
      <h1>Sign in</h1>
      <p class="secondary">You get a link by mail. There are no passwords.</p>
    </div>
    {!props.mail && <Notice icon="mail">{MAIL_SETUP}</Notice>}
    {props.tooOften && <ErrorNotice>Too many links were asked for. Wait a minute, then try again.</ErrorNotice>}
    <input type="hidden" name="next" value={props.next} />
    <TextField
      label="Mail address"
      name="email"
      type="email"
      autocomplete="email"
      required
      autofocus
      maxlength={254}
      value={props.email}
      error={props.error}
    />
    <Button look="primary" wide>
      Mail me a link
    </Button>
    {props.provider !== undefined && (
      <ButtonLink href={`/sign-in/oidc?next=${encodeURIComponent(props.next)}`} wide>
        Sign in with {props.provider}
      </ButtonLink>
    )}
  </form>
)

const LinkSent = ({ email, local }: { email: string; local: boolean }) => (
  <div class="stack">
    <Icon name="mail" size={28} />
    <h1>Look at your mail</h1>
    <p>
      If <strong>{email}</strong> belongs to a team here, a sign-in link is on its way. It works once, within{' '}
      {LINK_MINUTES} minutes. If you asked several times, the links that came before still work.
    </p>
    <p class="secondary">
      Nothing came? Look among the spam, or ask an owner of your team whether this address is the one they added.
    </p>
    {local && (
      <p>
        On this machine mail is kept, not sent: <a href="/outbox">open the outbox</a>.
      </p>
    )}
    <p>
      <a href="/sign-in">Use another address</a>
    </p>
  </div>
)

const Enter = ({ email, token, next }: { email: string; token: string; next: string }) => (
  <form class="form" method="post" action="/sign-in/link">
    <h1>Sign in as {email}?</h1>
    <input type="hidden" name="token" value={token} />
    <input type="hidden" name="next" value={next} />
    <Button look="primary" wide>
      Sign in
    </Button>
    <p class="secondary">Not you? Close this page; nothing has happened.</p>
  </form>
)
