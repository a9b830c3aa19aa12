/** `/settings/people`: who belongs to the team and in which role, who is invited, and every change of that, on record. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { may, mayManage, onlyFor, rolesInGiftOf } from '../../domain/permissions.ts'
import type { Env } from '../../env.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { newId } from '../../records/ids.ts'
import { listAbsences } from '../../records/people/absences.ts'
import { STANDING_MS } from '../../records/people/former-members.ts'
import { keysMadeBy, revokeKey } from '../../records/people/keys.ts'
import {
  type By,
  type InvitationRow,
  invite,
  type MemberRow,
  memberById,
  openInvitation,
  openInvitations,
  removeMember,
  setRole,
  teamMembers,
  withdrawInvitation,
} from '../../records/people/members.ts'
import { canSendMail } from '../mail/mail.ts'
import { isMailAddress } from '../sign-in/session.ts'
import { closeSockets } from '../sign-in/sockets.ts'
import { INVITATION_MS, mailInvitation } from './invitations.ts'
import { type InviteForm, PeoplePage } from './people-view.tsx'

export const peopleRoutes = new Hono<PageEnv>()

peopleRoutes.get('/settings', c => c.redirect('/settings/people', 303))
peopleRoutes.get('/settings/people', c => peoplePage(c))

peopleRoutes.post('/settings/people', async c => {
  const form = await openPeople(c)
  if (form instanceof Response) return form
  const person = c.get('person')
  const email = (form.get('email') ?? '').trim().toLowerCase()
  const role = rolesInGiftOf(person).find(one => one === form.get('role'))
  if (!role) return beyond(c)
  const wrong = (error: string) => peoplePage(c, { email, role, error }, 422)
  if (!isMailAddress(email)) return wrong('This is no mail address; one looks like ana@example.com.')
  const limit = await c.env.SIGN_IN_LIMIT.limit({ key: `invite ${person.team.id}` })
  if (!limit.success) return wrong('Too many invitations in a minute. Wait a little, then try again.')
  const id = newId('inv')
  const until = Date.now() + INVITATION_MS
  const made = await invite(c.env.DB, { id, email, role, inviter: person.id, until }, byOf(c))
  if (made === null) return wrong(`${email} belongs to the team already.`)
  const invitation = await openInvitation(c.env.DB, id)
  return invitation
    ? sent(c, invitation)
    : goTo(c, '/settings/people', `${email} was invited by another form just now.`)
})

peopleRoutes.post('/settings/people/:member/role', async c => {
  const form = await openPeople(c)
  if (form instanceof Response) return form
  const member = await memberById(c.env.DB, c.get('person').team.id, c.req.param('member'))
  if (!member) return errorPage(c, 404)
  const person = c.get('person')
  const role = rolesInGiftOf(person).find(one => one === form.get('role'))
  if (!role || !mayManage(person, member)) return beyond(c)
  if (member.role === role) return goTo(c, '/settings/people', `${nameOf(member)} is ${role} already.`)
  if (!(await setRole(c.env.DB, member, role, byOf(c)))) return lastOwner(c, member)
  endSockets(c, member)
  return goTo(c, '/settings/people', `${nameOf(member)} is ${role} now.`)
})

/** Hands over what waits for who was removed; how many questions it was, and how many could not be. Who does it is not the team's affair. */
export type HandOver = (env: Env, team: string, email: string) => Promise<{ found: number; failed: number }>

/** The removal of a member: all that is theirs ends, and what waits for them is handed over. */
export function removalRoutes(handOver: HandOver): Hono<PageEnv> {
  const path = '/settings/people/:member/remove'
  return new Hono<PageEnv>().post(path, async c => {
    const person = c.get('person')
    const member = await memberById(c.env.DB, person.team.id, c.req.param('member'))
    if (!member) return errorPage(c, 404)
    const isSelf = member.user === person.id
    // Whoever belongs to a team may leave it.
    if (!isSelf && !mayManage(person, member)) return beyond(c)
    const read = await readForm(c)
    if (!read.ok) return errorPage(c, read.status)
    if (!(await removeMember(c.env.DB, member, byOf(c), isSelf))) return lastOwner(c, member)
    const removed = Date.now()
    // Whoever made a key saw it whole.
    if (read.form.get('keys') === 'revoke' && may(person, 'keys.manage')) await revokeKeysOf(c, member)
    endSockets(c, member)
    // What is left is the minute's sweep's to go on with.
    const left = await handOver(c.env, person.team.id, member.email).catch(() => ({ found: 1, failed: 1 }))
    // Whatever they had on its way is written by then, or refused.
    await new Promise(resolve => setTimeout(resolve, STANDING_MS - (Date.now() - removed)))
    if (isSelf) return goTo(c, '/sign-in', `You have left ${person.team.name}.`)
    return goTo(c, '/settings/people', `${nameOf(member)} was removed, and is signed out everywhere.${wordsFor(left)}`)
  })
}

async function revokeKeysOf(c: PageContext, { email }: MemberRow): Promise<void> {
  const { team, actor, at } = byOf(c)
  for (const key of await keysMadeBy(c.env.DB, team, email, at)) await revokeKey(c.env.DB, key, actor, at)
}

function wordsFor({ found, failed }: { found: number; failed: number }): string {
  if (found === 0) return ''
  return failed > 0
    ? ' What waited for them goes to others within minutes.'
    : ` What waited for them (${found === 1 ? 'a question' : `${found} questions`}) is others’ now.`
}

peopleRoutes.post('/settings/invitations/:id/send', async c => {
  const form = await openPeople(c)
  if (form instanceof Response) return form
  const old = await ownInvitation(c)
  if (!old) return errorPage(c, 404)
  if (!mayManage(c.get('person'), old)) return beyond(c)
  const id = newId('inv')
  const given = { id, email: old.email, role: old.role, inviter: c.get('person').id, until: Date.now() + INVITATION_MS }
  await invite(c.env.DB, given, byOf(c))
  const renewed = await openInvitation(c.env.DB, id)
  return renewed ? sent(c, renewed) : goTo(c, '/settings/people', `${old.email} has joined meanwhile.`)
})

peopleRoutes.post('/settings/invitations/:id/withdraw', async c => {
  const form = await openPeople(c)
  if (form instanceof Response) return form
  const invitation = await ownInvitation(c)
  if (!invitation) return errorPage(c, 404)
  if (!mayManage(c.get('person'), invitation)) return beyond(c)
  const done = await withdrawInvitation(c.env.DB, invitation, byOf(c))
  return goTo(
    c,
    '/settings/people',
    done ? 'The invitation is withdrawn; its link is dead.' : 'It was taken meanwhile.',
  )
})

async function openPeople(c: PageContext): Promise<URLSearchParams | Response> {
  const read = await readForm(c)
  return read.ok ? read.form : errorPage(c, read.status)
}

async function peoplePage(c: PageContext, form?: InviteForm, status: 200 | 422 = 200) {
  const person = c.get('person')
  const { id: team } = person.team
  const [members, invitations, absences] = await Promise.all([
    teamMembers(c.env.DB, team),
    openInvitations(c.env.DB, team),
    listAbsences(c.env.DB, team),
  ])
  const view = { person, members, invitations, absences, mail: canSendMail(c.env), now: Date.now(), form }
  return page(c, { title: 'People', active: 'settings' }, <PeoplePage view={view} />, status)
}

async function sent(c: PageContext, invitation: InvitationRow) {
  const told = {
    sent: `An invitation is on its way to ${invitation.email}.`,
    kept: `${invitation.email} is invited. On this machine the mail is kept in the outbox.`,
    unconfigured: `${invitation.email} is invited, but mail is not set up here, so no link reached them.`,
    failed: `${invitation.email} is invited, but the mail could not be sent. Try “Send again”.`,
  }
  return goTo(c, '/settings/people', told[await mailInvitation(c.env, invitation)])
}

async function ownInvitation(c: PageContext): Promise<InvitationRow | null> {
  const invitation = await openInvitation(c.env.DB, c.req.param('id') ?? '')
  return invitation?.team === c.get('person').team.id ? invitation : null
}

function byOf(c: PageContext): By {
  const person = c.get('person')
  return { team: person.team.id, actor: personActor(person), at: Date.now() }
}

/** Boards that they have open show nothing more; those who may still watch come again by themselves. */
function endSockets(c: PageContext, { email }: MemberRow): void {
  c.executionCtx.waitUntil(closeSockets(c.env, c.get('person').team.id, { person: email }))
}

function nameOf({ name, email }: MemberRow): string {
  return name || email
}

/** A role that is not in their gift, or a person above them. */
function beyond(c: PageContext) {
  const act = may(c.get('person'), 'people.manage') ? 'owners.manage' : 'people.manage'
  return errorPage(c, 403, { title: onlyFor(act), next: 'Ask an owner of your team to do it.' })
}

function lastOwner(c: PageContext, member: MemberRow) {
  return errorPage(c, 409, {
    title: 'A team needs an owner',
    did: `Nothing was changed: ${nameOf(member)} is the only one, or was changed by someone else just now.`,
    next: 'Make somebody else an owner first.',
  })
}
