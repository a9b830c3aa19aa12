/** Run as a process of its own by cpu-time.ts: measures what each of a module's cases costs in CPU time, and prints it as JSON. */
import { pathToFileURL } from 'node:url'
import type { CostCase } from './cpu-time.ts'

/** What the yardstick takes on the machine that the limits are meant for, in ms of CPU. */
const YARDSTICK_MS = 40
/** A case over it is measured again: a collection of garbage or a neighbour on the core may have been in the way. */
const ENOUGH_MS = 100
const TRIES = 10

const { default: cases, warmUp } = (await import(pathToFileURL(process.argv[2]!).href)) as {
  default: CostCase[]
  warmUp: () => unknown
}
yardstick()
await warmUp()
const costs: Record<string, number> = {}
for (const { name, run } of cases) costs[name] = await leastOf(run)
process.stdout.write(JSON.stringify(costs))

/** The least of some tries, in ms of that machine; only what seems dear is worth the yardstick. */
async function leastOf(run: CostCase['run']): Promise<number> {
  let least = await cpuMs(() => run(0))
  for (let round = 1; round < TRIES && least > ENOUGH_MS; round++) {
    // The yardstick stands on both sides: the machine may be slowed down or freed in between.
    const before = await cpuMs(yardstick)
    const cost = await cpuMs(() => run(round))
    const slowdown = Math.max(1, (before + (await cpuMs(yardstick))) / 2 / YARDSTICK_MS)
    least = Math.min(least, cost / slowdown)
  }
  return Math.round(least)
}

async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Some of all that the languages do: objects made, texts walked and joined, maps asked. */
function yardstick(): number {
  const seen = new Map<string, number>()
  for (let round = 0; round < 60_000; round++) {
    const key = `k${(round * 7919) % 5000}`
    const value = JSON.parse(`{"${key}":[1,2,"${key}"]}`) as Record<string, unknown[]>
    seen.set(key, (seen.get(key) ?? 0) + value[key]!.length)
  }
  return seen.size
}
