/** What a call cost, told with its outcome: at the team's prices, which the task's log does not know. */
import { costOf, type Prices } from '../../domain/money.ts'
import type { ModelPort } from './port.ts'

/** The port whose outcomes say what they cost; null where nobody knows. */
export const pricedAt = (port: ModelPort, own: Prices): ModelPort => ({
  complete: async request => {
    const outcome = await port.complete(request)
    const { usage } = outcome
    const cost = costOf(usage.model, usage, own)
    return { ...outcome, usage: { ...usage, cost } }
  },
})
