/** Baton that asks at each of its crash points whether to go on: what is not answered waits there until the process is killed. */
import { env } from 'cloudflare:workers'
import { armCrashPoints } from '../../src/crash-points.ts'

export * from '../../src/index.ts'
export { default } from '../../src/index.ts'

const { CRASH_CONTROL } = env as unknown as { CRASH_CONTROL: string }

armCrashPoints(async point => {
  await fetch(`${CRASH_CONTROL}/${point}`)
})
