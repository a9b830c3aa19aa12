/** The machine: which command by hand is carried out in which status. One table; buttons, docs and tests derive from it. */
import type { CommandType } from './commands.ts'
import { STATUSES, type Status } from './state.ts'

/** What people and keys may order. Commands on one run go by its phase instead (decide.ts). */
export const BY_HAND = [
  'decide',
  'undo',
  'answer',
  'assign',
  'delegate',
  'route',
  'retry',
  'move',
  'raise',
  'cancel',
  'migrate',
  'event',
  'attach',
  'detach',
  'comment',
] as const
export type ByHand = (typeof BY_HAND)[number]

type Row = Record<Status, boolean>

const row = (
  running: boolean,
  held: boolean,
  waiting: boolean,
  stuck: boolean,
  failed: boolean,
  done: boolean,
  cancelled: boolean,
): Row => ({ running, held, waiting, stuck, failed, done, cancelled })

//                      running  held   waiting stuck  failed  done  cancelled
export const MACHINE: Record<ByHand, Row> = {
  decide: /*       */ row(false, false, true, true, false, false, false),
  undo: /*         */ row(true, true, true, true, false, false, false),
  answer: /*       */ row(false, false, false, true, false, false, false),
  assign: /*       */ row(false, false, true, true, false, false, false),
  delegate: /*     */ row(false, false, true, true, false, false, false),
  route: /*        */ row(false, false, false, true, true, false, false),
  retry: /*        */ row(false, true, false, true, true, false, false),
  move: /*         */ row(true, true, true, true, true, false, false),
  raise: /*        */ row(true, true, true, true, true, false, false),
  cancel: /*       */ row(true, true, true, true, true, false, false),
  migrate: /*      */ row(true, true, true, true, true, false, false),
  event: /*        */ row(true, true, true, true, true, false, false),
  attach: /*       */ row(true, true, true, true, true, false, false),
  detach: /*       */ row(true, true, true, true, true, true, true),
  comment: /*      */ row(true, true, true, true, true, true, true),
}

/** Whether the command is one of the table. */
export function isByHand(command: CommandType): command is ByHand {
  return (BY_HAND as readonly string[]).includes(command)
}

/** What is no act on the flow, or nobody's but who is asked: what comes from outside, files, what is said, passing a question on. */
const BESIDE: readonly ByHand[] = ['event', 'attach', 'detach', 'comment', 'delegate']

/** The commands that people can give in this status. */
export function allowedIn(status: Status): ByHand[] {
  return BY_HAND.filter(command => !BESIDE.includes(command) && MACHINE[command][status])
}

/** The statuses in which a command may be carried out, for docs and tests. */
export function statusesFor(command: ByHand): Status[] {
  return STATUSES.filter(status => MACHINE[command][status])
}
