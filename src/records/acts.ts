/**
 * What people and keys did to the team itself, on record in the audit log: to its workflows, agents, intakes, members, keys.
 * Such a row carries the team's id where a task's carries the task, and is numbered within the team.
 */
import type { Actor } from '../domain/task/events.ts'
import { sha256Hex } from './ids.ts'

/** A noun, a dot and a past verb. */
export type ActType =
  | 'workflow.created'
  | 'workflow.published'
  | 'workflow.paused'
  | 'workflow.activated'
  | 'workflow.archived'
  | 'workflow.restored'
  | 'workflow.deleted'
  | 'review.scheduled'
  | 'baseline.set'
  | 'template.made'
  | 'template.withdrawn'
  | 'agent.changed'
  | 'agent.deleted'
  | 'intake.created'
  | 'intake.changed'
  | 'intake.paused'
  | 'intake.resumed'
  | 'intake.deleted'
  | 'intake_secret.rolled'
  | 'held.started'
  | 'held.discarded'
  | 'callback.resent'
  | 'task.deleted'
  | 'task.erased'
  | 'retention.changed'
  | 'data.deleted'
  | 'archive.deleted'
  | 'team.ending'
  | 'team.exported'
  | 'team.kept'
  | 'share.made'
  | 'share.revoked'
  | 'person.invited'
  | 'invitation.withdrawn'
  | 'person.joined'
  | 'role.changed'
  | 'person.removed'
  | 'person.left'
  | 'team.made'
  | 'absence.set'
  | 'absence.ended'
  | 'sessions.ended'
  | 'key.made'
  | 'key.rolled'
  | 'key.revoked'
  | 'limits.changed'
  | 'price.set'
  | 'price.deleted'
  | 'settings.changed'
  | 'hours.changed'
  | 'embedding.changed'
  | 'alerts.changed'
  | 'alert.muted'
  | 'alert.unmuted'
  | 'channel.made'
  | 'channel.rolled'
  | 'channel.deleted'
  | 'secret.set'
  | 'secret.deleted'
  | 'tool.changed'
  | 'tool.deleted'
  | 'mcp_server.changed'
  | 'mcp_server.deleted'
  | 'mcp_tools.chosen'
  | 'mcp_tool.accepted'
  | 'skill.changed'
  | 'skill.deleted'
  | 'knowledge.changed'
  | 'knowledge.checked'
  | 'knowledge.deleted'
  | 'answer.offered'
  | 'answer.taken'
  | 'answer.turned_down'
  | 'call.tried'
  | 'provider.changed'
  | 'provider.deleted'
  | 'provider.tried'
  | 'callback_secret.made'
  | 'callback_secret.shown'
  | 'callback_secret.rolled'

/** What rows of before call an act; they stay as they were written, and are read under today's names. */
const FORMER_NAMES: Partial<Record<ActType, string>> = {
  'person.invited': 'member_invited',
  'invitation.withdrawn': 'invitation_withdrawn',
  'person.joined': 'member_joined',
  'role.changed': 'role_changed',
  'person.removed': 'member_removed',
  'person.left': 'member_left',
  'key.made': 'key_made',
  'key.rolled': 'key_rolled',
  'key.revoked': 'key_revoked',
  'secret.set': 'secret_set',
  'secret.deleted': 'secret_deleted',
  'tool.changed': 'tool_changed',
  'tool.deleted': 'tool_deleted',
}

/** The names under which rows of this type may lie. */
export function namesOfType(type: string): string[] {
  const former = Object.hasOwn(FORMER_NAMES, type) ? FORMER_NAMES[type as ActType] : undefined
  return former === undefined ? [type] : [type, former]
}

/** A row of before as it would be written today; its digest is over what was written. */
export function underTodaysName<R extends { types: string; facts: string }>(row: R): R {
  const now = Object.entries(FORMER_NAMES).find(([, former]) => former === row.types)?.[0]
  if (now === undefined) return row
  return { ...row, types: now, facts: row.facts.replace(`"type":"${row.types}"`, `"type":"${now}"`) }
}

export interface Act {
  team: string
  at: number
  type: ActType
  actor: Actor
  /** The workflow that it was done to, by which the log can be searched. */
  workflow?: string
  /** What was done to whom or what; small, and nothing secret. */
  facts: Record<string, string | number | null>
}

/** A condition within a batch: the statement right before has changed a row. */
export const LAST_CHANGED = { sql: 'changes() > 0', values: [] as (string | number)[] }

/** Whoever did it, as columns such as `created_by` name them. */
export function actorId(actor: Actor): string {
  return actor.kind === 'system' ? 'system' : actor.id
}

/** The row of an act, to be written in one batch with the change it tells of. `onlyIf`, SQL, holds after that change. */
export async function actStatement(
  db: D1Database,
  act: Act,
  onlyIf: { sql: string; values: (string | number)[] } = { sql: '1', values: [] },
): Promise<D1PreparedStatement> {
  const { team, at, type, actor, workflow = '' } = act
  const facts = JSON.stringify([{ type, ...act.facts }])
  const digest = await sha256Hex(JSON.stringify([team, at, type, actor, facts]))
  const values: (string | number)[] = [team, at, type, JSON.stringify(actor), facts, digest, workflow]
  const condition = onlyIf.sql.replaceAll(/\$(\d)/g, (_, n) => `?${values.push(onlyIf.values[Number(n) - 1]!)}`)
  return db
    .prepare(
      `INSERT INTO audit (task, seq, team, workflow, at, types, actor, step, facts, digest, arrived)
       SELECT ?1, coalesce((SELECT max(seq) FROM audit WHERE team = ?1 AND task = team),
           (SELECT seq FROM audit_heads WHERE team = ?1 AND task = ?1), 0) + 1, ?1, ?7, ?2, ?3, ?4, NULL, ?5, ?6,
         unixepoch() / 3600 WHERE ${condition}`,
    )
    .bind(...values)
}
