/** Teams, their members, and what the consumer asks of a team. */
import { and, eq } from 'drizzle-orm'
import type { AgentVersion } from '../../domain/agent.ts'
import { personActor } from '../../domain/caller.ts'
import { actStatement } from '../acts.ts'
import { orm } from '../database.ts'
import { agentVersionRow } from '../definitions/agents.ts'
import { member, organization, user } from '../schema/people.ts'

type Member = Pick<typeof user.$inferSelect, 'email' | 'name'> & Pick<typeof member.$inferSelect, 'role'>

export async function listMembers(db: D1Database, team: string): Promise<Member[]> {
  return orm(db)
    .select({ email: user.email, name: user.name, role: member.role })
    .from(member)
    .innerJoin(user, eq(user.id, member.userId))
    .where(eq(member.organizationId, team))
    .orderBy(user.email)
}

/** The addresses of the team's members in this role; owners count as admins, too. */
export async function membersByRole(db: D1Database, team: string, role: string): Promise<string[]> {
  const members = await listMembers(db, team)
  return members.filter(one => hasRole(one.role, role)).map(one => one.email)
}

/** Whether somebody of these roles counts as this one; owners count as admins, too. */
export function hasRole(roles: string, role: string): boolean {
  // better-auth keeps several roles as a comma list.
  const all = roles.split(',').map(part => part.trim())
  return all.includes(role) || (role === 'admin' && all.includes('owner'))
}

/** One immutable version of an agent; null when there is none. */
export async function agentVersion(
  db: D1Database,
  team: string,
  key: string,
  version: number,
): Promise<AgentVersion | null> {
  const row = await agentVersionRow(db, team, key, version)
  return row && { ...row.agent, version: row.version }
}

export async function teamBySlug(db: D1Database, slug: string): Promise<{ id: string; name: string } | null> {
  const row = await orm(db)
    .select({ id: organization.id, name: organization.name })
    .from(organization)
    .where(eq(organization.slug, slug))
    .get()
  return row ?? null
}

const OWNERS_OF = { wf: 'workflows', tsk: 'tasks', int: 'intakes' }

/** The team that this workflow, task or intake belongs to; null: there is none of this id. */
export function teamOf(db: D1Database, id: string): Promise<string | null> {
  const table = OWNERS_OF[id.split('_')[0] as keyof typeof OWNERS_OF]
  return db.prepare(`SELECT team FROM ${table} WHERE id = ?1`).bind(id).first<string>('team')
}

/** Makes a team with its first owner, on record. */
export async function makeTeam(
  db: D1Database,
  team: { id: string; name: string; membership: string },
  person: { id: string; email: string; name: string; from?: string },
  at: number,
): Promise<void> {
  const iso = new Date(at).toISOString()
  const actor = personActor(person)
  await db.batch([
    db
      .prepare('INSERT INTO organization (id, name, slug, createdAt) VALUES (?1, ?2, ?1, ?3)')
      .bind(team.id, team.name, iso),
    db
      .prepare(`INSERT INTO member (id, organizationId, userId, role, createdAt) VALUES (?1, ?2, ?3, 'owner', ?4)`)
      .bind(team.membership, team.id, person.id, iso),
    await actStatement(db, {
      team: team.id,
      at,
      type: 'team.made',
      actor,
      facts: { name: team.name, from: null, to: team.name },
    }),
  ])
}

/** Makes the team unless one with this slug is there; whoever comes second gets the first one's. */
export async function ensureTeam(
  db: D1Database,
  team: { id: string; name: string; slug: string; at: Date },
): Promise<{ id: string; name: string }> {
  await orm(db)
    .insert(organization)
    .values({ id: team.id, name: team.name, slug: team.slug, createdAt: team.at.toISOString() })
    .onConflictDoNothing()
  const made = await teamBySlug(db, team.slug)
  if (!made) throw new Error(`the team ${team.slug} is missing right after it was made`)
  return made
}

/** Makes the person and the membership unless they are there. */
export async function ensureMember(
  db: D1Database,
  team: string,
  person: { id: string; membership: string; email: string; name: string; role: string; at: Date },
): Promise<void> {
  const at = person.at.toISOString()
  const d = orm(db)
  await d
    .insert(user)
    .values({ id: person.id, name: person.name, email: person.email, emailVerified: 1, createdAt: at, updatedAt: at })
    .onConflictDoNothing()
  const found = await d.select({ id: user.id }).from(user).where(eq(user.email, person.email)).get()
  if (!found) throw new Error(`the user ${person.id} is missing right after it was made`)
  const joined = await d
    .select({ id: member.id })
    .from(member)
    .where(and(eq(member.organizationId, team), eq(member.userId, found.id)))
    .get()
  if (joined) return
  const row = { id: person.membership, organizationId: team, userId: found.id, role: person.role, createdAt: at }
  await d.insert(member).values(row).onConflictDoNothing()
}
