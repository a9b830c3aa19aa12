/** The metrics of a team whose audit is long: how long until their first byte. Its rows are made by SQL, not by running. */
import { addUpFigures } from '../../src/records/task/add-up.ts'
import { call, round } from './client.mjs'
import { reads, signIn } from './pages.mjs'
import { baton } from './subjects.mjs'

const ROWS_A_TASK = 8
const AT_ONCE = 5000
const DAYS = 90
const DAY_MS = 86_400_000
/** One in so many stands open. */
const OPEN = 50

const NUMBERS = 'WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2 - 1)'
const ID = "'tsk_' || printf('%026d', i)"
// A time of its own for each, spread over the days; steps take from seconds to days, as a number that is not the next one's.
const AT = '?3 + (i * 7919 % 100000) * (?4 / 100000)'
const spread = (of, most) => `(i * ${of} % ${most})`
const TASKS = `${NUMBERS} INSERT INTO tasks
  (id, team, workflow, version, title, status, step, visit, over, seq, cost, created_at, updated_at, finished_at, card, parts)
  SELECT ${ID}, ?5, ?6, 1 + i % 3, 'A task', CASE WHEN i % ${OPEN} = 0 THEN 'waiting' WHEN i % 20 = 7 THEN 'cancelled' ELSE 'done' END,
    CASE WHEN i % ${OPEN} = 0 THEN 'check' END, 4, i % ${OPEN} <> 0, ${ROWS_A_TASK}, 0.001 * (i % 40), ${AT}, ${AT},
    CASE WHEN i % ${OPEN} = 0 THEN NULL ELSE ${AT} + ${spread(104_729, 90_000_000)} END, '{}',
    json_array(
      json_array('task', '', 0.01, 0, i % ${OPEN} <> 0, ${spread(104_729, 90_000_000)}, 0, 0, ${spread(31, 9000)}, ${spread(977, 60_000)}, 0),
      json_array('step', 'read', 0.01, 0, 1, 0, 0, 0, ${spread(31, 9000)}, ${spread(977, 60_000)}, 0),
      json_array('step', 'draft', 0.01, i % 7 = 0, 1, 0, 0, 0, ${spread(37, 9000)}, ${spread(1979, 60_000)}, 0),
      json_array('step', 'check', 0, 2 * (i % 3 = 0), i % ${OPEN} <> 0, ${spread(104_729, 90_000_000)}, 0, 0, 0, 0, 0),
      json_array('step', 'send', 0, 0, i % ${OPEN} <> 0, 0, 0, 0, ${spread(41, 9000)}, 0, ${spread(2999, 20_000)}),
      json_array('agent', 'agent_' || i % 6, 0.01, 0, 0), json_array('model', 'model_' || i % 4, 0.01, 0, 0),
      json_array('intake', 'int_' || i % 5, 0.01, 0, 0), json_array('version', '' || (1 + i % 3), 0.01, 0, 0))
  FROM n`
const AUDIT = `${NUMBERS} INSERT INTO audit (team, at, task, seq, workflow, types, actor, step, facts, digest)
  SELECT ?5, ${AT} + s.value, ${ID}, s.value, ?6, CASE WHEN s.value = 6 AND i % 9 = 0 THEN 'decided' ELSE 'reported routed' END,
    '{"kind":"system"}', 'draft', '[{"type":"reported"}]', ''
  FROM n CROSS JOIN json_each('[1,2,3,4,5,6,7,8]') s`

/** Fills the audit and the index, adds the figures up as the hourly pass does, and reads the pages as the signed-in owner. */
export async function metrics({ rows }, log) {
  const session = await baton.open({ assets: true })
  try {
    const db = await session.mf.getD1Database('DB', 'baton')
    const { items } = await call(`${session.url}/api/v1/workflows`, {
      headers: { authorization: `Bearer ${session.apiKey}` },
    })
    const [{ id: workflow }] = items
    const now = Date.now()
    const tasks = Math.ceil(rows / ROWS_A_TASK)
    for (let from = 0; from < tasks; from += AT_ONCE) {
      const values = [from, Math.min(tasks, from + AT_ONCE), now - DAYS * DAY_MS, DAYS * DAY_MS, session.team, workflow]
      await db.batch([TASKS, AUDIT].map(sql => db.prepare(sql).bind(...values)))
      if ((from + AT_ONCE) % 25_000 === 0) log(`metrics: ${(from + AT_ONCE) * ROWS_A_TASK} of ${rows} audit rows`)
    }
    const began = Date.now()
    await addUpFigures(db, now)
    log(`metrics: added up in ${Date.now() - began} ms`)
    const cookie = await signIn(session)
    const pages = {}
    const days = n => new URLSearchParams({ from: dayText(now - (n - 1) * DAY_MS), to: dayText(now) })
    for (const path of ['/metrics', `/workflows/${workflow}/metrics`])
      for (const n of [30, 90]) {
        const found = await reads(`${session.url}${path}?${days(n)}`, cookie)
        pages[`${path.replace(workflow, ':id')}, ${n} days`] = found
        log(
          `metrics: ${path} of ${n} days, first byte p50 ${found.firstByteMsP50} ms, at least ${found.firstByteMsLeast} ms`,
        )
      }
    const firstByteMs = round(Math.max(...Object.values(pages).map(({ firstByteMsP50 }) => firstByteMsP50)))
    return { auditRows: tasks * ROWS_A_TASK, tasks, firstByteMs, pages }
  } finally {
    await session.close()
  }
}

const dayText = at => new Date(at).toISOString().slice(0, 10)
