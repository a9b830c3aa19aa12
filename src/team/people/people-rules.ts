/** Who may do what to whom in a team: the rules of the people page, without a database. */

const ROLES = ['owner', 'admin', 'member', 'viewer'] as const
export type Role = (typeof ROLES)[number]

/** What each role may, as pages say it. */
export const ROLE_MEANS: Record<Role, string> = {
  owner: 'everything, owners included',
  admin: 'manages people and keys',
  member: 'works with workflows and tasks',
  viewer: 'looks, and changes nothing',
}

const has = (roles: string, role: Role) => roles.split(',').some(one => one.trim() === role)

/** The one role that a person's roles amount to: the highest. */
export function roleOf(roles: string): Role {
  return ROLES.find(role => has(roles, role)) ?? 'viewer'
}

/** The roles that someone may give, invite with and take away: none, for those who do not manage people. */
export function rolesInGiftOf(roles: string): Role[] {
  switch (roleOf(roles)) {
    case 'owner':
      return [...ROLES]
    case 'admin':
      return ['admin', 'member', 'viewer']
    default:
      return []
  }
}

/** Whether someone may change this member's role, or remove them. */
export function mayManage(actor: string, member: string): boolean {
  return rolesInGiftOf(actor).includes(roleOf(member))
}
