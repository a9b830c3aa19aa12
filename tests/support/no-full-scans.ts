/**
 * No statement of Baton's own reads the whole of a table to find some of it: after a file's tests D1 itself explains each
 * that ran. So every statement is looked at that some test runs, those that drizzle and better-auth put together, too, and
 * those of the Durable Objects.
 */
import { env } from 'cloudflare:workers'
import { afterAll } from 'vitest'

const { DB } = env as unknown as { DB: D1Database }

/** Those that may: what of the statement tells it, and why. */
const ALLOWED: [says: string, why: string][] = [
  ['DELETE FROM tasks WHERE false', 'it reads nothing, and only asks whether D1 takes writes'],
  [
    'FROM workflows w CROSS JOIN tasks t ON t.team = w.team',
    'the hourly pass wakes what is past due in every workflow',
  ],
  ['all that a team has', 'it reads what a team has in every table, as an owner asked for'],
  ['the end of a team', 'it deletes what a team had in every table, once'],
  ['FROM organization o', 'the hourly pass adds up figures for every team'],
  [
    'DELETE FROM deliveries WHERE id IN (SELECT d.id FROM intakes i',
    'an hour’s sweep looks into every intake’s deliveries',
  ],
]

const prepared = new Set<string>()
const proto = Object.getPrototypeOf(DB) as D1Database
const { prepare } = proto
proto.prepare = function (this: D1Database, sql: string) {
  if (!prepared.has(sql) && isOurs(new Error('where').stack ?? '')) prepared.add(sql)
  return prepare.call(this, sql)
}

/** Whether the nearest caller is no test: statements of tests look at what they like. */
function isOurs(stack: string): boolean {
  const ours = stack.split('\n').filter(line => !/no-full-scans|node_modules/.test(line))
  return /\/src\//.test(ours.find(line => /\/(?:src|tests)\//.test(line)) ?? '')
}

/** What ran so far. */
export const statementsThatRan = (): ReadonlySet<string> => prepared

/** The tables that the statement reads from end to end, as D1 tells its plan. */
export async function fullScans(sql: string): Promise<string[]> {
  const tables = await tableNames()
  const named = new Map([...tables].map(name => [name, name]))
  for (const [, name, alias = ''] of sql.matchAll(/\b(?:FROM|JOIN|UPDATE|,)\s+"?(\w+)"?\s+(?:AS\s+)?"?(\w+)"?/gi))
    if (tables.has(name!)) named.set(alias, name!)
  const { results } = await explained(sql).all<{ detail: string }>()
  return results.flatMap(({ detail }) => {
    const [, what = ''] = /^SCAN (\w+)(?! VIRTUAL)/.exec(detail) ?? []
    const isWhole = named.has(what) && !/VIRTUAL TABLE/.test(detail)
    return isWhole && !ALLOWED.some(([says]) => sql.includes(says)) ? [named.get(what)!] : []
  })
}

/** Parameters are opaque to a plan, as they are when it runs. */
function explained(sql: string): D1PreparedStatement {
  const bare = sql.replace(/'(?:[^']|'')*'/g, '')
  const numbered = [...bare.matchAll(/\?(\d+)/g)].map(([, n]) => Number(n))
  const count = Math.max(0, ...numbered) || (bare.match(/\?/g)?.length ?? 0)
  return prepare.call(DB, `EXPLAIN QUERY PLAN ${sql}`).bind(...Array<null>(count).fill(null))
}

let names: Promise<Set<string>> | undefined

function tableNames(): Promise<Set<string>> {
  names ??= prepare
    .call(DB, "SELECT name FROM sqlite_master WHERE type = 'table'")
    .all<{ name: string }>()
    .then(({ results }) => new Set(results.map(({ name }) => name)))
  return names
}

afterAll(async () => {
  const found: string[] = []
  for (const sql of prepared) {
    if (/^\s*(?:EXPLAIN|PRAGMA)\b/i.test(sql)) continue
    for (const table of await fullScans(sql)) found.push(`${table}: ${sql.replace(/\s+/g, ' ')}`)
  }
  if (found.length > 0) throw new Error(`These read a whole table:\n${found.join('\n')}`)
})
