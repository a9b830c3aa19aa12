/** Secrets that come with a new tool: out of its form, and set for the tool's host alone. */
import { type Person, personActor } from '../domain/caller.ts'
import type { FoundSecret } from '../domain/tools/found-secrets.ts'
import type { Env } from '../env.ts'
import { secretsByName } from '../records/people/secrets.ts'
import { keepSecret, MAX_SECRETS, secretProblem } from '../team/secrets/secrets.ts'

const MOST = 10

/** The secrets that the form holds. */
export function secretsIn(given: Record<string, string>): FoundSecret[] {
  return Array.from({ length: MOST }, (_, index) => index).flatMap(index => {
    const name = given[`secret_${index}_name`]
    if (name === undefined) return []
    return [{ name, value: (given[`secret_${index}_value`] ?? '').trim(), place: 'call' }]
  })
}

/** Sets them for this host; what stands in the way, in words, or null. One that is there already is never replaced. */
export async function keepNewSecrets(
  env: Env,
  person: Person,
  secrets: FoundSecret[],
  host: string,
): Promise<string | null> {
  const team = person.team.id
  const there = await secretsByName(
    env.DB,
    team,
    secrets.map(({ name }) => name),
  )
  const taken = there.at(0)
  if (taken !== undefined) return `There is a secret “${taken.name}” already. Empty its value to use it as it is.`
  for (const { name, value } of secrets) {
    const secret = { name, value, hosts: [host], note: null }
    const wrong = secretProblem(secret, env.BATON_LOCAL === '1')
    if (wrong !== null) return `The secret ${name}: ${wrong.message}`
    const kept = await keepSecret(env, team, secret, { actor: personActor(person), name: person.email }, Date.now())
    if (kept === 'full') return `The team has ${MAX_SECRETS} secrets, as many as it may.`
  }
  return null
}
