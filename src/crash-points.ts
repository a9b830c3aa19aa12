/** Named places where a test makes the process die or a call fail. Nothing arms them in production. */
export const CRASH_POINTS = [
  'C1', // before the commit of a create
  'C2', // after it, before the answer
  'C3', // before a message is sent
  'C4', // sent; the process dies before it notes anything
  'C5', // consumer, before claim
  'C6', // after claim
  'C7', // during the model call
  'C8', // after the work, before the report
  'C9', // an outside call’s intent is noted; it is not made yet
  'C10', // before what the work came to is recorded
  'C11', // after the report, before the acknowledgement
  'C12', // the commit to D1 fails
  'C13', // D1 commits, the answer is lost
  'C14', // the alarm throws
  'C15', // the alarm fires twice
  'C16', // a schedule's task is made, its cursor not moved
  'C17', // before a task tells another one something
  'C18', // the task that started it has heard; it has not noted that
  'C19', // a task of another workflow is made, whoever starts it was not told
  'C20', // the Gate is asked for leave
  'C21', // the Gate is told of a call's end
  'C22', // a run is told that it is its turn
  'C23', // an outside call was answered; its receipt is not noted
] as const
export type CrashPoint = (typeof CRASH_POINTS)[number]

let armed: ((point: CrashPoint) => void | Promise<void>) | null = null

/** Tests only: what happens at crash points from now on; null disarms them. */
export function armCrashPoints(act: typeof armed): void {
  armed = act
}

/** Marks a place. Throws, or waits, only where a test armed it. */
export function crashPoint(point: CrashPoint): void | Promise<void> {
  return armed?.(point)
}
