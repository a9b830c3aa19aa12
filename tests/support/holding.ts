/** Where D1 holds a text: for tests of what is to be gone from it. */
import { env } from '../workerd/api/client.ts'

const TABLES = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'
  AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'd1_%' AND name <> 'outbox'`

/** The tables with a row that holds it, in whatever case; the outbox of a developer's machine, which shows what was sent, is none. */
export async function holding(text: string): Promise<string[]> {
  const { results } = await env.DB.prepare(TABLES).all<{ name: string }>()
  const found: string[] = []
  for (const { name } of results) {
    const rows = await env.DB.prepare(`SELECT * FROM ${name}`).all()
    if (JSON.stringify(rows.results).toLowerCase().includes(text.toLowerCase())) found.push(name)
  }
  return found
}
