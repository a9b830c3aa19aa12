/** Drafts as the editor keeps them: only over the draft that was shown, and with who did it. */
import type { Actor } from '../../domain/task/events.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import type { Shown, WorkflowFacts, WorkflowRow } from './workflows.ts'

export interface DraftAuthor {
  by: string | null
  /** Of the draft that `by` kept. */
  digest: string | null
  at: number
}

const KEEP = `UPDATE workflows SET draft = ?1, draft_format = 'yaml', draft_by = ?2, draft_digest = ?3, updated_at = ?4,
    name = CASE WHEN live IS NULL THEN ?5 ELSE name END, description = CASE WHEN live IS NULL THEN ?6 ELSE description END,
    owner = CASE WHEN live IS NULL THEN ?7 ELSE owner END, tags = CASE WHEN live IS NULL THEN ?8 ELSE tags END
  WHERE id = ?9 AND team = ?10 AND deleted_at IS NULL AND draft IS ?11 AND live IS ?12`

/** Keeps the draft if what was shown is still what is there; false when somebody was quicker. */
export async function keepDraft(
  db: D1Database,
  team: string,
  workflow: string,
  shown: Shown,
  draft: { text: string; digest: string; facts: WorkflowFacts; by: string; at: number },
): Promise<boolean> {
  const { text, digest, facts, by, at } = draft
  const { name, description, owner, tags } = facts
  const { meta } = await db
    .prepare(KEEP)
    .bind(text, by, digest, at, name, description, owner, JSON.stringify(tags), workflow, team, shown.draft, shown.live)
    .run()
  return meta.changes > 0
}

/** Who kept the workflow's draft last. */
export async function draftAuthor(db: D1Database, team: string, workflow: string): Promise<DraftAuthor | null> {
  return db
    .prepare(
      'SELECT draft_by AS "by", draft_digest AS digest, updated_at AS at FROM workflows WHERE id = ?1 AND team = ?2',
    )
    .bind(workflow, team)
    .first<DraftAuthor>()
}

export async function isTemplate(db: D1Database, team: string, workflow: string): Promise<boolean> {
  const sql = 'SELECT template FROM workflows WHERE id = ?1 AND team = ?2'
  return (await db.prepare(sql).bind(workflow, team).first<number>('template')) === 1
}

/** Has the workflow serve as a template, or no more, on record. */
export async function setTemplate(
  db: D1Database,
  { team, id, name }: Pick<WorkflowRow, 'team' | 'id' | 'name'>,
  template: boolean,
  actor: Actor,
  at: number,
): Promise<void> {
  const sql = 'UPDATE workflows SET template = ?3 WHERE id = ?1 AND team = ?2 AND deleted_at IS NULL AND template <> ?3'
  const [no, yes] = template ? ['no', 'yes'] : ['yes', 'no']
  const type = template ? ('template.made' as const) : ('template.withdrawn' as const)
  const act = { team, at, type, actor, workflow: id, facts: { workflow: id, name, from: no, to: yes } }
  await db.batch([db.prepare(sql).bind(id, team, template ? 1 : 0), await actStatement(db, act, LAST_CHANGED)])
}

export type TemplateRow = Pick<WorkflowRow, 'id' | 'name' | 'description'>

/** The team's workflows that serve as templates, by name. */
export async function listTemplates(db: D1Database, team: string): Promise<TemplateRow[]> {
  const sql = `SELECT id, name, description FROM workflows
    WHERE team = ?1 AND template = 1 AND deleted_at IS NULL ORDER BY name LIMIT 200`
  return (await db.prepare(sql).bind(team).all<TemplateRow>()).results
}
