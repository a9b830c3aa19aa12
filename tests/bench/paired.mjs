/**
 * Two trees against each other: `node tests/bench/paired.mjs OTHER_TREE [pairs] [tasks a block]`. Blocks of tasks run alternately on
 * both, and what is told is the median of the pairs' ratios, this tree by the other, so that whatever else the machine does
 * meets both: a few percent show in four quiet minutes. The other tree needs its node_modules.
 */
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { flood, median, until } from './client.mjs'
import { root } from './host.mjs'

const [other, pairs = '120', block = '150'] = process.argv.slice(2)
if (other === undefined) throw new Error('Say which tree to compare with: node tests/bench/paired.mjs OTHER_TREE')
const WARM_UP = 300
const RESAMPLED = 2000

const trees = [path.resolve(other), root]
const sides = []
for (const tree of trees) {
  const { baton } = await import(pathToFileURL(path.join(tree, 'tests/bench/subjects.mjs')).href)
  sides.push({ session: await baton.open(), sent: 0 })
}

/** Wall time and CPU of workerd, in ms a task. */
async function run(side, count) {
  const { session } = side
  const [cpu, start] = [session.usage().cpuMs, performance.now()]
  const done = until(side.sent + count, () => session.done(), start)
  await Promise.all([flood(count, 32, index => session.start(index)), done])
  side.sent += count
  return { wall: (performance.now() - start) / count, cpu: (session.usage().cpuMs - cpu) / count }
}

for (const side of sides) await run(side, WARM_UP)
const measured = []
for (let pair = 0; pair < Number(pairs); pair++) {
  const found = []
  // Who goes first changes, as the second of a pair may meet what the first has left.
  for (const at of pair % 2 === 0 ? [0, 1] : [1, 0]) found[at] = await run(sides[at], Number(block))
  measured.push(found)
  if (pair % 20 === 19) process.stderr.write(`${pair + 1} of ${pairs} pairs\n`)
}
for (const { session } of sides) await session.close()

const told = what => {
  const ratios = measured.map(([before, now]) => now[what] / before[what])
  const again = () => median(ratios.map(() => ratios[Math.floor(Math.random() * ratios.length)]))
  const medians = Array.from({ length: RESAMPLED }, again).sort((a, b) => a - b)
  const at = share => Number(medians[Math.floor(share * (RESAMPLED - 1))].toFixed(3))
  const each = side => Number(median(measured.map(pair => pair[side][what])).toFixed(2))
  return { ratio: Number(median(ratios).toFixed(3)), from: at(0.025), to: at(0.975), other: each(0), this: each(1) }
}
process.stdout.write(
  `${JSON.stringify({ trees, pairs: measured.length, wall: told('wall'), cpu: told('cpu') }, null, 2)}\n`,
)
