/** A team's providers of models in D1: where each is, and by the name of which secret it is asked. Never a value of one. */
import type { Provider } from '../../domain/models/provider.ts'
import type { Actor } from '../../domain/task/events.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import type { modelProviders } from '../schema/outside.ts'

/** Providers that a team may have. */
export const MAX_PROVIDERS = 20

export type ProviderRow = Omit<typeof modelProviders.$inferSelect, 'team'>

type Text = Omit<ProviderRow, 'models'> & { models: string }

function parsed(row: Text): ProviderRow {
  return { ...row, models: JSON.parse(row.models) as string[] }
}

const LIST = `SELECT key, kind, base_url AS baseUrl, secret, models, created_at AS createdAt, updated_at AS updatedAt,
  updated_by AS updatedBy FROM model_providers WHERE team = ?1`

/** All providers of the team, by key: there are twenty at most. */
export async function listProviders(db: D1Database, team: string): Promise<ProviderRow[]> {
  const { results } = await db.prepare(`${LIST} ORDER BY key`).bind(team).all<Text>()
  return results.map(parsed)
}

/** Those of these keys that are there. */
export async function providersByKey(db: D1Database, team: string, keys: readonly string[]): Promise<ProviderRow[]> {
  if (keys.length === 0) return []
  const { results } = await db
    .prepare(`${LIST} AND key IN (SELECT value FROM json_each(?2))`)
    .bind(team, JSON.stringify(keys))
    .all<Text>()
  return results.map(parsed)
}

const PUT = `INSERT INTO model_providers (team, key, kind, base_url, secret, models, created_at, updated_at, updated_by)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8
  WHERE EXISTS (SELECT 1 FROM model_providers WHERE team = ?1 AND key = ?2)
    OR (SELECT count(*) FROM model_providers WHERE team = ?1) < ${MAX_PROVIDERS}
  ON CONFLICT (team, key) DO UPDATE SET kind = excluded.kind, base_url = excluded.base_url, secret = excluded.secret,
    models = excluded.models, updated_at = excluded.updated_at, updated_by = excluded.updated_by`

/** Adds the provider, or puts this in its place, on record; false: the team has as many as it may. */
export async function putProvider(
  db: D1Database,
  team: string,
  { key, kind, baseUrl, secret = undefined, models = [] }: Provider,
  by: { actor: Actor; name: string },
  at: number,
): Promise<boolean> {
  const now = saidOf({ kind, baseUrl, secret: secret ?? null, models })
  const facts = { name: key, url: baseUrl, changes: briefChange(await knownOf(db, team, key), now) }
  const [written] = await db.batch([
    db.prepare(PUT).bind(team, key, kind, baseUrl, secret ?? null, JSON.stringify(models), at, by.name),
    await actStatement(db, { team, at, type: 'provider.changed', actor: by.actor, facts }, LAST_CHANGED),
  ])
  return (written?.meta.changes ?? 0) > 0
}

async function knownOf(db: D1Database, team: string, key: string) {
  const [known] = await providersByKey(db, team, [key])
  return known === undefined ? {} : saidOf(known)
}

/** What the log says of one: of its secret the name. */
function saidOf({ kind, baseUrl, secret, models }: Pick<ProviderRow, 'kind' | 'baseUrl' | 'secret' | 'models'>) {
  return { kind, baseUrl, secret, models: models ?? [] }
}

/** Deletes the provider, on record; false: there is none. */
export async function deleteProvider(
  db: D1Database,
  team: string,
  key: string,
  actor: Actor,
  at: number,
): Promise<boolean> {
  const facts = { name: key, changes: briefChange(await knownOf(db, team, key), {}) }
  const [gone] = await db.batch([
    db.prepare('DELETE FROM model_providers WHERE team = ?1 AND key = ?2').bind(team, key),
    await actStatement(db, { team, at, type: 'provider.deleted', actor, facts }, LAST_CHANGED),
  ])
  return (gone?.meta.changes ?? 0) > 0
}

/** Notes that somebody tried a model of the provider: it was really asked, for no task. */
export async function noteTriedProvider(
  db: D1Database,
  { team, ...facts }: { team: string; name: string; model: string },
  actor: Actor,
  at: number,
): Promise<void> {
  await (await actStatement(db, { team, at, type: 'provider.tried', actor, facts })).run()
}
