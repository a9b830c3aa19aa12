/** The kind `prompt`: one model call, with no tools and no context. */
import { z } from 'zod'
import type { Frame } from '../workflow/parts.ts'
import type { Handler } from './handler.ts'
import { askModel, filesTexts, MODEL, modelOrder } from './parts/model.ts'

const shape = { prompt: z.string().min(1).max(60_000).optional() }
type Own = { prompt?: string }

export interface PromptJob {
  kind: 'prompt'
  frame: Frame
  prompt: string
}

export const prompt: Handler<PromptJob, Own> = {
  ...MODEL,
  shape,
  words: {
    who: 'a prompt',
    work: 'the prompt',
    lesson: () => 'A prompt is answered here, one model call for each task.',
  },
  read: step => ({ kind: 'prompt', frame: step, prompt: step.prompt ?? '' }),
  texts: step => [...(step.prompt === undefined ? [] : [{ path: ['prompt'], text: step.prompt }]), ...filesTexts(step)],
  lint: () => {},
  begin: (job, view) => askModel(job.prompt, job.frame, view),
  order: ({ frame }, run, pins) => modelOrder(frame, run, pins, null),
}
