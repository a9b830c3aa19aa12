/** The work of a claimed run, by the kind of its order. */
import type { Order, OrderOf } from '../../domain/handler/order.ts'
import type { Work } from '../../domain/task/commands.ts'
import type { Env } from '../../env.ts'
import type { Report } from '../../task/rpc.ts'
import { performHttp } from './http.ts'
import { performModel } from './model.ts'
import type { Performer, Performing } from './performer.ts'
import { performStart } from './start.ts'
import { performTool } from './tool.ts'

const PERFORMERS: { [K in Order['kind']]: Performer<OrderOf<K>> } = {
  model: performModel,
  http: performHttp,
  tool: performTool,
  start: performStart,
}

/** Does the work; null: there is nothing to report. */
export function perform({ order, task }: Work, performing: Omit<Performing, 'task'>, env: Env): Promise<Report | null> {
  const performer = PERFORMERS[order.kind] as Performer<Order>
  return performer(order, { ...performing, task }, env)
}
