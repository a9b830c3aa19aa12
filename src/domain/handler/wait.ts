/** The kind `wait`: nobody works, and the task goes on by itself once the time is over. */
import { z } from 'zod'
import { lintDuration } from '../workflow/lint/common.ts'
import { durationMs, durationSchema, type Frame } from '../workflow/parts.ts'
import type { Handler } from './handler.ts'

const shape = { wait: z.strictObject({ for: durationSchema }).optional() }
type Wait = { for: string }
type Own = { wait?: Wait }

export interface WaitJob {
  kind: 'wait'
  frame: Frame
  wait: Wait
}

const LATER = (key: string) =>
  [`\`${key}\` is not available yet.`, 'Wait `for` a length of time, such as `3d`.'] as const

export const wait: Handler<WaitJob, Own> = {
  shape,
  settings: [],
  words: {
    who: 'a wait',
    work: 'how long it waits',
    lesson: job => `Tasks wait here for ${job.wait.for}, then go on by themselves.`,
  },
  gives: ['done'],
  chooses: null,
  later: { until: LATER('until'), timezone: LATER('timezone'), event: LATER('event'), if: LATER('if') },
  read: step => ({ kind: 'wait', frame: step, wait: step.wait ?? { for: '' } }),
  labels: () => ['done'],
  outputSchema: () => ({ type: 'null' }),
  texts: () => [],
  lint: (job, path, _around, report) => lintDuration(job.wait.for, [...path, 'wait', 'for'], report),
  spends: false,
  // What is published was linted, so it is a length of time.
  begin: (job, view) => [{ kind: 'awaiting', until: view.now + (durationMs(job.wait.for) ?? 0) }],
  judge: () => ({ kind: 'completed', label: 'done' }),
}
