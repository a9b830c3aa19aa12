/** Counts what comes to intakes that set a limit: the last deliveries' times, in memory, found again in D1 when the object was away. */
import { BoundedCache } from '../../domain/bounded-cache.ts'
import { passedSince } from '../../records/intake/deliveries.ts'
import type { IntakeLimit } from '../rpc.ts'

/** Intakes of one workflow whose counts are kept. */
const MAX_KEPT = 100

export class Allowance {
  #db: D1Database
  #taken = new BoundedCache<Promise<number[]>>(MAX_KEPT)

  constructor(db: D1Database) {
    this.#db = db
  }

  /** Counts one delivery. 0: it may pass; else in how many ms one may. */
  async take(intake: string, limit: IntakeLimit, now: number): Promise<number> {
    const times = await this.#times(intake, limit, now)
    const since = now - limit.seconds * 1000
    while (times.length > 0 && times[0]! <= since) times.shift()
    if (times.length >= limit.count) return Math.max(1, times[times.length - limit.count]! - since)
    times.push(now)
    return 0
  }

  #times(intake: string, limit: IntakeLimit, now: number): Promise<number[]> {
    return this.#taken.get(`${intake} ${limit.seconds}`, () => this.#find(intake, limit, now))
  }

  /** Whoever was away this long has nothing under way: D1 has all that passed. If it cannot be asked, counting begins anew. */
  async #find(intake: string, limit: IntakeLimit, now: number): Promise<number[]> {
    try {
      return await passedSince(this.#db, intake, now - limit.seconds * 1000, limit.count)
    } catch {
      return []
    }
  }
}
