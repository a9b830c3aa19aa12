/** How long people are tried to be told: ever rarer, twelve times, and anew when what they are to hear changes. */
import { expect, test } from 'vitest'
import type { Notice } from '../../../src/task/notice.ts'
import { Notices } from '../../../src/task/object/notices.ts'

const asking = (digest: string): Notice => ({
  trouble: null,
  asked: [
    {
      ...{ team: 'acme', task: 'tsk_1', visit: 1, run: 1, digest, title: 'Acme', workflow: 'Onboarding' },
      ...{
        stepName: 'Approve',
        kind: 'decide' as const,
        tool: null,
        question: null,
        due: null,
        recipients: ['ana@acme.test'],
      },
    },
  ],
})

/** Notices over a mail that arrives or does not, with the clock at the next try. */
function tellers(arrives: () => boolean) {
  const world = { now: 0, notice: asking('one'), tried: [] as number[] }
  const notices = new Notices({
    now: () => world.now,
    notice: () => world.notice,
    tell: async () => {
      world.tried.push(world.now)
      return arrives()
    },
    postponed: at => {
      world.now = at
    },
  })
  const untilSettled = async () => {
    notices.look()
    for (let turns = 0; notices.waiting && turns < 50; turns++) await notices.run()
  }
  return { world, notices, untilSettled }
}

test('an address that takes no mail is tried twelve times, each pause twice the last, an hour at most', async () => {
  const { world, notices, untilSettled } = tellers(() => false)
  await untilSettled()
  expect(notices.waiting).toBe(false)
  const pauses = world.tried.slice(1).map((at, index) => (at - world.tried[index]!) / 1000)
  expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600])
})

test('once told it is told no more; another content is told anew, with all its tries', async () => {
  let works = true
  const { world, untilSettled } = tellers(() => works)
  await untilSettled()
  await untilSettled()
  expect(world.tried).toHaveLength(1)
  works = false
  world.notice = asking('two')
  await untilSettled()
  expect(world.tried).toHaveLength(1 + 12)
})
