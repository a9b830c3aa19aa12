/** A card as the board shows it: made alike from a row of the index and from a flush, for every viewer the same. */

import type { CommandType } from '../domain/task/commands.ts'
import type { Status } from '../domain/task/state.ts'
import type { Card } from '../domain/task/told/card.ts'
import type { CardRow } from '../records/task/boards.ts'
import type { IndexRow } from '../records/task/flush.ts'

export interface CardView {
  id: string
  workflow: string
  title: string
  status: Status
  step: string | null
  visit: number
  seq: number
  /** Cards stand by this, highest first. */
  rank: number
  enteredAt: number
  finishedAt: number | null
  cost: number | null
  /** Its business key; null: it has none. */
  key: string | null
  /** The earlier task with its key, where duplicates are flagged; null: there is none. */
  duplicateOf: string | null
  skipped: boolean
  /** How many files it has. */
  files: number
  attempt: number
  /** How many of its step's parts are done; null: it works on one thing. */
  parts: { done: number; of: number } | null
  why: string
  act: CommandType | null
  /** USD that it may spend, where it is stuck at that; null: it is not. */
  costLimit: number | null
  /** Those whose decision is still awaited, by any of its questions. */
  assignees: string[]
  /** When the first of its questions is due. */
  due: number | null
}

/** The card of a row that D1 gave. */
export function cardOfRow(workflow: string, row: CardRow): CardView {
  return cardView({ ...row, workflow })
}

/** The card of a flush, which D1 may not have yet. */
export function cardOfFlush(row: IndexRow): CardView {
  return cardView({ ...row, createdAt: row.created_at, finishedAt: row.finished_at })
}

function cardView(row: CardRow & { workflow: string }): CardView {
  const { id, workflow, title, step, visit, seq, cost, finishedAt } = row
  const status = row.status as Status
  // Rows of older releases may lack what newer ones keep.
  const card = JSON.parse(row.card) as Partial<Card>
  const enteredAt = card.enteredAt ?? row.createdAt
  const asks = card.asks ?? []
  const awaited = asks.flatMap(ask => ask.assignees.filter(one => !one.decided).map(one => one.email))
  const dues = asks.flatMap(ask => (ask.due === null ? [] : [ask.due]))
  return {
    id,
    workflow,
    title,
    status,
    step,
    visit,
    seq,
    rank: rankOf(status, enteredAt),
    enteredAt,
    finishedAt,
    cost,
    key: card.key ?? null,
    duplicateOf: card.duplicateOf ?? null,
    skipped: card.skipped ?? false,
    files: card.files ?? 0,
    attempt: card.attempt ?? 1,
    parts: card.parts ?? null,
    why: card.why ?? '',
    act: (card.act ?? null) as CommandType | null,
    costLimit: card.costLimit ?? null,
    assignees: [...new Set(awaited)],
    due: dues.length === 0 ? null : Math.min(...dues),
  }
}

/** As the queries of records/boards.ts order: what a person must see to first, then what came last. */
function rankOf(status: Status, enteredAt: number): number {
  return status === 'stuck' || status === 'failed' ? 1e14 + enteredAt : enteredAt
}
