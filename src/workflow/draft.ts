/** The draft of a workflow as the editor sees it: its text, what that says, and which state of it was shown. */
import type { Definition } from '../domain/workflow/definition.ts'
import { type ApiProblem, explain } from '../http/errors.ts'
import { draftAuthor, keepDraft } from '../records/definitions/drafts.ts'
import { versionByNumber, type WorkflowRow } from '../records/definitions/workflows.ts'
import { sha256Hex } from '../records/ids.ts'
import { asYaml } from './document/document.ts'
import type { LintEnv } from './known.ts'
import { draftFacts, type Lint, type Linted, lintText } from './publish.ts'

export interface Draft {
  row: WorkflowRow
  /** YAML. */
  text: string
  /** Names this state; a form carries it, and an edit of another state is refused. */
  revision: string
  /** null: the text cannot be read. */
  linted: Linted | null
  problem: string | null
}

/** The draft, or what is live while none is kept. */
export async function openDraft(env: LintEnv, row: WorkflowRow): Promise<Draft> {
  const text = await textOf(env.DB, row)
  const revision = await revisionOf(row)
  const read = text.trim() === '' ? null : await lintText(env, row.team, { text, format: 'yaml' }, row.id)
  if (read === null) return { row, text, revision, linted: null, problem: 'There is no text yet.' }
  if (!read.ok) return { row, text, revision, linted: null, problem: explain(read.problem as ApiProblem).message }
  return { row, text, revision, linted: read.value, problem: null }
}

/** The definition that forms can edit: the document as it is, once its shape leaves one. */
export function editable(draft: Draft): Definition | null {
  // The document, not what the lint made of it: keys that do not belong stay for their author to correct.
  return draft.linted?.definition ? (draft.linted.document as Definition) : null
}

export function lintOf(draft: Draft): Lint {
  return draft.linted?.lint ?? []
}

export interface Author {
  /** null: a key, or somebody of whom no more is known. */
  by: string | null
  at: number
}

/** Who made the draft what it is. */
export async function authorOf(db: D1Database, row: WorkflowRow): Promise<Author> {
  const author = await draftAuthor(db, row.team, row.id)
  const own = row.draft !== null && author?.digest === (await sha256Hex(row.draft))
  return { by: own ? (author?.by ?? null) : null, at: author?.at ?? row.updatedAt }
}

/**
 * The draft that a publish by key is done with: what was kept by key before. A person's draft of something else is not,
 * and stays for them to publish.
 */
export async function replacedBy(db: D1Database, row: WorkflowRow, text: string): Promise<string> {
  if (row.draft === null) return text
  return (await authorOf(db, row)).by === null ? row.draft : text
}

/** Keeps a text as the draft, over exactly the state that `row` holds; false when that has gone. */
export async function keep(
  db: D1Database,
  row: WorkflowRow,
  text: string,
  document: unknown,
  by: string,
): Promise<boolean> {
  const draft = { text, digest: await sha256Hex(text), facts: draftFacts(document), by, at: Date.now() }
  return keepDraft(db, row.team, row.id, { draft: row.draft, live: row.live }, draft)
}

async function textOf(db: D1Database, row: WorkflowRow): Promise<string> {
  if (row.draft !== null) return asYaml(row.draft, row.draftFormat ?? 'yaml')
  const live = row.live === null ? null : await versionByNumber(db, row.team, row.id, row.live)
  return live ? asYaml(live.text, live.format) : ''
}

async function revisionOf(row: Pick<WorkflowRow, 'live' | 'draft'>): Promise<string> {
  return (await sha256Hex(`${row.live ?? '-'}\n${row.draft === null ? '-' : `+${row.draft}`}`)).slice(0, 24)
}
