/** How many decisions are open to people: what the Gate weighs before it lets a draft be made for them. */
import { membersByRole } from '../people/teams.ts'

const OPEN = `SELECT p.value AS person, (SELECT count(*) FROM question_people q WHERE q.team = ?1 AND q.email = p.value) AS open
  FROM json_each(?2) p`
const ROLE = 'role:'

/**
 * Open decisions of each of these, as assignments name them: an address, or `role:admin` for whoever of that role has fewest.
 * A role that nobody has counts none.
 */
export async function openDecisions(db: D1Database, team: string, people: string[]): Promise<Record<string, number>> {
  const addresses = await Promise.all(
    people.map(async person =>
      person.startsWith(ROLE) ? membersByRole(db, team, person.slice(ROLE.length)) : [addressOf(person)],
    ),
  )
  const { results } = await db
    .prepare(OPEN)
    .bind(team, JSON.stringify([...new Set(addresses.flat())]))
    .all<{ person: string; open: number }>()
  const open = new Map(results.map(row => [row.person, row.open]))
  const least = (some: string[]) => (some.length === 0 ? 0 : Math.min(...some.map(one => open.get(one) ?? 0)))
  return Object.fromEntries(people.map((person, index) => [person, least(addresses[index] ?? [])]))
}

function addressOf(person: string): string {
  return person.replace(/^guest:/, '').toLowerCase()
}
