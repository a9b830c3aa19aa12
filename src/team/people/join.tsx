/** `/join/:token`: an invitation's link. Looking at it changes nothing; its button joins the team and signs in, once. */
import { Hono } from 'hono'
import { cut } from '../../domain/text/cut.ts'
import { Button } from '../../http/components/button.tsx'
import { TextField } from '../../http/components/field.tsx'
import { errorPage, goTo, type PageContext, type PageEnv, sheet } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { type InvitationRow, joinTeam, switchTeam } from '../../records/people/members.ts'
import { acceptInvitations, accountByEmail } from '../../records/people/people.ts'
import { originOf } from '../origin.ts'
import { authOf } from '../sign-in/auth.ts'
import { browserOf, enterSession } from '../sign-in/session.ts'
import { readInvitation } from './invitations.ts'

export const joinRoutes = new Hono<PageEnv>()

/** As better-auth asks for it: the link came by mail. */
const MADE_BY = { method: 'magic-link' } as const
const FRAME = { title: 'Join a team', width: 'narrow' } as const

joinRoutes.get('/join/:token', async c => {
  const invitation = await readInvitation(c.env, c.req.param('token'), Date.now())
  if (!invitation) return isOver(c)
  const known = await accountByEmail(c.env.DB, invitation.email)
  return sheet(c, FRAME, <Join invitation={invitation} asksName={known === null} />)
})

joinRoutes.post('/join/:token', async c => {
  const form = await readForm(c)
  if (!form.ok) return errorPage(c, form.status)
  const invitation = await readInvitation(c.env, c.req.param('token'), Date.now())
  if (!invitation) return isOver(c)
  const { internalAdapter } = await (await authOf(c.env)).$context
  const { email, team, teamName } = invitation
  const name = cut((form.form.get('name') ?? '').trim(), 120)
  const known = await accountByEmail(c.env.DB, email)
  const from = await originOf(c, team)
  if (known !== null && !(await joinTeam(c.env.DB, invitation, { ...known, from }, Date.now()))) return isOver(c)
  const person = known ?? (await internalAdapter.createUser({ email, name, emailVerified: true }, MADE_BY))
  const { id } = person
  // A new account joins every team that has invited it.
  if (known === null) await acceptInvitations(c.env.DB, person, new Date(), one => originOf(c, one))
  const session = await internalAdapter.createSession(id, false, browserOf(c))
  if (!(await switchTeam(c.env.DB, session.id, team))) return isOver(c)
  await enterSession(c, session.token)
  return goTo(c, '/workflows', `You have joined ${teamName}.`)
})

const Join = ({ invitation, asksName }: { invitation: InvitationRow; asksName: boolean }) => (
  <form class="form" method="post">
    <div class="stack-tight">
      <h1>
        Join <span hx-ignore>{invitation.teamName}</span>?
      </h1>
      <p class="secondary" hx-ignore>
        {invitation.inviter} invites {invitation.email}, as {invitation.role}.
      </p>
    </div>
    {asksName && (
      <TextField
        label="Your name"
        name="name"
        required
        maxlength={120}
        autocomplete="name"
        autofocus
        hint="As others see it."
      />
    )}
    <Button look="primary" wide>
      Join and sign in
    </Button>
    <p class="secondary">Not you? Close this page; nothing has happened.</p>
  </form>
)

function isOver(c: PageContext) {
  const content = (
    <div class="stack">
      <h1>This invitation no longer works</h1>
      <p>
        An invitation works once, within 7 days, and until it is withdrawn or sent again. If you have joined already,
        sign in; else ask whoever invited you to send it again.
      </p>
      <p>
        <a href="/sign-in">Sign in</a>
      </p>
    </div>
  )
  return sheet(c, FRAME, content, 410)
}
