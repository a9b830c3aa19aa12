/** What does the work of one kind of order. */
import type { Order } from '../../domain/handler/order.ts'
import type { CallNote } from '../../domain/task/commands.ts'
import type { Env } from '../../env.ts'
import type { Report } from '../../task/rpc.ts'
import type { GatedRun } from '../gate/gated.ts'
import type { Tool } from '../tools/tool.ts'

/** Whose work it is, and how it is to be reported. */
export interface Performing {
  team: string
  task: string
  /** Whether the report asks for the next run of the chain. */
  chain: boolean
  /** How its model calls ask for leave; absent: they need none. */
  gate?: Pick<GatedRun, 'port'>
  /** What is called in the place of a tool; absent: the tool itself. */
  standIn?(tool: Tool): Tool
  /** Tells the task of a call or a turn; false: stop, the attempt is void or waits for people. */
  note(note: CallNote): Promise<boolean>
}

/** Does the work and says what it came to; null: there is nothing to report. Throws only when Baton's own storage fails. */
export type Performer<O extends Order> = (order: O, performing: Performing, env: Env) => Promise<Report | null>
