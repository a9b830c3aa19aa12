export const LINK_MINUTES: number
export function ownerSql(of: { email: string | undefined; team: string | undefined; at?: Date }): {
  sql: string
  token: string
}
