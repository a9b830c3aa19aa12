/** Who asks Baton for something: a person who is signed in, or a key of the team. What each may do, and how a task's log names them. */
import type { Actor } from './task/events.ts'

/** Who is signed in, and the team they act for. */
export interface Person {
  id: string
  email: string
  name: string
  /** `owner`, `admin`, `member` or `viewer`; several as a comma list. */
  role: string
  team: { id: string; name: string }
  /** All that they belong to, this one among them, by name. */
  teams: Membership[]
  /** How many questions wait for them, counted up to 100. */
  waiting?: number
  /** The session's id, for what must end with it. */
  session: string
  /** The mark of the address that they do something from. */
  from?: string
  /** Which of their teams are to be deleted, and when: ms since the epoch. */
  ending?: Record<string, number>
}

/** A team that somebody belongs to, and what they are in it. */
export interface Membership {
  id: string
  name: string
  role: string
}

/** The same person in another of their teams; null: they do not belong to it. */
export function personIn(person: Person, team: string): Person | null {
  const there = person.teams.find(({ id }) => id === team)
  return there ? { ...person, role: there.role, team: { id: there.id, name: there.name } } : null
}

export const SCOPES = ['tasks:read', 'tasks:write', 'workflows:read', 'workflows:write', 'approve', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** A key that was checked and holds. */
export interface TeamKey {
  id: string
  team: string
  name: string
  scopes: ReadonlySet<string>
  /** The mark of the address that it is used from. */
  from?: string
}

/** Why a request's key does not open anything. */
export type KeyFault = 'missing' | 'malformed' | 'unknown' | 'revoked' | 'expired' | 'wrong_team'

/** The person as a log names them. */
export function personActor({ email, name, from }: { email: string; name: string; from?: string }): Actor {
  return { kind: 'person', id: email, name, ...marked(from) }
}

/** The key as a log names it. */
export function keyActor(key: TeamKey): Actor {
  return { kind: 'key', id: key.id, name: key.name, ...marked(key.from) }
}

/** Whoever holds a link, which is known by the address that it went to. */
export function linkActor(recipient: string, from?: string): Actor {
  return { kind: 'link', id: recipient, ...marked(from) }
}

function marked(from: string | undefined): { from?: string } {
  return from === undefined ? {} : { from }
}
