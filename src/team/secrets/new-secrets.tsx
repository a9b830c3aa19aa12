/** Secrets that come with a pasted call: fields of the form that it fills in, and set for the call's host alone. */
import { type Person, personActor } from '../../domain/caller.ts'
import type { FoundSecret } from '../../domain/tools/found-secrets.ts'
import type { Env } from '../../env.ts'
import { Notice } from '../../http/components/feedback.tsx'
import { TextField } from '../../http/components/field.tsx'
import { secretsByName } from '../../records/people/secrets.ts'
import { keepSecret, MAX_SECRETS, secretProblem } from './secrets.ts'

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

/** Those that a pasted call held, each with a field for its value; `when`: they are set. */
export const NewSecrets = ({ secrets, admin, when }: { secrets: FoundSecret[]; admin: boolean; when: string }) =>
  secrets.length === 0 ? null : (
    <Notice icon="key">
      {secrets.map(({ name, value }, index) => (
        <div class="stack-tight">
          <p>
            What signs in here is named <code>{`{{ secrets.${name} }}`}</code>
            {admin
              ? ` and is set as a secret, for this host alone, when you ${when}.`
              : '. An owner or admin must set this secret first.'}
          </p>
          {admin && (
            <>
              <input type="hidden" name={`secret_${index}_name`} value={name} />
              <TextField
                label={`Value of ${name}`}
                name={`secret_${index}_value`}
                type="password"
                value={value}
                autocomplete="off"
                hint="Kept encrypted, and never shown again."
              />
            </>
          )}
        </div>
      ))}
    </Notice>
  )
