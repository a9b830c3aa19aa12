/** Reads of everything that a team has, page by page, whatever tables there are. */

interface Table {
  name: string
  /** The column that names the team. */
  whose: string
  /** The columns of its key, in their order. */
  keys: string[]
}

const TABLES = `SELECT m.name, p.name AS whose,
    (SELECT json_group_array(k.name) FROM (SELECT name FROM pragma_table_info(m.name) WHERE pk > 0 ORDER BY pk) k) AS keys
  FROM sqlite_master m JOIN pragma_table_info(m.name) p
  WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND p.name IN ('team', 'organizationId') ORDER BY m.name`

/** All tables whose rows name their team. */
export async function teamTables(db: D1Database): Promise<Table[]> {
  const { results } = await db.prepare(TABLES).all<Omit<Table, 'keys'> & { keys: string }>()
  return results.map(table => ({ ...table, keys: JSON.parse(table.keys) as string[] }))
}

type Row = Record<string, unknown>
const PAGE = 500

/** The team's rows of a table, in the order of its key. */
export async function* rowsOf(db: D1Database, { name, whose, keys }: Table, team: string): AsyncGenerator<Row[]> {
  const others = keys.filter(key => key !== whose)
  const order = others.join(', ')
  const beyond = `AND (${order}) > (${others.map((_, i) => `?${i + 3}`).join(', ')})`
  let last: Row | undefined
  do {
    const values = last === undefined ? [] : others.map(key => last![key])
    const sql = `/* all that a team has */ SELECT * FROM ${name} WHERE ${whose} = ?1 ${last === undefined ? '' : beyond}
      ${order === '' ? '' : `ORDER BY ${order}`} LIMIT ?2`
    const { results } = await db
      .prepare(sql)
      .bind(team, PAGE, ...values)
      .all<Row>()
    if (results.length > 0) yield results
    last = results.length < PAGE ? undefined : results.at(-1)
  } while (last !== undefined && order !== '')
}

/** The team's tasks from this id on, in the order of their ids. */
export async function taskIds(db: D1Database, team: string, after: string, most: number): Promise<string[]> {
  const sql = '/* all that a team has */ SELECT id FROM tasks WHERE team = ?1 AND id > ?2 ORDER BY id LIMIT ?3'
  return (await db.prepare(sql).bind(team, after, most).all<{ id: string }>()).results.map(({ id }) => id)
}

/** Who belongs to the team. */
export async function peopleOf(db: D1Database, team: string): Promise<Row[]> {
  const sql = `SELECT u.email, u.name, m.role, m.createdAt AS since FROM member m JOIN user u ON u.id = m.userId
    WHERE m.organizationId = ?1 ORDER BY u.email`
  return (await db.prepare(sql).bind(team).all<Row>()).results
}
