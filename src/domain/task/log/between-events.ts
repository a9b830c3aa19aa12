/** What can have happened between a task and those that it started, or the one that started it: events of its log. */
import type { Json } from '../../json/json.ts'
import type { Stored } from './blob.ts'
import type { Standing } from './source.ts'

export type BetweenEvent =
  /** The run started a task of another workflow. `waits`: it waits for that task from now on, until `until` at most. */
  | {
      type: 'started'
      visit: number
      run: number
      name?: string
      attempt: number
      child: string
      workflow: string
      /** The name of that workflow. */
      of: string
      waits: boolean
      until: number | null
    }
  /** The task that was started is no longer wanted: it is to be cancelled. */
  | { type: 'recalled'; visit: number; run: number; child: string; of: string }
  /** It says what it came to. */
  | {
      type: 'returned'
      visit: number
      run: number
      child: string
      of: string
      standing: 'failed' | 'done' | 'cancelled'
      result: Stored<Json>
      message: string | null
      /** USD that it has spent by then; absent: in logs of before children said so. */
      spent?: number
    }
  /** The task that started this one was told how it stands. */
  | { type: 'told'; standing: Standing }
