/** The team's money while one command changes its Gate: what was spent of each budget, and what calls under way may cost. */
import type { TeamLimits } from '../team-limits.ts'
import { type Crossing, fits, marked, type Spending, usd } from './spending.ts'
import type { GateState } from './state.ts'

const PERIODS = ['day', 'month'] as const

export class Purse {
  readonly crossed: Crossing[] = []
  spending: GateState['spending']
  readonly #budget: TeamLimits['budget']
  #reserved = 0

  constructor(spending: GateState['spending'], budget: TeamLimits['budget']) {
    this.spending = spending
    this.#budget = budget
  }

  /** What calls under way may cost, in USD. */
  get reserved(): number {
    return Math.max(0, usd(this.#reserved))
  }

  /** A call begins (USD more), or ends (less). */
  reserve(cost: number): void {
    this.#reserved += cost
  }

  /** Whether a call fits both budgets, `besides` what others may cost. */
  fitsIn(cost: number, besides = this.reserved): boolean {
    return PERIODS.every(period => fits(this.#budget[period], this.spending?.[period].spent ?? 0, besides, cost))
  }

  spend(cost: number): void {
    if (this.spending === null || cost <= 0) return
    const plus = (spending: Spending): Spending => ({ ...spending, spent: usd(spending.spent + cost) })
    this.spending = { day: plus(this.spending.day), month: plus(this.spending.month) }
    this.#mark(false, 0)
  }

  /** A call of this cost did not fit: what has no room for it though nothing is under way is used up. */
  refuse(cost: number): void {
    if (PERIODS.some(period => this.#budget[period] !== null)) this.#mark(true, cost)
  }

  #mark(full: boolean, cost: number): void {
    if (this.spending === null) return
    const next = { ...this.spending }
    for (const period of PERIODS) {
      const limit = this.#budget[period]
      // What only lacks room while others are under way is not used up.
      const isFull = full && !fits(limit, next[period].spent, 0, cost)
      const { spending, crossed } = marked(period, next[period], limit, isFull)
      next[period] = spending
      if (crossed !== null) this.crossed.push(crossed)
    }
    this.spending = next
  }
}
