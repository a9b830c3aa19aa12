/** What a delivery to an intake might look like: for tests, for curl lines, and to try filter and map on. */
import type { Json, JsonSchema } from '../domain/json/json.ts'
import { readFacts } from '../domain/sample/facts.ts'
import { valueFor } from '../domain/sample/value.ts'
import { checkTemplate } from '../domain/template/template.ts'
import type { Env } from '../env.ts'
import { liveVersion } from '../records/definitions/workflows.ts'
import type { IntakeRow } from '../records/intake/intakes.ts'
import type { EventEnv } from '../task/outside-event.ts'
import { openTargetOf } from '../task/start.ts'
import { lastParts, type Parts } from './outcome/replay.ts'

/** The newest delivery that was let in, else one made up to fit. */
export async function usualParts(env: EventEnv & Pick<Env, 'BATON_LOCAL'>, row: IntakeRow): Promise<Parts> {
  return (await lastParts(env, row)) ?? { body: await madeUpBody(env, row) }
}

/** A body that map and input schema take: made from the schema, under the names that the map reads. */
export async function madeUpBody(env: Pick<Env, 'DB'>, row: IntakeRow): Promise<Json> {
  const into = await openTargetOf(env.DB, await liveVersion(env.DB, row.team, row.workflow))
  const schema = into.ok ? into.value.version.pinned.definition.input : undefined
  const { map } = row.config
  if (map !== undefined) return bodyOfMap(map, schema)
  return schema === undefined ? { test: true } : inputFor(schema)
}

/** Names that read like someone's own, so that nobody takes the sample for a placeholder that must be kept. */
const FACTS = readFacts(
  'company: Globex\nname: Hank Scorpio\nemail: hank@globex.test\nsubject: A question\ntext: Do you deliver to Springfield?',
)

/** An input that the schema takes; of an object, with what it requires alone. */
function inputFor(schema: JsonSchema): Json {
  const value = valueFor(schema, FACTS)
  const { required } = schema
  if (!isObject(value) || !Array.isArray(required) || required.length === 0) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => required.includes(name)))
}

function bodyOfMap(map: Record<string, string>, schema: JsonSchema | undefined): Json {
  const input = schema === undefined ? {} : inputFor(schema)
  const values: { [key: string]: Json } = isObject(input) ? input : {}
  const body: { [key: string]: Json } = {}
  for (const [field, template] of Object.entries(map)) {
    const checked = checkTemplate(template)
    for (const [root, ...path] of checked.ok ? checked.paths : [])
      if (root === 'body') put(body, path, values[field] ?? `some ${field}`)
  }
  return body
}

/** Puts a value where a path leads; what is in its way stays. */
function put(into: { [key: string]: Json }, [name, ...rest]: string[], value: Json): void {
  if (name === undefined || name === '__proto__') return
  if (rest.length === 0) into[name] ??= value
  else {
    into[name] ??= {}
    const next = into[name]
    if (isObject(next)) put(next, rest, value)
  }
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
