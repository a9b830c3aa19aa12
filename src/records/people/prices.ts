/** What models cost a team where it says so itself, and where it names models, in D1. */
import type { Agent } from '../../domain/agent.ts'
import type { Price } from '../../domain/money.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import type { modelPrices } from '../schema/outside.ts'
import type { By } from './limits.ts'

/** A price that the team has set. */
export type PriceRow = Omit<typeof modelPrices.$inferSelect, 'team'>

const LIST = `SELECT model, input, output, cached, updated_at AS updatedAt, updated_by AS updatedBy
  FROM model_prices WHERE team = ?1 ORDER BY model`

/** The team's own prices, by model. */
export async function listPrices(db: D1Database, team: string): Promise<PriceRow[]> {
  return (await db.prepare(LIST).bind(team).all<PriceRow>()).results
}

const PUT = `INSERT INTO model_prices (team, model, input, output, cached, updated_at, updated_by)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
  WHERE (SELECT count(*) FROM model_prices WHERE team = ?1 AND model <> ?2) < ?8
  ON CONFLICT (team, model) DO UPDATE SET input = excluded.input, output = excluded.output, cached = excluded.cached,
    updated_at = excluded.updated_at, updated_by = excluded.updated_by`

const PRICE = 'SELECT input, output, cached FROM model_prices WHERE team = ?1 AND model = ?2'

/** Sets a model's price, on record; false: the team has `most` already. */
export async function putPrice(db: D1Database, model: string, price: Price, most: number, by: By): Promise<boolean> {
  const { team, at, actor, name } = by
  const { input, output, cached = null } = price
  const changes = briefChange(await priceOf(db, team, model), { input, output, cached })
  const facts = { name: model, changes, input, output, cached }
  const [written] = await db.batch([
    db.prepare(PUT).bind(team, model, input, output, cached, at, name, most),
    await actStatement(db, { team, at, type: 'price.set', actor, facts }, LAST_CHANGED),
  ])
  return (written?.meta.changes ?? 0) > 0
}

async function priceOf(db: D1Database, team: string, model: string) {
  const known = await db
    .prepare(PRICE)
    .bind(team, model)
    .first<{ input: number; output: number; cached: number | null }>()
  return known ?? {}
}

/** Takes the team's own price away, on record; false: there is none. */
export async function deletePrice(db: D1Database, model: string, { team, at, actor }: By): Promise<boolean> {
  const facts = { name: model, changes: briefChange(await priceOf(db, team, model), {}) }
  const [gone] = await db.batch([
    db.prepare('DELETE FROM model_prices WHERE team = ?1 AND model = ?2').bind(team, model),
    await actStatement(db, { team, at, type: 'price.deleted', actor, facts }, LAST_CHANGED),
  ])
  return (gone?.meta.changes ?? 0) > 0
}

const NAMING_WORKFLOWS = `SELECT w.id, w.name, v.pinned FROM workflows w
  JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team
  WHERE w.team = ?1 AND w.deleted_at IS NULL AND instr(v.pinned, '"model"') + instr(v.pinned, '"fallback"') > 0
  ORDER BY w.name, w.id LIMIT 500`
const NAMING_AGENTS = `SELECT a.key, v.agent FROM agents a
  JOIN agent_versions v ON v.team = a.team AND v.key = a.key AND v.version = a.version
  WHERE a.team = ?1 AND a.deleted_at IS NULL AND instr(v.agent, '"model"') > 0 ORDER BY a.key LIMIT 500`

/** The live workflows and the agents that may name models. */
export async function mayNameModels(
  db: D1Database,
  team: string,
): Promise<{ workflows: { id: string; name: string; definition: Definition }[]; agents: Agent[] }> {
  const [workflows, agents] = await db.batch<Record<string, string>>([
    db.prepare(NAMING_WORKFLOWS).bind(team),
    db.prepare(NAMING_AGENTS).bind(team),
  ])
  return {
    workflows: (workflows?.results ?? []).map(({ id, name, pinned }) => {
      const { definition } = JSON.parse(pinned!) as { definition: Definition }
      return { id: id!, name: name!, definition }
    }),
    agents: (agents?.results ?? []).map(({ agent }) => JSON.parse(agent!) as Agent),
  }
}
