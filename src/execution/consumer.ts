/** The lanes' consumer: claims a run, has it worked on, reports it, and goes on with what the report hands back. */
import { crashPoint } from '../crash-points.ts'
import type { CallNote, Work } from '../domain/task/commands.ts'
import {
  type CallbackMessage,
  type Env,
  type EventMessage,
  type LaneMessage,
  type ReadingMessage,
  type StepMessage,
  taskStub,
} from '../env.ts'
import { lineTo, type Patience } from '../task/call.ts'
import { readFileOf } from '../task/files/read-file.ts'
import { tellOn } from '../task/outside-event.ts'
import type { Report } from '../task/rpc.ts'
import { deliver } from './callbacks/deliver.ts'
import { GatedRun } from './gate/gated.ts'
import { perform } from './orders/perform.ts'

const DEAD_LETTERS = 'baton-steps-dead'

/** An invocation takes chained work only while it is this young: a slow chain goes back through the queue. */
const CHAIN_MS = 10_000
/** Nobody waits here, and verbs are idempotent: whatever a call failed by, it is tried again. */
const LONG: Patience = { tries: 4, pauseMs: tried => 50 * 4 ** tried, mayGoBetter: () => true }

/** After this a file is asked for again that another is reading. */
const BUSY_S = 2

/** Takes a batch of a lane. Messages run side by side, each acknowledged on its own. */
export async function consume(batch: MessageBatch<LaneMessage>, env: Env, ctx: ExecutionContext): Promise<void> {
  if (batch.queue === DEAD_LETTERS) return wakeAll(batch, env)
  const work = Promise.all(batch.messages.map(message => take(message, env)))
  // The local queue hands out one batch at a time, so a call of a minute would freeze every other task. There the batch
  // is let go of early (with workerd's queue_consumer_no_wait_for_wait_until); recovery rests on leases, not on acks.
  // Deployed, waitUntil is cut after half a minute, so the batch is held until its work is done.
  if (env.BATON_LOCAL === '1') ctx.waitUntil(work)
  else await work
}

/** A message that died only wakes its task: the task's own alarm decides what is sent again. */
async function wakeAll(batch: MessageBatch<LaneMessage>, env: Env): Promise<void> {
  for (const message of batch.messages) {
    if (isStepMessage(message.body)) await taskStub(env, ...addressOf(message.body.task)).wake(false)
    message.ack()
  }
}

async function take(message: Message<LaneMessage>, env: Env): Promise<void> {
  try {
    await crashPoint('C5')
    // What this version cannot read is for a newer one, or nobody: the task's alarm sends again.
    if (isStepMessage(message.body)) await runChain(message.body, env)
    else if (isCallbackMessage(message.body)) await deliver(env, message.body)
    else if (isEventMessage(message.body)) await tellOn(env, message.body)
    else if (isReadingMessage(message.body) && !(await readFileOf(env, message.body)))
      return message.retry({ delaySeconds: BUSY_S })
    await crashPoint('C11')
    message.ack()
  } catch (error) {
    console.error(
      JSON.stringify({
        level: 'error',
        what: 'consume',
        task: (message.body as StepMessage | null)?.task,
        error: String(error),
      }),
    )
    message.retry({ delaySeconds: Math.min(60, 2 ** message.attempts) })
  }
}

/** Whether this is a message as this version, or the one before it, sends them. */
function isStepMessage(body: unknown): body is StepMessage {
  const message = body as StepMessage | null
  return (
    typeof message === 'object' &&
    message !== null &&
    message.v === 1 &&
    typeof message.task === 'string' &&
    [message.visit, message.run, message.attempt].every(Number.isInteger)
  )
}

function isCallbackMessage(body: unknown): body is CallbackMessage {
  const message = body as CallbackMessage | null
  return message?.v === 1 && typeof message.team === 'string' && typeof message.callback === 'string'
}

function isReadingMessage(body: unknown): body is ReadingMessage {
  const message = body as ReadingMessage | null
  return message?.v === 1 && [message.team, message.task, message.file].every(part => typeof part === 'string')
}

function isEventMessage(body: unknown): body is EventMessage {
  const message = body as EventMessage | null
  return message?.v === 1 && typeof message.team === 'string' && typeof message.event === 'string'
}

async function runChain(message: StepMessage, env: Env): Promise<void> {
  const began = Date.now()
  const [team, task] = addressOf(message.task)
  const call = lineTo(env, team, task, LONG)
  const claimed = await call(task => task.claim(message.visit, message.run, message.attempt))
  let work: Work | null = claimed.ok ? claimed.work : null
  while (work !== null) {
    await crashPoint('C6')
    const { visit, run, attempt, lease }: Work = work
    const ref = { visit, run, attempt, lease }
    const note = (told: CallNote) => call(task => task.note(ref, told))
    const gate = new GatedRun(env, team, work)
    const performing = { team, chain: Date.now() - began < CHAIN_MS, note, gate }
    const report: Report | null = await perform(work, performing, env).finally(() => gate.close())
    await crashPoint('C8')
    if (report === null) return
    if (report.kind === 'hold') {
      await call(task => task.hold(ref, report))
      return
    }
    const answer = await call(task => task.report(ref, report))
    work = answer.next
  }
}

/** Team and task of a Task DO's name. */
function addressOf(name: string): [team: string, task: string] {
  const at = name.indexOf(':')
  return [name.slice(0, at), name.slice(at + 1)]
}
