/** The chain of a task's audit rows: made with each row of its log, kept with it, and the same however often it is told. */

import { digestOfFacts, erasedFacts, linkText } from '../../domain/proof/link.ts'
import type { LogRow } from '../../domain/task/events.ts'
import { auditFacts } from '../../domain/task/log/facts.ts'
import type { TaskState } from '../../domain/task/state.ts'
import type { AuditRow } from '../../records/task/flush.ts'
import { type Linked, type StoredRow, sha256 } from './task-log.ts'

type Of = Pick<TaskState, 'task' | 'team' | 'workflow'>

/** A row's link to the row before, as it is stored; `own`: its digest in the log, `last`: the row before, null: it is the first. */
export function linked(row: LogRow, own: string, last: StoredRow | null, of: Of, stepBefore: string | null): Linked {
  const told = summary(row, of, stepBefore)
  const facts = digestOfFacts(told.facts, sha256)
  const before = last === null ? '' : (last.linked?.digest ?? last.digest())
  const digest = sha256(linkText(before, told, facts, own))
  return { digest, facts, row: { ...told, digest, log_digest: own } }
}

/**
 * The audit's summary of a row; `stepBefore` is the step the task was in when the row was written. A row from before the
 * chain has the digest of its own that it always had.
 */
export function auditRow(row: StoredRow, of: Of, stepBefore: string | null): AuditRow {
  const { linked } = row
  if (linked?.row !== undefined) return linked.row
  const told = summary(row, of, stepBefore)
  if (linked === undefined) return { ...told, digest: row.digest(), log_digest: null }
  // An earlier release may have told of it in other words. D1 then has those, or it may not have other ones under their digest.
  const facts = digestOfFacts(told.facts, sha256) === linked.facts ? told.facts : erasedFacts(linked.facts)
  return { ...told, facts, digest: linked.digest, log_digest: row.digest() }
}

function summary(row: LogRow, { task, team, workflow }: Of, stepBefore: string | null) {
  const { types, step, facts } = auditFacts(row)
  const actor = JSON.stringify(row.actor)
  return { task, seq: row.seq, team, workflow, at: row.at, types, actor, step: step ?? (stepBefore || null), facts }
}
