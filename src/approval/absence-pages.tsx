/**
 * `/settings/people/:member/away` and `…/remove`: before somebody is away, or leaves, it is shown what waits for them and to
 * whom it goes; only then it is confirmed, and goes there.
 */
import { Hono } from 'hono'
import { personActor } from '../domain/caller.ts'
import { may, mayManage, onlyFor } from '../domain/permissions.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../http/page/page.tsx'
import { readForm } from '../http/request/form.ts'
import { type Absence, absenceOf } from '../records/people/absences.ts'
import { keysMadeBy } from '../records/people/keys.ts'
import { readSettings } from '../records/people/limits.ts'
import { type MemberRow, memberById, teamMembers } from '../records/people/members.ts'
import { awayProblem, dayOf, endOfDay, setAway } from './away.ts'
import { type Planned, planHandOver } from './hand-over.ts'
import { AwayPage, RemovePage } from './views/absence-view.tsx'

export const absencePages = new Hono<PageEnv>()

const AWAY = '/settings/people/:member/away'

absencePages.get('/settings/people/:member/remove', async c => {
  const member = await manageable(c)
  if (member instanceof Response) return member
  const person = c.get('person')
  const [planned, keys] = await Promise.all([
    planFor(c, { email: member.email, removed: true, backup: null }),
    may(person, 'keys.manage') ? keysMadeBy(c.env.DB, person.team.id, member.email, Date.now()) : [],
  ])
  const isSelf = member.user === person.id
  const title = isSelf ? 'Leave the team' : `Remove ${nameOf(member)}`
  const view = { member, isSelf, planned, keys: keys.map(({ name, last4 }) => `${name} (…${last4})`) }
  return page(c, { title, active: 'settings' }, <RemovePage {...view} />)
})

absencePages.get(AWAY, async c => {
  const member = await manageable(c)
  if (member instanceof Response) return member
  const known = await absenceOf(c.env.DB, c.get('person').team.id, member.email)
  return awayPage(c, member, { backup: known?.backup ?? null, awayUntil: known?.awayUntil ?? null })
})

absencePages.post(AWAY, async c => {
  const member = await manageable(c)
  if (member instanceof Response) return member
  const read = await readForm(c)
  if (!read.ok) return errorPage(c, read.status)
  const { form } = read
  const person = c.get('person')
  const by = { team: person.team.id, actor: personActor(person), at: Date.now() }
  const email = member.email.toLowerCase()
  const backup = (form.get('backup') ?? '') || null
  if (form.get('do') === 'back') {
    await setAway(c.env, { email, backup, awayUntil: null }, by)
    return goTo(
      c,
      '/settings/people',
      `${nameOf(member)} is here: new questions come to them. What was handed over stays where it is.`,
    )
  }
  const { timezone } = await readSettings(c.env.DB, by.team)
  const awayUntil = endOfDay(form.get('until') ?? '', timezone)
  const given = { backup, awayUntil }
  const members = await teamMembers(c.env.DB, by.team)
  const emails = members.map(one => one.email)
  const problem = awayProblem({ email, ...given }, emails, by.at)?.message
  if (problem !== undefined) return awayPage(c, member, given, { problem }, 422)
  const planned = await planFor(c, { email, removed: false, backup })
  if (form.get('do') !== 'set') return awayPage(c, member, given, { planned })
  await setAway(c.env, { email, ...given }, by)
  return goTo(c, '/settings/people', `${nameOf(member)} is away. What is asked of them goes to who stands in.`)
})

/** Oneself, or somebody whom one manages; an answer for all others. */
async function manageable(c: PageContext): Promise<MemberRow | Response> {
  const person = c.get('person')
  const member = await memberById(c.env.DB, person.team.id, c.req.param('member') ?? '')
  if (!member) return errorPage(c, 404)
  if (member.user === person.id || mayManage(person, member)) return member
  return errorPage(c, 403, { title: onlyFor('people.manage') })
}

function planFor(c: PageContext, { email, ...assumed }: Parameters<typeof planHandOver>[2]): Promise<Planned[]> {
  return planHandOver(c.env, c.get('person').team.id, { email: email.toLowerCase(), ...assumed })
}

type Given = Omit<Absence, 'email'>

async function awayPage(
  c: PageContext,
  member: MemberRow,
  given: Given,
  over: { problem?: string; planned?: Planned[] } = {},
  status: 200 | 422 = 200,
) {
  const { id: team } = c.get('person').team
  const [members, { timezone }] = await Promise.all([teamMembers(c.env.DB, team), readSettings(c.env.DB, team)])
  const day = given.awayUntil === null ? '' : dayOf(given.awayUntil, timezone)
  const others = members
    .filter(one => one.id !== member.id)
    .map(({ email, name }) => ({ email: email.toLowerCase(), name }))
  const isSelf = member.user === c.get('person').id
  const view = { member, isSelf, others, now: Date.now(), day, timezone, ...given, ...over }
  return page(c, { title: 'Away', active: 'settings' }, <AwayPage view={view} />, status)
}

function nameOf({ name, email }: MemberRow): string {
  return name || email
}
