/** Who belongs to a team and who is invited: reads, and the writes of people pages. Each write is on record with what it changed. */
import { personActor } from '../../domain/caller.ts'
import type { Actor } from '../../domain/task/events.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import type { invitation, member as memberTable, user } from '../schema/people.ts'
import { rememberFormer } from './former-members.ts'

/** A membership with its person: `user` is their account's id. */
export type MemberRow = Pick<typeof memberTable.$inferSelect, 'id' | 'role'> &
  Pick<typeof user.$inferSelect, 'email' | 'name'> & { user: string; joinedAt: string }

/** An invitation; `inviter` is an address. */
export type InvitationRow = Pick<typeof invitation.$inferSelect, 'id' | 'email' | 'expiresAt' | 'createdAt'> & {
  role: string
  team: string
  teamName: string
  inviter: string
}

/** Who did it, and when. */
export interface By {
  team: string
  actor: Actor
  at: number
}

const MEMBER = `SELECT m.id, m.userId AS user, u.email, u.name, m.role, m.createdAt AS joinedAt
  FROM member m JOIN user u ON u.id = m.userId WHERE m.organizationId = ?1`

export async function teamMembers(db: D1Database, team: string): Promise<MemberRow[]> {
  return (await db.prepare(`${MEMBER} ORDER BY u.email`).bind(team).all<MemberRow>()).results
}

export function memberById(db: D1Database, team: string, id: string): Promise<MemberRow | null> {
  return db.prepare(`${MEMBER} AND m.id = ?2`).bind(team, id).first<MemberRow>()
}

/** Has the session act for another team that its person belongs to; false when they do not. */
export async function switchTeam(db: D1Database, session: string, team: string): Promise<boolean> {
  const text = `UPDATE session SET activeOrganizationId = ?2 WHERE id = ?1
    AND EXISTS (SELECT 1 FROM member WHERE userId = session.userId AND organizationId = ?2)`
  return (await db.prepare(text).bind(session, team).run()).meta.changes > 0
}

// A list of roles is how better-auth would keep several.
const OWNS = (column: string) => `instr(',' || replace(${column}, ' ', '') || ',', ',owner,') > 0`
/** Whether the team keeps an owner without this member. */
const ANOTHER_OWNER = `EXISTS (SELECT 1 FROM member o WHERE o.organizationId = ?1 AND o.id != ?2 AND ${OWNS('o.role')})`

/** Gives the member another role. False: they are gone, or the team would be left without an owner. */
export async function setRole(db: D1Database, member: MemberRow, role: string, by: By): Promise<boolean> {
  const change = db
    .prepare(
      `UPDATE member SET role = ?3 WHERE organizationId = ?1 AND id = ?2 AND role = ?4
       AND (?3 = 'owner' OR NOT ${OWNS('role')} OR ${ANOTHER_OWNER})`,
    )
    .bind(by.team, member.id, role, member.role)
  const facts = { email: member.email, from: member.role, to: role }
  return changed(db, change, await actStatement(db, { ...by, type: 'role.changed', facts }, LAST_CHANGED))
}

/** Takes the member out of the team and ends all their sessions, and the invitations that they have given. False: they are gone, or are the last owner. */
export async function removeMember(db: D1Database, member: MemberRow, by: By, self: boolean): Promise<boolean> {
  const change = db
    .prepare(`DELETE FROM member WHERE organizationId = ?1 AND id = ?2 AND (NOT ${OWNS('role')} OR ${ANOTHER_OWNER})`)
    .bind(by.team, member.id)
  const type = self ? 'person.left' : 'person.removed'
  const facts = { email: member.email, role: member.role, from: member.role, to: null }
  const act = await actStatement(db, { ...by, type, facts }, LAST_CHANGED)
  const end = db
    .prepare('DELETE FROM session WHERE userId = ?1 AND NOT EXISTS (SELECT 1 FROM member WHERE id = ?2)')
    .bind(member.user, member.id)
  const former = rememberFormer(db, { team: by.team, email: member.email, membership: member.id, at: by.at })
  return changed(db, change, act, end, former, ...(await endInvitations(db, member, by)))
}

/** What they invited others to ends with them; so does an invitation of their own that they did not need. */
async function endInvitations(db: D1Database, member: MemberRow, by: By): Promise<D1PreparedStatement[]> {
  const open = await openInvitations(db, by.team)
  const theirs = open.filter(({ inviter, email }) => inviter === member.email || email === member.email)
  const left = 'NOT EXISTS (SELECT 1 FROM member WHERE id = ?2)'
  const ended = theirs.map(async ({ id, email, role }) => [
    db.prepare(`DELETE FROM invitation WHERE id = ?1 AND status = 'pending' AND ${left}`).bind(id, member.id),
    await actStatement(
      db,
      { ...by, type: 'invitation.withdrawn', facts: { email, from: role, to: null } },
      LAST_CHANGED,
    ),
  ])
  return (await Promise.all(ended)).flat()
}

/** Runs the change with what must happen beside it; whether it changed anything. */
async function changed(db: D1Database, change: D1PreparedStatement, ...beside: D1PreparedStatement[]) {
  const [first] = await db.batch([change, ...beside])
  return (first?.meta.changes ?? 0) > 0
}

const INVITATION = `SELECT i.id, i.organizationId AS team, o.name AS teamName, i.email, coalesce(i.role, 'member') AS role,
    i.expiresAt, i.createdAt, u.email AS inviter
  FROM invitation i JOIN organization o ON o.id = i.organizationId JOIN user u ON u.id = i.inviterId WHERE i.status = 'pending'`

/** The team's invitations that nobody has taken yet, those that have run out, too. */
export async function openInvitations(db: D1Database, team: string): Promise<InvitationRow[]> {
  const text = `${INVITATION} AND i.organizationId = ?1 ORDER BY i.email`
  return (await db.prepare(text).bind(team).all<InvitationRow>()).results
}

export function openInvitation(db: D1Database, id: string): Promise<InvitationRow | null> {
  return db.prepare(`${INVITATION} AND i.id = ?1`).bind(id).first<InvitationRow>()
}

/** The invitations of this address that still hold. */
export async function invitationsOf(db: D1Database, email: string, now: Date): Promise<InvitationRow[]> {
  const text = `${INVITATION} AND i.email = ?1 AND i.expiresAt > ?2`
  return (await db.prepare(text).bind(email, now.toISOString()).all<InvitationRow>()).results
}

/** Invites the address, or renews the invitation it has. Whoever is a member already is not invited: null. */
export async function invite(
  db: D1Database,
  given: { id: string; email: string; role: string; inviter: string; until: number },
  by: By,
): Promise<string | null> {
  const { id, email, role, inviter } = given
  const [at, until] = [by.at, given.until].map(ms => new Date(ms).toISOString())
  const isMember = `EXISTS (SELECT 1 FROM member m JOIN user u ON u.id = m.userId WHERE m.organizationId = ?2 AND u.email = ?3)`
  await db.batch([
    db
      .prepare(`DELETE FROM invitation WHERE organizationId = ?1 AND email = ?2 AND status = 'pending'`)
      .bind(by.team, email),
    db
      .prepare(
        `INSERT INTO invitation (id, organizationId, email, role, status, expiresAt, createdAt, inviterId)
         SELECT ?1, ?2, ?3, ?4, 'pending', ?5, ?6, ?7 WHERE NOT ${isMember}`,
      )
      .bind(id, by.team, email, role, until!, at!, inviter),
    await actStatement(
      db,
      { ...by, type: 'person.invited', facts: { email, role, from: null, to: role } },
      LAST_CHANGED,
    ),
  ])
  return (await openInvitation(db, id)) === null ? null : id
}

/** Withdraws an invitation; false when it was taken or withdrawn before. */
export async function withdrawInvitation(db: D1Database, invitation: InvitationRow, by: By): Promise<boolean> {
  const change = db
    .prepare(`DELETE FROM invitation WHERE id = ?1 AND organizationId = ?2 AND status = 'pending'`)
    .bind(invitation.id, by.team)
  const facts = { email: invitation.email, from: invitation.role, to: null }
  return changed(db, change, await actStatement(db, { ...by, type: 'invitation.withdrawn', facts }, LAST_CHANGED))
}

/** Makes the person a member by the invitation, once; false when it is taken, withdrawn or too old. */
export async function joinTeam(
  db: D1Database,
  invitation: InvitationRow,
  person: { id: string; email: string; name: string; from?: string },
  at: number,
): Promise<boolean> {
  const { id, team, role, inviter } = invitation
  const iso = new Date(at).toISOString()
  const act = {
    team,
    actor: personActor(person),
    at,
    type: 'person.joined' as const,
    facts: { email: person.email, role, inviter, from: null, to: role },
  }
  const taken = { sql: `EXISTS (SELECT 1 FROM member WHERE id = $1)`, values: [`member_${id}`] }
  const [, , accepted] = await db.batch([
    db
      .prepare(
        `INSERT INTO member (id, organizationId, userId, role, createdAt)
         SELECT 'member_' || id, organizationId, ?2, coalesce(role, 'member'), ?3 FROM invitation
         WHERE id = ?1 AND status = 'pending' AND expiresAt > ?3 ON CONFLICT (organizationId, userId) DO NOTHING`,
      )
      .bind(id, person.id, iso),
    await actStatement(db, act, { sql: `changes() > 0 AND ${taken.sql}`, values: taken.values }),
    db
      .prepare(`UPDATE invitation SET status = 'accepted' WHERE id = ?1 AND status = 'pending' AND expiresAt > ?2`)
      .bind(id, iso),
  ])
  return (accepted?.meta.changes ?? 0) > 0
}
