/** From a delivery that its intake took to its task: started, or kept while the workflow is paused. Every kind of intake shares it. */
import type { NewFile } from '../../domain/file/file.ts'
import type { Json } from '../../domain/json/json.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { Source } from '../../domain/task/log/source.ts'
import type { Env } from '../../env.ts'
import type { Problem } from '../../http/errors.ts'
import { awaitFiles } from '../../records/file/files.ts'
import { holdDelivery } from '../../records/intake/held-deliveries.ts'
import type { OpenIntake } from '../../records/intake/intakes.ts'
import { heldSince } from '../../records/intake/open-intakes.ts'
import type { Idempotency } from '../../task/rpc.ts'
import { type Held, type Start, type Started, startOnce, type Target } from '../../task/start.ts'
import type { Delivery } from '../arrival/delivery.ts'
import { overLimit } from '../entry/limit.ts'
import { deliveryRow } from './delivery-note.ts'

/** A source as a held delivery keeps it. */
export type HeldSource = Source & { files?: NewFile[] }

/** What a delivery is to become, and who is named as the one who started it. */
export interface Making {
  /** The same id and idempotency make it once. */
  task: string
  idempotency?: Idempotency
  input: Json | undefined
  /** What the intake's settings or the schema have against it. */
  refused: Problem | null
  /** Where its sender wants to be told of the task. */
  callback?: string
  actor: Actor
}

/** Starts the task of a delivery, within the intake's limit, or holds the delivery. What came before takes nobody's place. */
export function startDelivery(
  env: Env,
  intake: OpenIntake,
  into: Target,
  delivery: Delivery,
  making: Making & Pick<Start, 'ifNew'>,
): Promise<Started | Held> {
  const ifNew = intake.config.limit === undefined ? undefined : () => beyondLimit(env, intake, making.task)
  const start = { ifNew, ...startOf(intake, into, delivery, making), flushed: false }
  return startOnce(env, start, () => keep(env.DB, intake, delivery, start))
}

/** What is held already has had its place. */
async function beyondLimit(env: Env, intake: OpenIntake, task: string): Promise<Problem | null> {
  if (intake.status === 'paused' && (await heldSince(env.DB, intake.team, task)) !== null) return null
  return overLimit(env, intake)
}

/** A start with all that the task's first event tells of its delivery. `replays`: the delivery that it repeats, or `test`. */
export function startOf(
  intake: OpenIntake,
  into: Target,
  delivery: Delivery,
  { input = null, replays, callback, ...making }: Making & Pick<Start, 'ifNew' | 'filesOf'> & { replays?: string },
): Omit<Start, 'flushed'> {
  const { id, at, type, text, repaired } = delivery
  const { headers, query } = delivery.scope
  const told = repaired.length > 0 ? { repaired } : {}
  const request = { headers, query, type: type ?? '', ms: Date.now() - at, ...told }
  // The input says it all when it is the body itself.
  const data = isBody(intake, delivery) ? undefined : text
  const source: Source = { kind: intake.kind, id: intake.id, delivery: id, request, data, replays, callback }
  const { duplicates } = intake.config
  const files = delivery.files?.map(({ file }) => file)
  return { ...making, team: intake.team, into, input, files, duplicates, source }
}

function isBody(intake: OpenIntake, { type, isForm }: Delivery): boolean {
  return intake.config.map === undefined && !isForm && type !== 'text/plain'
}

/** A delivery is held for a month at most; its files wait as long. */
const HELD_MS = 31 * 86_400_000

/** What the held row says of its source, and the files that its task will take. */
async function withFilesHeld(
  db: D1Database,
  { team, source, files = [] }: Omit<Start, 'flushed'>,
): Promise<HeldSource> {
  if (files.length === 0) return source
  const until = Date.now() + HELD_MS
  await awaitFiles(
    db,
    team,
    files.map(({ id }) => id),
    until,
  )
  return { ...source, files: files.map(file => ({ ...file, until })) }
}

/** Keeps all that its task needs, with the row that shows it among the deliveries. */
async function keep(db: D1Database, intake: OpenIntake, delivery: Delivery, start: Omit<Start, 'flushed'>) {
  const { task, team, input, actor, idempotency } = start
  const source = await withFilesHeld(db, start)
  const row = {
    id: task,
    team,
    workflow: intake.workflow,
    intake: intake.id,
    actor: JSON.stringify(actor satisfies Actor),
    idempotency: idempotency?.id ?? null,
    hash: idempotency?.hash ?? '',
    input: JSON.stringify(input),
    at: delivery.at,
    source: JSON.stringify(source),
  }
  return holdDelivery(db, row, deliveryRow(team, delivery, { verdict: 'held', status: 202, reason: null, task }))
}
