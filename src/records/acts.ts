/**
 * What people and keys did to the team itself, on record in the audit log: members, invitations, keys. Such a row carries
 * the team's id where a task's carries the task, and is numbered within the team.
 */
import type { Actor } from '../domain/task/events.ts'
import { sha256Hex } from './ids.ts'

type ActType =
  | 'member_invited'
  | 'invitation_withdrawn'
  | 'member_joined'
  | 'role_changed'
  | 'member_removed'
  | 'member_left'
  | 'key_made'
  | 'key_rolled'
  | 'key_revoked'
  | 'secret_set'
  | 'secret_deleted'
  | 'tool_changed'
  | 'tool_deleted'

export interface Act {
  team: string
  at: number
  type: ActType
  actor: Actor
  /** What was done to whom or what; small, and nothing secret. */
  facts: Record<string, string | number | null>
}

/** A condition within a batch: the statement right before has changed a row. */
export const LAST_CHANGED = { sql: 'changes() > 0', values: [] as (string | number)[] }

/** The row of an act, to be written in one batch with the change it tells of. `onlyIf`, SQL, holds after that change. */
export async function actStatement(
  db: D1Database,
  act: Act,
  onlyIf: { sql: string; values: (string | number)[] } = { sql: '1', values: [] },
): Promise<D1PreparedStatement> {
  const { team, at, type, actor } = act
  const facts = JSON.stringify([{ type, ...act.facts }])
  const digest = await sha256Hex(JSON.stringify([team, at, type, actor, facts]))
  const values: (string | number)[] = [team, at, type, JSON.stringify(actor), facts, digest]
  const condition = onlyIf.sql.replaceAll(/\$(\d)/g, (_, n) => `?${values.push(onlyIf.values[Number(n) - 1]!)}`)
  return db
    .prepare(
      `INSERT INTO audit (task, seq, team, workflow, at, types, actor, step, facts, digest)
       SELECT ?1, coalesce((SELECT max(seq) FROM audit WHERE task = ?1), 0) + 1, ?1, '', ?2, ?3, ?4, NULL, ?5, ?6 WHERE ${condition}`,
    )
    .bind(...values)
}
