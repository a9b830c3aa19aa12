/** A team's secrets: what may be one, how it is sealed, and who names it. Its value is opened where a call is made, and nowhere else. */
import { isHostName } from '../../domain/call/address.ts'
import { canBeMasked, MASKED_FROM, SECRET_NAME, secretsNamed } from '../../domain/call/secret-marks.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import { listSecrets, mayNameSecrets, putSecret } from '../../records/people/secrets.ts'
import { seal } from '../vault.ts'

/** Secrets that a team may have. */
export const MAX_SECRETS = 100
/** Longest value, in characters. */
export const MAX_VALUE = 8192
const MAX_HOSTS = 20
const TRIES = 5

/** What is wrong with a secret, and in which of its fields. */
export interface SecretProblem {
  field: 'name' | 'value' | 'hosts' | 'note'
  message: string
}

export interface NewSecret {
  name: string
  value: string
  hosts: string[]
  note: string | null
}

/** What a team's secret is sealed to. */
export function sealedTo(team: string, name: string): { team: string; id: string } {
  return { team, id: `secret:${name}` }
}

/** Why this cannot be a secret, or null. */
export function secretProblem({ name, value, hosts, note }: NewSecret, local: boolean): SecretProblem | null {
  if (!SECRET_NAME.test(name)) return wrong('name', 'Start with a letter; a–z, 0–9 and _, 40 at most.')
  if (value === '') return wrong('value', 'Give its value.')
  if (!canBeMasked(value)) {
    const why = 'a shorter value could not be hidden where a service echoes it.'
    return wrong('value', `Give at least ${MASKED_FROM} characters: ${why}`)
  }
  if (value.length > MAX_VALUE) return wrong('value', `It is longer than ${MAX_VALUE} characters.`)
  if (/[\0\r\n]/.test(value)) return wrong('value', 'It holds a line break, which no header takes.')
  if (hosts.length === 0) return wrong('hosts', 'Name at least one host that it may go to, such as api.example.com.')
  if (hosts.length > MAX_HOSTS) return wrong('hosts', `Name ${MAX_HOSTS} hosts at most.`)
  const bad = hosts.find(host => !isHostName(host, local))
  if (bad !== undefined) {
    return wrong(
      'hosts',
      `“${bad}” is not the public name of a host: write it as in api.example.com, without https:// or a port.`,
    )
  }
  return note !== null && note.length > 500 ? wrong('note', 'It is longer than 500 characters.') : null
}

function wrong(field: SecretProblem['field'], message: string): SecretProblem {
  return { field, message }
}

/** Hosts as people write them: between commas, blanks or lines, in any case. */
export function hostsIn(text: string): string[] {
  return [
    ...new Set(
      text
        .toLowerCase()
        .split(/[\s,;]+/)
        .filter(Boolean),
    ),
  ]
}

/** Seals and keeps a secret, in the place of an earlier one of its name. `full`: the team has as many as it may. */
export async function keepSecret(
  env: Pick<Env, 'DB' | 'BATON_SECRET' | 'BATON_SECRET_OLD'>,
  team: string,
  { name, value, hosts, note }: NewSecret,
  by: { actor: Actor; name: string },
  at: number,
): Promise<'kept' | 'full'> {
  for (let tried = 0; tried < TRIES; tried++) {
    const all = await listSecrets(env.DB, team)
    const version = (all.find(secret => secret.name === name)?.version ?? 0) + 1
    if (version === 1 && all.length >= MAX_SECRETS) return 'full'
    const sealed = JSON.stringify(await seal(env, sealedTo(team, name), version, value))
    const row = { team, name, sealed, version, hosts, note, updatedBy: by.name }
    if (await putSecret(env.DB, row, MAX_SECRETS, by.actor, at)) return 'kept'
  }
  throw new Error('a secret was set by others each time it was to be set')
}

/** Who names a secret. */
export interface SecretUse {
  kind: 'workflow' | 'tool' | 'mcp_server' | 'provider'
  name: string
  href: string
}

/** Secret's name → the live workflows, tools, MCP servers and providers of models that name it. */
export async function secretUses(db: D1Database, team: string): Promise<Map<string, SecretUse[]>> {
  const { workflows, tools, servers, providers } = await mayNameSecrets(db, team)
  const uses = new Map<string, SecretUse[]>()
  const note = (names: string[], use: SecretUse) => {
    for (const name of names) uses.set(name, [...(uses.get(name) ?? []), use])
  }
  for (const { id, name, definition } of workflows) {
    note(secretsNamed(definition.steps), { kind: 'workflow', name, href: `/workflows/${id}` })
  }
  for (const tool of tools) note(secretsNamed(tool.http), { kind: 'tool', name: tool.key, href: `/tools/${tool.key}` })
  for (const { key, headers } of servers) {
    note(secretsNamed(headers), { kind: 'mcp_server', name: key, href: `/mcp-servers/${key}` })
  }
  for (const { key, secret } of providers) note([secret], { kind: 'provider', name: key, href: '/settings/models' })
  return uses
}
