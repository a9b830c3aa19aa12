/** The one door by which every task begins: the version that it pins, what stands in its way, and that what comes again finds its task. */

import { renamed } from '../domain/file/fields.ts'
import type { NewFile } from '../domain/file/file.ts'
import type { Json } from '../domain/json/json.ts'
import { validate } from '../domain/schema/validate.ts'
import type { Duplicates } from '../domain/task/business-key.ts'
import type { CreateTask } from '../domain/task/commands.ts'
import type { Actor } from '../domain/task/events.ts'
import type { Carried } from '../domain/task/log/carried.ts'
import type { TaskView } from '../domain/task/told/views.ts'
import type { LiveVersion } from '../domain/workflow/live.ts'
import type { Env } from '../env.ts'
import { giveBack } from '../files/keep.ts'
import { toBeRead } from '../files/texts.ts'
import type { ApiProblem, Problem } from '../http/errors.ts'
import { refuse } from '../http/errors.ts'
import { KIB, type Read } from '../http/request/body.ts'
import { termsOfTask } from '../team/limits/terms.ts'
import { callTask } from './call.ts'
import { settleFiles } from './files/attach.ts'
import { withOthersFiles } from './files/others.ts'
import { livePinned, type PinnedVersion } from './pinned.ts'
import type { Idempotency } from './rpc.ts'

export const MAX_INPUT = 256 * KIB

type Tasks = Pick<Env, 'TASKS' | 'DB' | 'FILES'>

/** What a new task begins on: the version that it pins, and whether its workflow takes tasks now. */
export interface Target {
  version: PinnedVersion
  status: LiveVersion['status']
}

/** The target that a workflow is now, whatever its status: what came before is answered as then, even by a closed workflow. */
export async function targetOf(db: D1Database, live: LiveVersion | null): Promise<Read<Target>> {
  if (live === null) return refuse({ kind: 'not_found' })
  const version = await livePinned(db, live)
  return version ? { ok: true, value: { version, status: live.status } } : refuse({ kind: 'not_published' })
}

/** The same, for those who have nothing to do with a workflow in the archive. */
export async function openTargetOf(db: D1Database, live: LiveVersion | null): Promise<Read<Target>> {
  return live?.status === 'archived' ? refuse({ kind: 'workflow_archived' }) : targetOf(db, live)
}

/** A task that is to begin, whichever way it came. */
export interface Start {
  /** The same id and idempotency make it once. */
  task: string
  idempotency?: Idempotency
  team: string
  into: Target
  input: unknown
  /** Where in the request the input is; unless said, it is all of it. */
  at?: string
  title?: string
  /** Its business key; unless given, as its workflow has it. */
  key?: string
  /** What becomes of it where an earlier task has its key; unless said, as its workflow has it. A rerun is let be. */
  duplicates?: Duplicates
  /** What came with it and lies in storage; where nothing comes of the start, it is given back. */
  files?: NewFile[]
  /** They are held for it: refused, it may be started later. */
  filesHeld?: true
  /** Files of this task come along: those that the input names, or all where it names none; or what had come with a delivery. */
  filesOf?: { task: string; which: 'named' | 'delivered' }
  /** Ids of those files, and of their copies. */
  copies?: ReadonlyMap<string, string>
  /** The task that it runs again, and the step to begin at. */
  rerun?: { task: string; from?: string }
  source: NonNullable<CreateTask['source']>
  actor: Actor
  flushed: boolean
  /** What was found against it on the way here; undefined: its input was not checked yet. */
  refused?: Problem | null
  /** What else stands against a new one, such as a limit that it would count towards. */
  ifNew?: () => Promise<Problem | null>
}

export type Started = { ok: true; view: TaskView; repeated: boolean } | { ok: false; problem: Problem }

/** Kept until its workflow is active again; `repeated`: it was kept before. */
export type Held = { ok: true; held: true; repeated: boolean }

/** Keeps what came to a paused workflow; `gone`: it is paused no longer. */
export type Hold = () => Promise<'held' | 'again' | 'mismatch' | 'gone'>

/**
 * Starts a task, or answers with the one that the same request started before: what stands in its way now came later.
 * A paused workflow refuses new ones, unless the caller can `hold` them.
 */
export async function startOnce(env: Tasks, start: Start): Promise<Started>
export async function startOnce(env: Tasks, start: Start, hold: Hold): Promise<Started | Held>
export async function startOnce(env: Tasks, given: Start, hold?: Hold): Promise<Started | Held> {
  const filed = await withOthersFiles(env, given)
  if (!filed.ok) return filed
  const { files = [], team } = filed.start
  const started = await (hold ? startNew(env, filed.start, hold) : startNew(env, filed.start))
  if (files.length === 0) return started
  if (!started.ok && filed.start.filesHeld) return started
  if (!started.ok || ('held' in started && started.repeated)) await giveBack(env, team, files)
  else if (!('held' in started)) await settleFiles(env, team, files, started.view)
  return started
}

async function startNew(env: Tasks, start: Start, hold?: Hold): Promise<Started | Held> {
  const beginning = await beginningOf(env, start)
  if (!beginning.ok) return beginning
  const { version, status } = start.into
  const found = start.refused === undefined ? checkInput(version, start.input, start.at ?? '') : start.refused
  const refused = found ?? closedBy(status, hold !== undefined)
  const holds = status === 'paused' && hold !== undefined
  const isNew = (refused || start.ifNew || holds) && !(await cameBefore(env, start))
  if (isNew) {
    const against = refused ?? (await start.ifNew?.()) ?? null
    if (against) return { ok: false, problem: against }
    const kept = holds ? await hold() : 'gone'
    if (kept === 'mismatch') return { ok: false, problem: { kind: 'idempotency_mismatch' } }
    if (kept !== 'gone') return { ok: true, held: true, repeated: kept === 'again' }
  }
  return create(env, start, beginning.value)
}

/** Makes the task in its Durable Object. Its id makes a second try the same task. */
async function create(env: Tasks, start: Start, begin: CreateTask['begin']): Promise<Started> {
  const { task, team, into, input, files, title, key, rerun, source, actor, idempotency, flushed } = start
  const duplicates = rerun === undefined ? start.duplicates : 'allow'
  const { text: pinned, digest } = into.version
  const terms = await termsOfTask(env.DB, team, pinned)
  const command = {
    task,
    team,
    pinned,
    digest,
    input: input as Json,
    files: files?.map(toBeRead),
    title,
    key,
    duplicates,
    begin,
    source,
    terms,
  }
  const answer = await callTask(env, team, task, stub => stub.create(command, { actor, idempotency, flushed }))
  return answer.ok
    ? { ok: true, view: answer.value, repeated: answer.repeated }
    : { ok: false, problem: answer.refusal }
}

/** Whether a request with this idempotency key has made its task before. */
async function cameBefore(env: Tasks, { team, task, idempotency }: Start): Promise<boolean> {
  if (idempotency === undefined) return false
  return (await callTask(env, team, task, stub => stub.view())) !== null
}

function closedBy(status: Target['status'], canHold: boolean): ApiProblem | null {
  if (status === 'ending') return { kind: 'team_ending' }
  if (status === 'archived') return { kind: 'workflow_archived' }
  return status === 'paused' && !canHold ? { kind: 'workflow_paused' } : null
}

/** Checks an input against the workflow's input schema and the size that a task may carry. */
export function checkInput(
  version: { pinned: Pick<PinnedVersion['pinned'], 'definition'> },
  input: unknown,
  at: string,
): ApiProblem | null {
  if (new TextEncoder().encode(JSON.stringify(input)).byteLength > MAX_INPUT) {
    const message = `The input is larger than ${MAX_INPUT / KIB} KiB.`
    return { kind: 'invalid', code: 'input_too_large', message, hint: 'Send less, or a link to it.', path: at }
  }
  const schema = version.pinned.definition.input
  if (schema === undefined) return null
  const errors = validate(schema, input as Json)
  const [first] = errors
  if (!first) return null
  const message = errors
    .slice(0, 5)
    .map(error => `${error.path || 'input'}: ${error.message}`)
    .join('; ')
  const hint = "It must fit the workflow's `input` schema."
  return { kind: 'invalid', code: 'invalid_input', message, hint, path: joinPath(at, first.path) }
}

/**
 * Where a rerun begins: `from` with what the old task knew there, or (undefined) at the entry step with nothing. The
 * outputs of steps that the version has no longer are left behind.
 */
async function beginningOf(
  env: Tasks,
  { team, rerun, into, copies = new Map() }: Start,
): Promise<{ ok: true; value: CreateTask['begin'] } | { ok: false; problem: Problem }> {
  if (rerun?.from === undefined) return { ok: true, value: undefined }
  const { task, from } = rerun
  const keys = into.version.pinned.definition.steps.map(step => step.key)
  if (from === keys[0]) return { ok: true, value: undefined }
  if (!keys.includes(from)) return { ok: false, problem: { kind: 'unknown_step', step: from, steps: keys } }
  const carried = await callTask(env, team, task, stub => stub.carriedTo(from))
  if (carried === null) return refuse({ kind: 'not_found' })
  const outputs = carried.outputs.filter(({ step }) => keys.includes(step))
  return { ok: true, value: renamed({ ...carried, outputs } as unknown as Json, copies) as unknown as Carried }
}

/** A dot path below another one. */
function joinPath(at: string, path: string): string {
  return [at, path].filter(part => part !== '').join('.')
}
