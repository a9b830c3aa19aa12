/** Who may do what in a team: every act there is, which roles may do it, and what a key needs for it. Pages, the API and the page that shows this table read it here. */
import type { Scope } from './caller.ts'

/** Highest first. */
export const ROLES = ['owner', 'admin', 'member', 'viewer'] as const
export type Role = (typeof ROLES)[number]

/** What each role may, in a few words. */
export const ROLE_MEANS: Record<Role, string> = {
  owner: 'everything, owners included',
  admin: 'manages people and keys',
  member: 'works with workflows and tasks',
  viewer: 'looks, and answers what they are asked',
}

interface Rule {
  /** Completes "Viewers cannot …" and "Only owners and admins may …". */
  what: string
  /** Lowest role that may; each role may what those below it may. */
  from: Role
  /** The scope that lets a key do the same; null: only people may. */
  scope: Scope | null
}

export const ACTS = {
  'tasks.see': { what: 'see tasks, approvals, figures and the audit log', from: 'viewer', scope: 'tasks:read' },
  'workflows.see': {
    what: 'see workflows, intakes, agents, skills, knowledge and tools',
    from: 'viewer',
    scope: 'workflows:read',
  },
  'questions.answer': { what: 'answer questions that are put to them', from: 'viewer', scope: 'approve' },
  'people.see': { what: 'see who belongs to the team', from: 'viewer', scope: null },
  'self.manage': { what: 'leave, change teams, and manage what is their own', from: 'viewer', scope: null },
  'teams.make': { what: 'make a team of their own', from: 'viewer', scope: null },
  'tasks.act': { what: 'start tasks, and retry, move, reassign or cancel them', from: 'member', scope: 'tasks:write' },
  'tasks.delete': { what: 'delete tasks that are over', from: 'admin', scope: 'admin' },
  'workflows.change': { what: 'make, change and publish workflows', from: 'member', scope: 'workflows:write' },
  'intakes.change': { what: 'change intakes and schedules', from: 'member', scope: 'workflows:write' },
  'agents.change': { what: 'change agents, skills and knowledge', from: 'member', scope: 'workflows:write' },
  'answers.take': { what: 'take answers that were offered as knowledge', from: 'admin', scope: null },
  'tools.change': { what: 'change tools and MCP servers', from: 'member', scope: 'workflows:write' },
  'workflows.delete': { what: 'delete workflows that others own', from: 'admin', scope: 'workflows:write' },
  'tools.try': { what: 'try tools out', from: 'admin', scope: 'admin' },
  'secrets.see': { what: 'see which keys and secrets there are', from: 'viewer', scope: 'admin' },
  'keys.manage': { what: 'make, roll and revoke keys', from: 'admin', scope: 'admin' },
  'secrets.manage': { what: 'set and delete secrets', from: 'admin', scope: 'admin' },
  'providers.manage': { what: 'change and try providers of models', from: 'admin', scope: 'admin' },
  'limits.change': {
    what: 'change what the team may spend and how fast, and when it works',
    from: 'admin',
    scope: 'admin',
  },
  'people.manage': { what: 'invite people, give roles and remove people', from: 'admin', scope: null },
  'data.manage': {
    what: 'set how long things are kept and where the audit’s proof is mailed, see and delete archives, save all data, and delete the team',
    from: 'owner',
    scope: 'admin',
  },
  'owners.manage': { what: 'make and remove owners', from: 'owner', scope: null },
  'sessions.end': { what: 'sign others out everywhere', from: 'owner', scope: null },
  'permissions.see': { what: 'see this table', from: 'owner', scope: null },
} as const satisfies Record<string, Rule>

export type Act = keyof typeof ACTS

/** The one role that a person's roles amount to: the highest. Several are kept as a comma list. */
export function roleOf(roles: string): Role {
  const given = roles.split(',').map(role => role.trim())
  return ROLES.find(role => given.includes(role)) ?? 'viewer'
}

/** Whether a person of this role may do this. */
export function may({ role }: { role: string }, act: Act): boolean {
  return ROLES.indexOf(roleOf(role)) <= ROLES.indexOf(ACTS[act].from)
}

/** Why somebody of a lower role is refused, in a sentence without a full stop. */
export function onlyFor(act: Act): string {
  const { what, from } = ACTS[act]
  if (from === 'member') return `Viewers cannot ${what}`
  return from === 'owner' ? `Only owners may ${what}` : `Only owners and admins may ${what}`
}

/** The roles that someone may give, invite with and take away: none, for those who do not manage people. */
export function rolesInGiftOf(actor: { role: string }): Role[] {
  if (may(actor, 'owners.manage')) return [...ROLES]
  return may(actor, 'people.manage') ? ROLES.filter(role => role !== 'owner') : []
}

/** Whether someone may change this member's role, or remove them. */
export function mayManage(actor: { role: string }, member: { role: string }): boolean {
  return rolesInGiftOf(actor).includes(roleOf(member.role))
}
