/** To whom a question goes whose people are gone or away: the named stand-in, else the step's role, else the workflow's owner, else the team's owners. */
import type { Ask, Moved } from './ask.ts'

/** Who is there in a team, all in lower case. */
export interface Attendance {
  /** Who has left. */
  gone: ReadonlySet<string>
  /** Who is away now. */
  away: ReadonlySet<string>
  /** Who stands in for whom. */
  backups: ReadonlyMap<string, string>
  /** The workflow's owner. */
  owner: string | null
  /** The team's. */
  owners: readonly string[]
  /** Those in the roles that the step names. */
  inRole: readonly string[]
}

type Asked = Pick<Ask, 'kind' | 'needs' | 'requester'> & { assignees: { email: string; decided: boolean }[] }

/**
 * Whom the question is put to, and whom it is taken from; null: it may stay as it is. `starter` may not decide where the
 * question says so. Whoever has decided stays, as that counts. Somebody can act afterwards: at worst owners who are away.
 */
export function heirsOf(
  ask: Asked,
  starter: string | null,
  there: Attendance,
): { to: string[]; moved: Moved[] } | null {
  const open = ask.assignees.filter(each => !each.decided).map(each => each.email)
  const absent = open.filter(email => isAbsent(email, there))
  const waitsForNobody = ask.kind !== 'decide' && ask.assignees.length === 0
  if (absent.length === 0 && !waitsForNobody) return null
  const mayDecide = (email: string) => ask.requester || email !== starter
  const isAble = (email: string) => mayDecide(email) && !isAbsent(email, there)
  const kept = ask.assignees.filter(each => each.decided || !absent.includes(each.email)).map(each => each.email)
  const named = absent.flatMap(email => standInOf(email, there, isAble) ?? [])
  const unnamed = waitsForNobody || absent.some(email => standInOf(email, there, isAble) === null)
  const ownerAlone = there.owner !== null && isAble(there.owner) ? [there.owner] : []
  const owners = there.owners.filter(isAble)
  const inRole = there.inRole.filter(email => isAble(email) && !kept.includes(email))
  const next = [inRole, ownerAlone, owners].find(some => some.length > 0) ?? []
  const to = new Set([...kept, ...named, ...(unnamed ? next : [])])
  // Too few could decide it: all are asked who may, by and by.
  for (const some of [ownerAlone, owners, there.owners.filter(mayDecide), there.owners]) {
    if (isEnough(ask, to, mayDecide, there)) break
    for (const email of some) to.add(email)
  }
  const people = [...to]
  const isSame = people.length === ask.assignees.length && ask.assignees.every(each => to.has(each.email))
  if (isSame || people.length === 0) return null
  const moved = absent.filter(email => !to.has(email))
  return { to: people, moved: moved.map(from => ({ from, why: there.gone.has(from) ? 'removed' : 'away' })) }
}

function isAbsent(email: string, { gone, away }: Attendance): boolean {
  return gone.has(email) || away.has(email)
}

/** Who stands in, or for who stands in and is away as well; null: nobody who could decide it. */
function standInOf(email: string, there: Attendance, isAble: (email: string) => boolean): string | null {
  const seen = new Set([email])
  for (let next = there.backups.get(email); next !== undefined && !seen.has(next); next = there.backups.get(next)) {
    if (isAble(next)) return next
    seen.add(next)
  }
  return null
}

/** Whether as many may decide as it takes, and one of them is there who has not yet. */
function isEnough(
  ask: Asked,
  to: ReadonlySet<string>,
  mayDecide: (email: string) => boolean,
  there: Attendance,
): boolean {
  const able = [...to].filter(email => mayDecide(email) && !there.gone.has(email))
  const decided = ask.assignees.filter(each => each.decided).map(each => each.email)
  const counted = new Set([...able, ...decided])
  return counted.size >= ask.needs && able.some(email => !decided.includes(email) && !there.away.has(email))
}
