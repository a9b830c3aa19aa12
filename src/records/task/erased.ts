/** Words that are taken out of what D1 holds of a task that is over: its row, its words, what else quotes it, what the audit quotes. */
import type { Actor } from '../../domain/task/events.ts'
import { ERASED, tellsOf } from '../../domain/task/log/free-text.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import { MESSAGES, withoutDelivery, withoutQuotes } from './gone.ts'

/** A task whose log has the words no more, and what is told of it from now on. */
export interface ErasedTask {
  team: string
  task: string
  workflow: string
  createdAt: number
  updatedAt: number
  delivery: string | null
  title: string
  key: string | null
  card: string
  words: string
  files: [string, string][]
}

const OVER = 'INSERT INTO task_words (words, ids, task, over) VALUES (?1, ?2, ?3, 1)'
const FILES = `UPDATE files SET name = value->>1 FROM json_each(?3) WHERE files.team = ?1 AND files.task = ?2 AND files.id = value->>0`
// They quote it in parts that cannot be told apart; none is needed for the figures.
const QUOTING = ['drafts', 'corrections', 'recorded_answers', 'offered_answers', 'callbacks'].map(
  table => `DELETE FROM ${table} WHERE team = ?1 AND task = ?2`,
)

/** Writes it, in one transaction and on record; said again it does the same. The act does not say which words. */
export async function eraseTask(
  db: D1Database,
  erased: ErasedTask,
  texts: readonly string[],
  actor: Actor,
  at: number,
) {
  const { team, task, workflow, title, key, card, words, files, delivery } = erased
  const of = (sql: string, ...more: (string | null)[]) => db.prepare(sql).bind(team, task, ...more)
  const facts = { task, from: 'told', to: `without ${texts.length === 1 ? 'one text' : `${texts.length} texts`}` }
  const own = `over_${task}`
  await db.batch([
    of('UPDATE tasks SET title = ?3, key = ?4, card = ?5 WHERE team = ?1 AND id = ?2', title, key, card),
    await actStatement(db, { team, at, type: 'task.erased', actor, workflow, facts }, LAST_CHANGED),
    db
      .prepare(
        'DELETE FROM task_words WHERE rowid IN (SELECT rowid FROM task_words WHERE task_words MATCH ?1 AND task = ?2)',
      )
      .bind(`"${task}"`, task),
    db.prepare(OVER).bind(words, `${task} ${own} ${team} ${workflow}`, task),
    of(FILES, JSON.stringify(files)),
    ...(key?.includes(ERASED) ? [of('DELETE FROM task_keys WHERE team = ?1 AND task = ?2')] : []),
    ...QUOTING.map(sql => of(sql)),
    of(MESSAGES),
    ...withoutDelivery(db, team, delivery),
    ...(await withoutQuotes(db, erased, facts => tellsOf(facts, texts))),
  ])
}
