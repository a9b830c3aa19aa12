/** Whom to choose from where people are named, and who of them is away. */
import { listAbsences } from './absences.ts'
import { listMembers } from './teams.ts'

export interface Choosable {
  email: string
  away: boolean
}

/** The team's members, in the order of their addresses. */
export async function choosable(db: D1Database, team: string, now: number): Promise<Choosable[]> {
  const [members, absences] = await Promise.all([listMembers(db, team), listAbsences(db, team)])
  const away = new Set(absences.filter(({ awayUntil }) => (awayUntil ?? 0) > now).map(({ email }) => email))
  return members.map(({ email }) => ({ email, away: away.has(email.toLowerCase()) }))
}
