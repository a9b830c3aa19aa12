/** The work of a claimed run, by the kind of its order. */
import type { Order, OrderOf } from '../../domain/handler/order.ts'
import type { Work } from '../../domain/task/commands.ts'
import type { Env } from '../../env.ts'
import type { Report } from '../../task/rpc.ts'
import { performModel } from './model.ts'
import type { Performer } from './performer.ts'

const PERFORMERS: { [K in Order['kind']]: Performer<OrderOf<K>> } = { model: performModel }

/** Does the work; `chain`: the report asks for the next run, too. */
export function perform({ team, order }: Work, chain: boolean, env: Env): Promise<Report> {
  return PERFORMERS[order.kind](order, { team, chain }, env)
}
