/** The four equal lanes: which one a run takes, and sending it there. */
import type { CallbackMessage, Env, EventMessage, LaneMessage, ReadingMessage, StepMessage } from '../../env.ts'

type Lanes = Pick<Env, 'STEPS_0' | 'STEPS_1' | 'STEPS_2' | 'STEPS_3'>

/** FNV-1a: spreads tasks evenly and gives the same lane for the same run wherever it is asked. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}

/** The lane of this run; parallel runs of one task spread over all of them. */
function laneOf(env: Lanes, task: string, run: number): Queue<LaneMessage> {
  return [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3][hash(`${task}/${run}`) % 4]!
}

/** Puts a run on its lane. */
export async function sendRun(env: Lanes, message: StepMessage): Promise<void> {
  await laneOf(env, message.task, message.run).send(message)
}

/** Puts a callback on a lane, to be taken up in `delaySeconds`. */
export async function sendCallback(env: Lanes, message: CallbackMessage, delaySeconds = 0): Promise<void> {
  await laneOf(env, message.callback, 0).send(message, { delaySeconds })
}

/** Puts an event that is for many tasks on a lane. */
export async function sendEvent(env: Lanes, message: EventMessage): Promise<void> {
  await laneOf(env, message.event, 0).send(message)
}

/** Puts a file that is to be read on a lane. */
export async function sendReading(env: Lanes, message: ReadingMessage): Promise<void> {
  await laneOf(env, message.file, 0).send(message)
}
