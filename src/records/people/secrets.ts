/** A team's secrets in D1: sealed values, the hosts that each may go to, and when it was last used. Never a value in the clear. */
import type { Actor } from '../../domain/task/events.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import type { TeamTool } from '../../domain/tools/tool.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import type { SealedSecret, secrets } from '../schema/people.ts'

type Row = typeof secrets.$inferSelect

/** A secret as pages and the API show it. */
export type SecretRow = Omit<Row, 'team' | 'sealed' | 'hosts'> & { hosts: string[] }

/** A secret as a call needs it. */
export interface StoredSecret {
  name: string
  sealed: SealedSecret
  hosts: string[]
}

const SECRETS_BY_NAME =
  'SELECT name, sealed, hosts FROM secrets WHERE team = ?1 AND name IN (SELECT value FROM json_each(?2))'

/** Those of these names that are there. */
export async function secretsByName(db: D1Database, team: string, names: readonly string[]): Promise<StoredSecret[]> {
  const { results } = await db
    .prepare(SECRETS_BY_NAME)
    .bind(team, JSON.stringify(names))
    .all<{ name: string; sealed: string; hosts: string }>()
  return results.map(({ name, sealed, hosts }) => ({
    name,
    sealed: JSON.parse(sealed) as SealedSecret,
    hosts: JSON.parse(hosts) as string[],
  }))
}

const TOUCH_SECRETS = `UPDATE secrets SET last_used_at = ?3 WHERE team = ?1 AND name IN (SELECT value FROM json_each(?2))
  AND (last_used_at IS NULL OR last_used_at < ?4)`

/** Notes that these were used, unless that was noted after `stale`. */
export async function touchSecrets(
  db: D1Database,
  team: string,
  names: readonly string[],
  now: number,
  stale: number,
): Promise<void> {
  await db.prepare(TOUCH_SECRETS).bind(team, JSON.stringify(names), now, stale).run()
}

const SECRET_HOSTS = 'SELECT name, hosts FROM secrets WHERE team = ?1'

/** Of all secrets of the team: name → the hosts that it may go to. */
export async function secretHosts(db: D1Database, team: string): Promise<Map<string, string[]>> {
  const { results } = await db.prepare(SECRET_HOSTS).bind(team).all<{ name: string; hosts: string }>()
  return new Map(results.map(({ name, hosts }) => [name, JSON.parse(hosts) as string[]]))
}

/** The same as a list by name, to choose from. */
export async function choosableSecrets(db: D1Database, team: string): Promise<{ name: string; hosts: string[] }[]> {
  const all = [...(await secretHosts(db, team))].map(([name, hosts]) => ({ name, hosts }))
  return all.toSorted((a, b) => a.name.localeCompare(b.name))
}

const LIST_SECRETS = `SELECT name, version, hosts, note, created_at AS createdAt, updated_at AS updatedAt,
  updated_by AS updatedBy, last_used_at AS lastUsedAt FROM secrets WHERE team = ?1 ORDER BY name`

/** All secrets of the team, by name: there are a hundred at most. */
export async function listSecrets(db: D1Database, team: string): Promise<SecretRow[]> {
  const { results } = await db.prepare(LIST_SECRETS).bind(team).all<Omit<SecretRow, 'hosts'> & { hosts: string }>()
  return results.map(row => ({ ...row, hosts: JSON.parse(row.hosts) as string[] }))
}

const PUT_SECRET = `INSERT INTO secrets (team, name, sealed, version, hosts, note, created_at, updated_at, updated_by)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8
  WHERE ?4 > 1 OR (SELECT count(*) FROM secrets WHERE team = ?1) < ?9
  ON CONFLICT (team, name) DO UPDATE SET sealed = excluded.sealed, version = excluded.version, hosts = excluded.hosts,
    note = excluded.note, updated_at = excluded.updated_at, updated_by = excluded.updated_by
  WHERE secrets.version = excluded.version - 1`

/** Sets a secret, on record; `version` is the one after what is there. false: another was set meanwhile, or there are `most`. */
export async function putSecret(
  db: D1Database,
  secret: Pick<Row, 'team' | 'name' | 'sealed' | 'version' | 'note' | 'updatedBy'> & { hosts: string[] },
  most: number,
  actor: Actor,
  at: number,
): Promise<boolean> {
  const { team, name, sealed, version, hosts, note, updatedBy } = secret
  const changes = briefChange(await saidOf(db, team, name), { version, hosts, note })
  const facts = { name, hosts: hosts.join(', '), changes }
  const [written] = await db.batch([
    db.prepare(PUT_SECRET).bind(team, name, sealed, version, JSON.stringify(hosts), note, at, updatedBy, most),
    await actStatement(db, { team, at, type: 'secret.set', actor, facts }, LAST_CHANGED),
  ])
  return (written?.meta.changes ?? 0) > 0
}

const SAID = 'SELECT version, hosts, note FROM secrets WHERE team = ?1 AND name = ?2'

/** What the log says of it, which is nothing of its value; {}: there is none. */
async function saidOf(db: D1Database, team: string, name: string) {
  const row = await db.prepare(SAID).bind(team, name).first<{ version: number; hosts: string; note: string }>()
  return row === null ? {} : { ...row, hosts: JSON.parse(row.hosts) as string[] }
}

/** Deletes a secret, on record; false: there is none. */
export async function deleteSecret(
  db: D1Database,
  team: string,
  name: string,
  actor: Actor,
  at: number,
): Promise<boolean> {
  const facts = { name, changes: briefChange(await saidOf(db, team, name), {}) }
  const [gone] = await db.batch([
    db.prepare('DELETE FROM secrets WHERE team = ?1 AND name = ?2').bind(team, name),
    await actStatement(db, { team, at, type: 'secret.deleted', actor, facts }, LAST_CHANGED),
  ])
  return (gone?.meta.changes ?? 0) > 0
}

const NAMING_WORKFLOWS = `SELECT w.id, w.name, v.pinned FROM workflows w
  JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team
  WHERE w.team = ?1 AND w.deleted_at IS NULL AND instr(v.pinned, 'secrets.') > 0 ORDER BY w.name, w.id LIMIT 500`
const NAMING_TOOLS = `SELECT t.key, v.tool FROM tools t JOIN tool_versions v ON v.team = t.team AND v.key = t.key AND v.version = t.version
  WHERE t.team = ?1 AND t.deleted_at IS NULL AND instr(v.tool, 'secrets.') > 0 ORDER BY t.key LIMIT 500`

const NAMING_SERVERS = `SELECT key, headers FROM mcp_servers WHERE team = ?1 AND instr(headers, 'secrets.') > 0 ORDER BY key`

const NAMING_PROVIDERS = `SELECT key, secret FROM model_providers WHERE team = ?1 AND secret IS NOT NULL ORDER BY key`

/** The live workflows, the tools and the MCP servers whose texts may name secrets, and the providers of models that do. */
export async function mayNameSecrets(
  db: D1Database,
  team: string,
): Promise<{
  workflows: { id: string; name: string; definition: Definition }[]
  tools: TeamTool[]
  servers: { key: string; headers: Record<string, string> }[]
  providers: { key: string; secret: string }[]
}> {
  const [workflows, tools, servers, providers] = await db.batch<Record<string, string>>([
    db.prepare(NAMING_WORKFLOWS).bind(team),
    db.prepare(NAMING_TOOLS).bind(team),
    db.prepare(NAMING_SERVERS).bind(team),
    db.prepare(NAMING_PROVIDERS).bind(team),
  ])
  return {
    workflows: (workflows?.results ?? []).map(({ id, name, pinned }) => {
      const { definition } = JSON.parse(pinned!) as { definition: Definition }
      return { id: id!, name: name!, definition }
    }),
    tools: (tools?.results ?? []).map(({ tool }) => JSON.parse(tool!) as TeamTool),
    servers: (servers?.results ?? []).map(({ key, headers }) => ({ key: key!, headers: JSON.parse(headers!) })),
    providers: (providers?.results ?? []) as { key: string; secret: string }[],
  }
}
