/** What is counted of providers' calls: what failed at once, what was answered now and then, and nothing of what says nothing. */
import { beforeEach, expect, test } from 'vitest'
import type { RunFailure } from '../../../src/domain/task/run/outcome.ts'
import { countOutcome, forgetTallies } from '../../../src/execution/gate/outcomes.ts'
import type { ModelOutcome } from '../../../src/execution/models/port.ts'
import { byProvider, lastOutcomes, type Outcomes } from '../../../src/records/alert/outcomes.ts'
import { sqliteD1 } from '../../support/d1.ts'

const usage = { model: 'm', inputTokens: 0, outputTokens: 0, calls: 1, durationMs: 1 }
const answered = { kind: 'completed', usage } as ModelOutcome
const failed = (code: string) => ({ kind: 'failed', failure: { code } as RunFailure, usage }) as ModelOutcome
const away = (reason: string) => ({ kind: 'away', away: { reason }, usage }) as ModelOutcome
const T = Date.UTC(2026, 5, 1)
const MINUTE = 60_000

let db: D1Database
beforeEach(() => {
  db = sqliteD1()
  forgetTallies()
})

async function counted(now: number) {
  return byProvider((await lastOutcomes(db, 'a', now).all<Outcomes>()).results)
}

test('what is not answered is counted, whichever way it was not; what the call itself was refused for is an answer', async () => {
  let now = T
  for (const outcome of [
    failed('timeout'),
    failed('unreachable'),
    failed('provider_error'),
    failed('provider_auth'),
    away('provider_offline'),
  ]) {
    now += 11_000
    await countOutcome(db, 'a', 'house', outcome, now)
  }
  for (const outcome of [answered, failed('bad_request'), failed('refused')])
    await countOutcome(db, 'a', 'house', outcome, now)
  now += 5 * MINUTE
  await countOutcome(db, 'a', 'house', answered, now)
  expect(await counted(now)).toEqual([
    { provider: 'house', answered: 4, failed: 5, lastAt: now, code: 'provider_offline' },
  ])
})

test('a call that was turned away for a while, and the demo model, say nothing', async () => {
  for (const reason of ['provider_limit', 'team_budget', 'provider_not_configured'])
    await countOutcome(db, 'a', 'house', away(reason), T)
  await countOutcome(db, 'a', 'demo', failed('timeout'), T)
  expect(await counted(T)).toEqual([])
})

test('a thousand answers a minute are a row write every four', async () => {
  let writes = 0
  const watched = new Proxy(db, {
    get: (target, name) => {
      if (name === 'batch') writes++
      return Reflect.get(target, name)
    },
  })
  for (let n = 0; n < 10_000; n++) await countOutcome(watched, 'a', 'house', answered, T + n * 60)
  expect(writes).toBe(3)
})

test('a database that is away fails no run, and another team’s calls are not ours', async () => {
  await countOutcome({} as D1Database, 'a', 'house', failed('timeout'), T)
  await countOutcome(db, 'b', 'house', failed('timeout'), T)
  expect(await counted(T)).toEqual([])
})
