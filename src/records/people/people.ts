/** Who is signed in, who may sign in, and how invitations make members: reads and writes beside better-auth's own. */
import type { Membership } from '../../domain/caller.ts'
import type { member, session, user } from '../schema/people.ts'
import { invitationsOf, joinTeam } from './members.ts'

/** A session with its person and the team they act for. */
export type SessionRow = Pick<typeof session.$inferSelect, 'token' | 'createdAt' | 'expiresAt'> &
  Pick<typeof user.$inferSelect, 'id' | 'email' | 'name'> &
  Pick<typeof member.$inferSelect, 'role'> & {
    session: string
    team: string
    teamName: string
    teams: Membership[]
    waiting: number
    /** When which of their teams is to be deleted. */
    ending: Record<string, number>
  }

// One round trip for every page. Who was removed from the team has no session in it any more.
const FIND_SESSION = `SELECT s.id AS session, s.token, s.createdAt, s.expiresAt, u.id, u.email, u.name, m.role, o.id AS team, o.name AS teamName,
    (SELECT json_group_array(json_object('id', t.id, 'name', t.name, 'role', a.role)) FROM member a JOIN organization t ON t.id = a.organizationId WHERE a.userId = u.id) AS teams,
    (SELECT json_group_object(e.team, e.ends_at) FROM member a JOIN team_ends e ON e.team = a.organizationId WHERE a.userId = u.id) AS ending,
    (SELECT count(*) FROM (SELECT 1 FROM question_people WHERE team = o.id AND email = lower(u.email) LIMIT 100)) AS waiting
  FROM session s JOIN user u ON u.id = s.userId JOIN member m ON m.userId = u.id JOIN organization o ON o.id = m.organizationId
  WHERE s.token = ?1 AND s.expiresAt > ?2 AND s.createdAt > ?3
  ORDER BY (o.id = s.activeOrganizationId) DESC, m.createdAt, m.id LIMIT 1`

/** The session of this token if it is alive and was opened after `openedAfter`. */
export async function findSession(
  db: D1Database,
  token: string,
  now: Date,
  openedAfter: Date,
): Promise<SessionRow | null> {
  const find = db.prepare(FIND_SESSION).bind(token, now.toISOString(), openedAfter.toISOString())
  const row = await find.first<Omit<SessionRow, 'teams' | 'ending'> & { teams: string; ending: string }>()
  if (row === null) return null
  const teams = JSON.parse(row.teams) as Membership[]
  const ending = JSON.parse(row.ending) as SessionRow['ending']
  return { ...row, ending, teams: teams.toSorted((one, two) => one.name.localeCompare(two.name)) }
}

export async function extendSession(db: D1Database, token: string, until: Date, now: Date): Promise<void> {
  const statement = db.prepare('UPDATE session SET expiresAt = ?1, updatedAt = ?2 WHERE token = ?3 AND expiresAt < ?1')
  await statement.bind(until.toISOString(), now.toISOString(), token).run()
}

export async function deleteSession(db: D1Database, token: string): Promise<void> {
  await db.prepare('DELETE FROM session WHERE token = ?1').bind(token).run()
}

/** Takes away what has ended: sessions, and sign-in links that nobody followed. */
export async function deleteExpired(db: D1Database, now: Date): Promise<void> {
  const at = now.toISOString()
  await db.batch([
    db.prepare('DELETE FROM session WHERE expiresAt < ?1').bind(at),
    db.prepare('DELETE FROM verification WHERE expiresAt < ?1').bind(at),
  ])
}

const ROLES_OF_SESSIONS = `SELECT s.id, m.role FROM session s JOIN user u ON u.id = s.userId
  JOIN member m ON m.userId = u.id AND m.organizationId = ?1
  WHERE s.id IN (SELECT value FROM json_each(?2)) AND s.expiresAt > ?3 AND s.createdAt > ?4`

/** The roles in this team of those whose sessions live at `now` and began after `began`, by session. */
export async function rolesOfSessions(
  db: D1Database,
  team: string,
  sessions: string[],
  now: Date,
  began: Date,
): Promise<Map<string, string>> {
  const { results } = await db
    .prepare(ROLES_OF_SESSIONS)
    .bind(team, JSON.stringify(sessions), now.toISOString(), began.toISOString())
    .all<{ id: string; role: string }>()
  return new Map(results.map(row => [row.id, row.role]))
}

/** The account of this address, whatever teams it is in. */
export async function accountByEmail(
  db: D1Database,
  email: string,
): Promise<{ id: string; email: string; name: string } | null> {
  return db.prepare('SELECT id, email, name FROM user WHERE email = ?1').bind(email).first()
}

/** The person of this address who belongs to a team, whom a link would sign in. */
export async function memberByEmail(db: D1Database, email: string): Promise<{ id: string; email: string } | null> {
  return db
    .prepare('SELECT u.id, u.email FROM user u JOIN member m ON m.userId = u.id WHERE u.email = ?1 LIMIT 1')
    .bind(email.toLowerCase())
    .first()
}

const OPEN_INVITATION = "email = ?1 AND status = 'pending' AND expiresAt > ?2"

export async function isInvited(db: D1Database, email: string, now: Date): Promise<boolean> {
  const statement = db.prepare(`SELECT 1 FROM invitation WHERE ${OPEN_INVITATION} LIMIT 1`)
  return (await statement.bind(email.toLowerCase(), now.toISOString()).first()) !== null
}

/** Makes the person a member of every team that has invited their address, which they have just proved to be theirs; `fromIn`: from where, as a team knows it. */
export async function acceptInvitations(
  db: D1Database,
  person: { id: string; email: string; name?: string },
  now: Date,
  fromIn: (team: string) => Promise<string | undefined>,
): Promise<void> {
  const email = person.email.toLowerCase()
  for (const invitation of await invitationsOf(db, email, now)) {
    const joining = { id: person.id, email, name: person.name ?? '', from: await fromIn(invitation.team) }
    await joinTeam(db, invitation, joining, now.getTime())
  }
}

/** Whom this link would sign in, while it holds; `identifier` is the hash of its token. */
export async function linkRecipient(db: D1Database, identifier: string, now: Date): Promise<string | null> {
  const row = await db
    .prepare('SELECT value FROM verification WHERE identifier = ?1 AND expiresAt > ?2')
    .bind(identifier, now.toISOString())
    .first<{ value: string }>()
  return row ? (JSON.parse(row.value) as { email: string }).email : null
}

// By rowid, the order in which they were made: of many made side by side, each sees the same ones before it.
const LINKS_BEFORE = `SELECT count(*) AS alive, max(expiresAt) AS until FROM verification
  WHERE value->>'$.email' = ?1 AND expiresAt > ?2 AND rowid < (SELECT rowid FROM verification WHERE identifier = ?3)`

/** The links of this address that hold and were made before this one: how many, and until when the newest holds. */
export async function linksBefore(
  db: D1Database,
  email: string,
  identifier: string,
  now: Date,
): Promise<{ alive: number; until: number }> {
  const row = await db
    .prepare(LINKS_BEFORE)
    .bind(email, now.toISOString(), identifier)
    .first<{ alive: number; until: string | null }>()
  return { alive: row?.alive ?? 0, until: row?.until ? Date.parse(row.until) : 0 }
}

/** Takes back a link that nobody was sent. */
export async function deleteLink(db: D1Database, identifier: string): Promise<void> {
  await db.prepare('DELETE FROM verification WHERE identifier = ?1').bind(identifier).run()
}
