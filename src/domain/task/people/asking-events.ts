/** What can have happened to a question once it was put: other people, edits, what was filled in, votes, and one taken back. */
import type { Json } from '../../json/json.ts'
import type { Stored } from '../log/blob.ts'
import type { Moved } from './ask.ts'

export type AskingEvent =
  | {
      type: 'assigned'
      visit: number
      run: number
      to: string[]
      by: 'command' | 'overdue'
      /** From whom it was taken, and why; absent: somebody wanted it so. */
      because?: Moved[]
    }
  | {
      type: 'edited'
      visit: number
      run: number
      step: string
      output: Stored<Json>
      digest: string
      /** Whose approvals it clears, as votes name them; absent in logs of older releases. */
      cleared?: string[]
    }
  | {
      type: 'decided'
      visit: number
      run: number
      handoff: string
      note: string | null
      counted: number
      needs: number
      digest: string
      settles: boolean
      /** Until when it can be taken back, in ms since the epoch; nothing comes of it before. Absent: it holds at once. */
      until?: number
      /** What the run puts out with it, where something was filled in. */
      output?: Stored<Json>
      /** What was added to the task with it. */
      files?: { id: string; name: string }[]
    }
  /** Its fields were filled in anew. `cleared`: whose approvals count no more. */
  | { type: 'filled'; visit: number; run: number; fields: Stored<Json>; digest: string; cleared: string[] }
  /** Another stage of approval is asked: the next, or the first again after a change. */
  | {
      type: 'staged'
      visit: number
      run: number
      /** From 0. */
      stage: number
      assignees: string[]
      needs: number
      digest: string
      /** What was noted with the change that led back to the first. */
      note?: string
    }
  /** These had not decided by now, and are told again. */
  | { type: 'reminded'; visit: number; run: number; at: number; to: string[] }
  /** The decision was taken back before anything came of it: it is asked again, as before. */
  | { type: 'undone'; visit: number; run: number; digest: string }
  /** The time in which the decision could be taken back is over. */
  | { type: 'effected'; visit: number; run: number }
  /** Nobody was asked, as people have approved such drafts unchanged, and one in `oneIn` is looked at: it goes on as approved. */
  | { type: 'skipped'; visit: number; run: number; handoff: string; oneIn: number }
