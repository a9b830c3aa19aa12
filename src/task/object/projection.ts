/** What D1 gets to know of a task: its row in the index, and one audit row per log row. */

import { isBlobRef } from '../../domain/task/context.ts'
import { nextAlarm } from '../../domain/task/due.ts'
import { isOver, type TaskState } from '../../domain/task/state.ts'
import { callbacksOf } from '../../domain/task/told/callbacks.ts'
import { cardOf } from '../../domain/task/told/card.ts'
import { learnedFrom } from '../../domain/task/told/learned.ts'
import type { Parts } from '../../domain/task/told/parts.ts'
import { wordsOfTask } from '../../domain/task/told/searched.ts'
import { costOfTask } from '../../domain/task/told/view.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import { deliveryTime, shownRequest } from '../../records/intake/deliveries.ts'
import type { DeliveryRow, IndexRow, SearchedRow } from '../../records/task/flush.ts'
import type { LearnedRows } from '../../records/task/reviews/learned.ts'
import type { CallbackRow } from '../../records/task/told/callbacks.ts'
import type { Erased } from '../rpc.ts'
import { type StoredRow, sha256 } from './task-log.ts'
import type { TaskMemory } from './task-memory.ts'

/** What services are to be told of a log row, to be sent at once. */
export function callbackRows(row: StoredRow, state: TaskState, definition: Definition): CallbackRow[] {
  const { task, team, workflow, callback } = state
  const begun = { status: 'pending' as const, attempts: 0, next_at: row.at, created_at: row.at, resent_at: null }
  const due = callbacksOf(row, { task, callback, definition })
  return due.map(one => ({
    ...one,
    task,
    team,
    workflow,
    ...begun,
    last_status: null,
    last_error: null,
    delivered_at: null,
  }))
}

/** What the row tells of people's dealing with models' drafts; null: nothing, as almost all rows. */
export function learnedRows(
  row: StoredRow,
  before: TaskState | null,
  memory: Pick<TaskMemory, 'pinned' | 'blob' | 'log'>,
): LearnedRows | null {
  const rows = () => memory.log.rows().filter(({ seq }) => seq <= row.seq)
  const pinned = (state: TaskState) => memory.pinned(state)
  const learned = learnedFrom(row, { before, pinned, blob: memory.blob, rows, sha256 })
  if (learned === null || before === null) return null
  const { team, task, workflow } = before
  const common = { team, task, workflow, seq: row.seq, at: row.at }
  const reviews = learned.reviews.map(({ at, agentVersion, edited, ...one }) => ({
    ...{ ...common, ...one, at_step: at, agent_version: agentVersion, edited: edited ? (1 as const) : (0 as const) },
  }))
  const corrections = learned.corrections.map(({ at, agentVersion, before: was, after: became, ...one }, n) => ({
    ...{ ...common, ...one, n, at_step: at, agent_version: agentVersion, was, became },
  }))
  return { reviews, corrections }
}

/** What is known of a task besides its state. */
interface Told {
  definition: Definition
  parts: Parts
}

/** The task's row as lists and boards read it. */
export function indexRow(state: TaskState, { definition, parts }: Told, now: number): IndexRow {
  return {
    id: state.task,
    team: state.team,
    workflow: state.workflow,
    version: state.version,
    title: state.title,
    status: state.status,
    step: state.status === 'done' ? null : state.visit.step || null,
    visit: state.visit.n,
    over: isOver(state.status) ? 1 : 0,
    seq: state.seq,
    due_at: nextAlarm(state, definition, now),
    cost: costOfTask(state),
    created_at: state.createdAt,
    updated_at: state.updatedAt,
    finished_at: state.finishedAt,
    card: JSON.stringify(cardOf(state, definition, now)),
    key: state.key,
    parts: JSON.stringify(parts.stored(state)),
  }
}

/**
 * What the task is found by; null: nothing that needs telling now. `told`: what it began with was told. One that got on to its
 * next step before its first flush may be over in a moment, and is told of with the next.
 */
export function searchedRow(
  state: TaskState,
  definition: Definition,
  told: boolean,
  first: boolean,
): SearchedRow | null {
  const ended = isOver(state.status)
  const hurries = first && state.status === 'running' && state.visit.n > 1
  if (!ended && (told || hurries)) return null
  const { task, team, workflow } = state
  return { task, team, workflow, words: wordsOfTask(state, definition, ended), over: ended ? 1 : 0 }
}

/** What D1 is to have in place of what it has of a task that is over, once words were taken out of its log. */
export function erasedOf(memory: Pick<TaskMemory, 'state' | 'definition' | 'parts'>, now: number): Erased {
  const state = memory.state!
  const definition = memory.definition(state)
  const { title, key, card } = indexRow(state, { definition, parts: memory.parts }, now)
  return {
    title,
    key,
    card,
    words: wordsOfTask(state, definition, true),
    files: state.files.map(({ id, name }) => [id, name]),
  }
}

/** The delivery that the task came from, told by the log's first row; null when it came otherwise. */
export function deliveryRow(row: StoredRow): DeliveryRow | null {
  const [created] = row.events
  if (created?.type !== 'created') return null
  const { source, team, task, input } = created
  if (source?.delivery === undefined || source.request === undefined) return null
  const { request, data, delivery: id, replays } = source
  const body = data ?? (isBlobRef(input) ? input : JSON.stringify(input))
  const shown = isBlobRef(body) ? { body: body.head, length: body.bytes } : { body, length: body.length }
  const reason = replays === undefined ? null : replays === 'test' ? 'A test' : `Replay of ${replays}`
  const { ms, ...rest } = request
  const common = { id, team, task, reason, verdict: 'accepted' as const, status: 202, ms }
  return { ...common, at: deliveryTime(id), request: shownRequest({ ...rest, ...shown }) }
}
