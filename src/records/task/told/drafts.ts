/** What people have begun to fill in, in D1: one draft for each person and question, until it is decided or old. */

export interface DraftKey {
  team: string
  task: string
  visit: number
  run: number
  /** In lower case. */
  person: string
}

/** A draft as the form that was sent, in its own encoding, and when. */
export interface Draft {
  form: string
  at: number
}

/** This person's draft; null: there is none. */
export function draftOf(db: D1Database, { team, task, visit, run, person }: DraftKey): Promise<Draft | null> {
  return db
    .prepare('SELECT form, at FROM drafts WHERE team = ?1 AND task = ?2 AND visit = ?3 AND run = ?4 AND person = ?5')
    .bind(team, task, visit, run, person)
    .first<Draft>()
}

/** Keeps the draft in place of the one before. */
export async function keepDraft(db: D1Database, key: DraftKey, { form, at }: Draft): Promise<void> {
  const { team, task, visit, run, person } = key
  await db
    .prepare(
      `INSERT INTO drafts (team, task, visit, run, person, form, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
       ON CONFLICT (team, task, visit, run, person) DO UPDATE SET form = excluded.form, at = excluded.at`,
    )
    .bind(team, task, visit, run, person, form, at)
    .run()
}

/** Whoever decided needs their draft no more. */
export async function forgetDraft(db: D1Database, { team, task, visit, run, person }: DraftKey): Promise<void> {
  await db
    .prepare('DELETE FROM drafts WHERE team = ?1 AND task = ?2 AND visit = ?3 AND run = ?4 AND person = ?5')
    .bind(team, task, visit, run, person)
    .run()
}

const KEPT_MS = 30 * 86_400_000

/** Forgets what nobody came back to in a month. */
export async function forgetDrafts(db: D1Database, now: number): Promise<void> {
  await db
    .prepare('DELETE FROM drafts WHERE at < ?1')
    .bind(now - KEPT_MS)
    .run()
}
